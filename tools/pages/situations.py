"""All situations in which a person sees a page."""

from typing import Final

from tools.pages.admin import ADMIN
from tools.pages.google import GOOGLE
from tools.pages.links import LINKS
from tools.pages.refusals import REFUSALS
from tools.pages.sign_ins import SIGN_INS

SITUATIONS: Final = (*SIGN_INS, *REFUSALS, *ADMIN, *LINKS, *GOOGLE)
