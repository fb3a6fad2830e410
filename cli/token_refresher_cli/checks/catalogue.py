"""All checks, in the order in which they are made and shown."""

from typing import Final

from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.documents import CLIENT_SECRETS, DUPLICATES, REFRESH_TOKENS, SECRETS
from token_refresher_cli.checks.leftovers import DEAD_LETTER, ESCROW, POINTERS
from token_refresher_cli.checks.pages import REDIRECT_URI
from token_refresher_cli.checks.people import PEOPLE
from token_refresher_cli.checks.reads import UNREAD
from token_refresher_cli.checks.rights import IAM
from token_refresher_cli.checks.schedule import SCHEDULE
from token_refresher_cli.checks.stack import CLOCK_SKEW, STACK, TIMING
from token_refresher_cli.checks.telling import ALARMS, ALERTS

CHECKS: Final[tuple[Check, ...]] = (
    STACK,
    SCHEDULE,
    TIMING,
    IAM,
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
