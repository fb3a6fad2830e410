"""All checks, in the order in which they run."""

from typing import Final

from token_refresher_cli.doctor.alerting import ALARMS, ALERTS
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.documents import CLIENT_SECRETS, DUPLICATES, SECRETS
from token_refresher_cli.doctor.kms_keys import KEYS
from token_refresher_cli.doctor.leftovers import DEAD_LETTER, ESCROW, POINTERS
from token_refresher_cli.doctor.people import PEOPLE
from token_refresher_cli.doctor.redirect_uri import REDIRECT_URI
from token_refresher_cli.doctor.refresh_tokens import REFRESH_TOKENS
from token_refresher_cli.doctor.rights import IAM
from token_refresher_cli.doctor.schedule import SCHEDULE
from token_refresher_cli.doctor.stack import CLOCK_SKEW, STACK, TIMING
from token_refresher_cli.doctor.unread import UNREAD

CHECKS: Final[tuple[Check, ...]] = (
    STACK,
    SCHEDULE,
    TIMING,
    IAM,
    KEYS,
    REDIRECT_URI,
    ALERTS,
    ALARMS,
    DEAD_LETTER,
    ESCROW,
    SECRETS,
    PEOPLE,
    DUPLICATES,
    UNREAD,
    CLIENT_SECRETS,
    REFRESH_TOKENS,
    CLOCK_SKEW,
    POINTERS,
)
