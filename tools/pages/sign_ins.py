"""The pages of a sign-in that works: the landing page, connected, connected soon."""

from typing import Any, Final

from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.consent.service import LandingPage
from tools.pages.situation import (
    ACCOUNT,
    KNOWN,
    LAST_TIME,
    NAME,
    NOTHING,
    OWNER,
    PRESSES,
    Situation,
    ads,
    ended,
    unverified,
)


def _landing(*, is_sandbox: bool = False, last: str = "") -> LandingPage:
    return LandingPage(
        NAME,
        ACCOUNT["words"],
        ACCOUNT["account_id"],
        last,
        LAST_TIME if last else "",
        ACCOUNT["account_name"],
        is_sandbox,
    )


def _connected(**facts: Any) -> ConsentResult:
    facts = {"username": OWNER, "at": "2026-01-31T10:13:00Z", **ACCOUNT, **facts}
    return ConsentResult(ConsentOutcome.CONNECTED, NAME, **facts)


def _soon(**facts: Any) -> ConsentResult:
    return ConsentResult(ConsentOutcome.CONNECTED_SOON, NAME, **{"username": OWNER, **ACCOUNT, **facts})


SIGN_INS: Final = (
    Situation(
        "landing",
        "The link was opened, and a person has connected this credential before.",
        PRESSES,
        _landing(last=OWNER),
        is_seen_in_full=True,
    ),
    Situation("landing-first-time", "The link was opened, and nobody has connected it yet.", PRESSES, _landing()),
    Situation(
        "landing-sandbox",
        "The link was opened, and the credential is for the sandbox.",
        f"{PRESSES} It has to be the personal account of the sandbox.",
        _landing(is_sandbox=True),
    ),
    Situation(
        "connected", "The tokens are stored, and the account was checked.", NOTHING, _connected(), is_seen_in_full=True
    ),
    Situation(
        "connected-unverified",
        "The tokens are stored; Microsoft Advertising did not say whether the person reaches the account.",
        NOTHING,
        _connected(**unverified(ads(status=503))),
    ),
    Situation(
        "connected-developer-token-refused",
        "The tokens are stored; Microsoft Advertising did not accept the operator's developer token.",
        NOTHING,
        _connected(**unverified(ads(105))),
    ),
    Situation(
        "connected-suspended",
        "The tokens are stored; the account is not active in Microsoft Advertising.",
        NOTHING,
        _connected(account_status="Suspended"),
    ),
    Situation(
        "connected-other-customer",
        "The tokens are stored; the account belongs to another customer than the secret says.",
        "Passes it on to the person who sent the link.",
        _connected(customer_id="7654321"),
    ),
    Situation(
        "connected-sandbox",
        "The tokens are stored, for the sandbox.",
        NOTHING,
        _connected(is_sandbox=True, username="ads-sandbox@outlook.example.com"),
    ),
    Situation(
        "connected-paused",
        "The tokens are stored; the operator has paused the credential.",
        NOTHING,
        _connected(is_paused=True),
    ),
    Situation(
        "connected-soon",
        "The tokens wait in escrow, because Secrets Manager does not take them at the moment.",
        NOTHING,
        _soon(),
    ),
    Situation(
        "connected-soon-unverified",
        "The tokens wait in escrow; Microsoft Advertising did not accept the operator's developer token.",
        NOTHING,
        _soon(**unverified(ads(105))),
    ),
    Situation(
        "connected-soon-suspended",
        "The tokens wait in escrow; the account is not active, and belongs to another customer than the secret says.",
        "Passes it on to the person who sent the link.",
        _soon(account_status="Suspended", customer_id="7654321"),
    ),
    Situation(
        "connected-soon-paused",
        "The tokens wait in escrow; the operator has paused the credential.",
        NOTHING,
        _soon(is_paused=True),
    ),
    Situation(
        "under-way",
        "The callback was hit a second time, before the first hit had finished.",
        "Reloads the page.",
        ended(ConsentOutcome.UNDER_WAY, **KNOWN),
    ),
    Situation(
        "already-done",
        "A person has connected the credential since the link was made.",
        NOTHING,
        ConsentResult(ConsentOutcome.ALREADY_DONE, NAME, previous_username=OWNER, at=LAST_TIME, **ACCOUNT),
    ),
)
