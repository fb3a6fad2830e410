"""All situations in which people get a message."""

from typing import Final

from tools.alerts.account import ACCOUNT
from tools.alerts.application import APPLICATION
from tools.alerts.expiry import EXPIRY
from tools.alerts.good_news import GOOD_NEWS
from tools.alerts.google import GOOGLE
from tools.alerts.outages import OUTAGES
from tools.alerts.secret import SECRET
from tools.alerts.sign_ins import SIGN_INS

SITUATIONS: Final = (*SIGN_INS, *ACCOUNT, *APPLICATION, *SECRET, *OUTAGES, *EXPIRY, *GOOD_NEWS, *GOOGLE)
