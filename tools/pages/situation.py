"""A situation in which a person sees a page, and the example data of all situations."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.consent.service import LandingPage
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose_ads
from token_refresher.entrypoints.web.pages import Page, Pages
from token_refresher.invites.invite import Invite
from token_refresher.invites.links import ConnectLinks

NAME: Final = "search-ads"
OWNER: Final = "ads-owner@example.com"
COLLEAGUE: Final = "colleague@example.com"
OUTSIDER: Final = "outsider@example.com"
AT: Final = datetime(2026, 1, 31, 9, tzinfo=UTC)
LAST_TIME: Final = "2025-12-22T08:15:00Z"
INVITE: Final = Invite(NAME, "", AT - timedelta(days=1), AT + timedelta(days=6))
KNOWN: Final[dict[str, Any]] = {"words": MICROSOFT}
"""The facts of every page whose credential is known."""
ACCOUNT: Final[dict[str, Any]] = {**KNOWN, "account_id": "1234567", "account_name": "Example ads account"}

PAGES: Final = Pages(
    ConnectLinks(lambda: [Sensitive("planted-key")], "https://connect.example.com", timedelta(days=7), lambda: AT)
)


@dataclass(frozen=True)
class Situation:
    """One page, and how a person comes to it.

    Attributes:
        name: The name of its images.
        when: When the page is shown.
        next: The next step of the person.
        shown: The landing page, the result of a step, or ``None`` for a fault of this service.
        is_seen_in_full: Whether there is an image of both schemes on both screens.
    """

    name: str
    when: str
    next: str
    shown: LandingPage | ConsentResult | None
    is_seen_in_full: bool = False

    def page(self) -> Page:
        """Return the page, as the code renders it now."""
        match self.shown:
            case LandingPage():
                return PAGES.landing(self.shown, "INVITE")
            case ConsentResult():
                return PAGES.ending(self.shown)
            case None:
                return PAGES.broken()


def ended(ending: ConsentOutcome, **facts: Any) -> ConsentResult:
    """Return a result with an invite for a new start."""
    return ConsentResult(ending, NAME, INVITE, **facts)


def unverified(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the facts of an account that could not be checked."""
    return {
        "verified": False,
        "cause": diagnosis.cause,
        "action": diagnosis.next_step(MICROSOFT),
        "code": diagnosis.code,
    }


def ads(*codes: int, status: int = 400) -> Diagnosis:
    """Return the diagnosis of an answer of the Ads API."""
    return diagnose_ads(ProviderFailure(FailureKind.REFUSED, status, codes=codes))


NOTHING: Final = "Nothing: the page may be closed."
PRESSES: Final = "Presses “Continue to Microsoft”, chooses an account there, and accepts."
AGAIN: Final = "Starts again with the button."
FROM_THE_MESSAGE: Final = "Opens the link from the message."
WAITS: Final = "Waits a little, then starts again with the button."
