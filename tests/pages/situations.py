"""The situations in which a person sees a page, with plain example data."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.connect_link import ConnectLinks
from token_refresher.consent import Landing
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.diagnosis import Diagnosis, diagnose, diagnose_ads, diagnose_malformed
from token_refresher.endings import operator_needed, refused
from token_refresher.errors import MalformedCredentialError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.invite import Invite
from token_refresher.pages import Page, Pages
from token_refresher.sensitive import Sensitive

NAME: Final = "search-ads"
OWNER: Final = "ads-owner@example.com"
COLLEAGUE: Final = "colleague@example.com"
OUTSIDER: Final = "outsider@example.com"
AT: Final = datetime(2026, 1, 31, 9, tzinfo=UTC)
LAST_TIME: Final = "2025-12-22T08:15:00Z"
INVITE: Final = Invite(NAME, "", AT - timedelta(days=1), AT + timedelta(days=6))
ACCOUNT: Final[dict[str, Any]] = {"account_id": "1234567", "account_name": "Example ads account"}

PAGES: Final = Pages(
    ConnectLinks(lambda: [Sensitive("planted-key")], "https://connect.example.com", timedelta(days=7), lambda: AT)
)


@dataclass(frozen=True)
class Situation:
    """One page, and how a person comes to it.

    Attributes:
        name: What its images are called.
        when: When it is shown.
        next: What the person does then.
        shown: What the page is about: a landing page, an ending, or ``None`` for a fault of ours.
        is_seen_in_full: Whether it is kept in both schemes on both screens.
    """

    name: str
    when: str
    next: str
    shown: Landing | ConsentResult | None
    is_seen_in_full: bool = False

    def page(self) -> Page:
        """Return the page, as the code renders it now."""
        match self.shown:
            case Landing():
                return PAGES.landing(self.shown, "INVITE")
            case ConsentResult():
                return PAGES.ending(self.shown)
            case None:
                return PAGES.broken()


def _landing(*, is_sandbox: bool = False, last: str = "") -> Landing:
    return Landing(NAME, ACCOUNT["account_id"], last, LAST_TIME if last else "", ACCOUNT["account_name"], is_sandbox)


def _ended(ending: Ending, **facts: Any) -> ConsentResult:
    """Return an ending after which one may start again."""
    return ConsentResult(ending, NAME, INVITE, **facts)


def _no_access(diagnosis: Diagnosis) -> ConsentResult:
    words = {"cause": diagnosis.cause, "action": diagnosis.next_step, "code": diagnosis.code}
    return _ended(Ending.NO_ACCOUNT_ACCESS, username=OUTSIDER, **words, **ACCOUNT)


def _connected(**facts: Any) -> ConsentResult:
    facts = {"username": OWNER, "at": "2026-01-31T10:13:00Z", **ACCOUNT, **facts}
    return ConsentResult(Ending.CONNECTED, NAME, **facts)


def _soon(**facts: Any) -> ConsentResult:
    return ConsentResult(Ending.CONNECTED_SOON, NAME, **{"username": OWNER, **ACCOUNT, **facts})


def _unverified(diagnosis: Diagnosis) -> dict[str, Any]:
    return {"verified": False, "cause": diagnosis.cause, "action": diagnosis.next_step, "code": diagnosis.code}


def _failure(error: str, code: int | None = None) -> Diagnosis:
    return diagnose(ProviderFailure(FailureKind.REFUSED, 400, error, codes=() if code is None else (code,)))


def _refused(error: str, code: int | None = None) -> ConsentResult:
    return replace(refused(INVITE, _failure(error, code)), **ACCOUNT)


def _ads(*codes: int, status: int = 400) -> Diagnosis:
    return diagnose_ads(ProviderFailure(FailureKind.REFUSED, status, codes=codes))


_NOTHING: Final = "Nothing: the page may be closed."
_PRESSES: Final = "Presses “Continue to Microsoft”, chooses an account there, and accepts."
_AGAIN: Final = "Starts again with the button."
_FROM_THE_MESSAGE: Final = "Opens the link from the message."
_WAITS: Final = "Waits a little, then starts again with the button."

SITUATIONS: Final = (
    Situation(
        "landing",
        "The link was opened, and somebody has connected this credential before.",
        _PRESSES,
        _landing(last=OWNER),
        is_seen_in_full=True,
    ),
    Situation("landing-first-time", "The link was opened, and nobody has connected it yet.", _PRESSES, _landing()),
    Situation(
        "landing-sandbox",
        "The link was opened, and the credential is for the sandbox.",
        f"{_PRESSES} It has to be the personal account of the sandbox.",
        _landing(is_sandbox=True),
    ),
    Situation(
        "connected", "The tokens are stored, and the account was checked.", _NOTHING, _connected(), is_seen_in_full=True
    ),
    Situation(
        "connected-unverified",
        "The tokens are stored; Microsoft Advertising did not say whether the person reaches the account.",
        _NOTHING,
        _connected(**_unverified(_ads(status=503))),
    ),
    Situation(
        "connected-developer-token-refused",
        "The tokens are stored; Microsoft Advertising did not accept the operator's developer token.",
        _NOTHING,
        _connected(**_unverified(_ads(105))),
    ),
    Situation(
        "connected-suspended",
        "The tokens are stored; the account is not active in Microsoft Advertising.",
        _NOTHING,
        _connected(account_status="Suspended"),
    ),
    Situation(
        "connected-other-customer",
        "The tokens are stored; the account belongs to another customer than the secret says.",
        "Passes it on to whoever sent the link.",
        _connected(customer_id="7654321"),
    ),
    Situation(
        "connected-sandbox",
        "The tokens are stored, for the sandbox.",
        _NOTHING,
        _connected(is_sandbox=True, username="ads-sandbox@outlook.example.com"),
    ),
    Situation(
        "connected-paused",
        "The tokens are stored; the operator has paused the credential.",
        _NOTHING,
        _connected(is_paused=True),
    ),
    Situation(
        "connected-soon",
        "The tokens wait in escrow, for Secrets Manager does not take them at the moment.",
        _NOTHING,
        _soon(),
    ),
    Situation(
        "connected-soon-unverified",
        "The tokens wait in escrow; Microsoft Advertising did not accept the operator's developer token.",
        _NOTHING,
        _soon(**_unverified(_ads(105))),
    ),
    Situation(
        "connected-soon-suspended",
        "The tokens wait in escrow; the account is not active, and belongs to another customer than the secret says.",
        "Passes it on to whoever sent the link.",
        _soon(account_status="Suspended", customer_id="7654321"),
    ),
    Situation(
        "connected-soon-paused",
        "The tokens wait in escrow; the operator has paused the credential.",
        _NOTHING,
        _soon(is_paused=True),
    ),
    Situation(
        "under-way",
        "The callback was hit a second time, while the first hit was still at work.",
        "Reloads the page.",
        _ended(Ending.UNDER_WAY),
    ),
    Situation(
        "already-done",
        "Somebody has connected since the link was made.",
        _NOTHING,
        ConsentResult(Ending.ALREADY_DONE, NAME, previous_username=OWNER, at=LAST_TIME, **ACCOUNT),
    ),
    Situation(
        "other-person",
        "Somebody else signed in than the last time.",
        "Chooses who connects the credential; either way signs in once more.",
        _ended(
            Ending.OTHER_PERSON,
            username=COLLEAGUE,
            person="colleague",
            previous_username=OWNER,
            at=LAST_TIME,
            **ACCOUNT,
        ),
    ),
    Situation(
        "no-account-access",
        "Microsoft Advertising does not let the person into the account.",
        "Signs in as somebody who may use it, or asks an administrator of the account for access.",
        _no_access(_ads(106)),
    ),
    Situation(
        "no-account-access-wrong-kind",
        "The person has access with another kind of account, such as a work account.",
        "Signs in with that account.",
        _no_access(_ads(122)),
    ),
    Situation(
        "operator-told",
        "The operator has to act, such as for a client secret that has expired, and was told.",
        "Nothing, until the operator says so.",
        replace(operator_needed(NAME, _failure("invalid_client", 7000222), INVITE, told=True), **ACCOUNT),
    ),
    Situation(
        "operator-not-told",
        "The operator has to act and has not been told, such as for a secret that cannot be read.",
        "Passes it on to whoever sent the link.",
        operator_needed(NAME, diagnose_malformed(MalformedCredentialError("client_id", "is missing"))),
    ),
    Situation(
        "refused-declined",
        "The permissions were not accepted at Microsoft (`access_denied`).",
        f"{_AGAIN} Or leaves it, if that was meant.",
        _refused("access_denied"),
    ),
    Situation(
        "refused-consent-required",
        "Microsoft wants the permissions to be accepted again (`consent_required`).",
        _AGAIN,
        _refused("consent_required", 65001),
    ),
    Situation(
        "refused-interaction-required",
        "Microsoft asks for a step that only the person can take (`interaction_required`).",
        _AGAIN,
        _refused("interaction_required", 50076),
    ),
    Situation(
        "try-again-later",
        "Microsoft had a fault of its own (`server_error`), or did not answer.",
        _WAITS,
        _refused("server_error"),
    ),
    Situation(
        "code-expired",
        "The code of the sign-in came too late, or for the second time.",
        _AGAIN,
        _refused("invalid_grant", 70008),
    ),
    Situation(
        "store-down",
        "The sign-in was good, and could be stored nowhere.",
        _WAITS,
        _ended(Ending.STORE_DOWN, **ACCOUNT),
    ),
    Situation(
        "no-refresh-token",
        "The answer had no refresh token.",
        f"{_AGAIN} Microsoft asks for the permissions again.",
        _ended(Ending.NO_REFRESH_TOKEN, username=OWNER, **ACCOUNT),
    ),
    Situation(
        "missing-scope",
        "The person was signed in without `msads.manage`.",
        f"{_AGAIN} Microsoft asks for the permissions again.",
        _ended(Ending.MISSING_SCOPE, username=OWNER, **ACCOUNT),
    ),
    Situation(
        "unknown-person",
        "The ID token is missing, or belongs to another sign-in.",
        _AGAIN,
        _ended(Ending.UNKNOWN_PERSON, **ACCOUNT),
    ),
    Situation(
        "expired-invite",
        "The link is older than `ConnectLinkDays`.",
        "Looks for a later message, or asks for a new link.",
        ConsentResult(Ending.EXPIRED_INVITE, NAME),
    ),
    Situation(
        "withdrawn-invite",
        "The operator has withdrawn the links that were sent until then.",
        "Looks for a later message, or asks for a new link.",
        ConsentResult(Ending.WITHDRAWN_INVITE, NAME),
    ),
    Situation(
        "invalid-invite",
        "The link was altered, or is for no credential. The page does not tell which, and names nothing.",
        f"{_FROM_THE_MESSAGE[:-1]} again, or asks for a new one.",
        ConsentResult(Ending.INVALID_INVITE),
    ),
    Situation(
        "unknown-state",
        "Microsoft sent somebody back with a state that is unknown, used, or older than ten minutes.",
        _FROM_THE_MESSAGE,
        ConsentResult(Ending.UNKNOWN_STATE),
    ),
    Situation(
        "foreign-browser",
        "The sign-in was started in another browser.",
        f"{_FROM_THE_MESSAGE[:-1]} in the browser of the sign-in.",
        ConsentResult(Ending.FOREIGN_BROWSER),
    ),
    Situation(
        "unavailable",
        "AWS does not answer, so that not even the link can be read.",
        f"{_FROM_THE_MESSAGE[:-1]} again, a few minutes later.",
        ConsentResult(Ending.UNAVAILABLE),
    ),
    Situation("broken", "This service has a fault.", f"{_FROM_THE_MESSAGE[:-1]} again, a few minutes later.", None),
)
