"""A few of the same pages for a credential of another provider than Microsoft."""

from dataclasses import replace
from typing import Any, Final

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.consent.result import ConsentOutcome, ConsentResult, refused
from token_refresher.consent.service import LandingPage
from token_refresher.diagnosis.diagnosis import diagnose
from token_refresher.invites.invite import Invite
from token_refresher.providers.catalogue.builtin import builtin
from tools.pages.situation import AGAIN, AT, INVITE, LAST_TIME, NOTHING, Situation

_NAME: Final = "web-analytics"
_ENTRY: Final = builtin("google")
_KNOWN: Final[dict[str, Any]] = {"words": _ENTRY.words}
_INVITE: Final = Invite(_NAME, "", AT, INVITE.expires_at)
_PRESSES: Final = "Presses “Continue to Google”, chooses an account there, and accepts."


def _declined() -> ConsentResult:
    failure = ProviderFailure(FailureKind.REFUSED, 400, "access_denied")
    result = refused(_INVITE, diagnose(failure, _ENTRY.words, _ENTRY.errors), _ENTRY.words)
    return replace(result, **_KNOWN)


GOOGLE: Final = (
    Situation(
        "google-landing-first-time",
        "The link was opened, the credential is one of Google's, and nobody has connected it yet.",
        _PRESSES,
        LandingPage(_NAME, _ENTRY.words, "", "", ""),
    ),
    Situation(
        "google-landing-nobody-named",
        "The link was opened, and the person who connected this credential before is not known by name.",
        _PRESSES,
        LandingPage(_NAME, _ENTRY.words, "", "", LAST_TIME),
    ),
    Situation(
        "google-connected",
        "The tokens are stored; there is no account to check.",
        NOTHING,
        ConsentResult(
            ConsentOutcome.CONNECTED, _NAME, username="owner@example.com", at="2026-01-31T10:13:00Z", **_KNOWN
        ),
    ),
    Situation(
        "google-refused-declined",
        "The permissions were not accepted at Google (`access_denied`).",
        f"{AGAIN} Or closes the page, if they meant to decline.",
        _declined(),
    ),
)
