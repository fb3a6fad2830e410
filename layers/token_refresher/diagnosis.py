"""What a failure means: who must act, why, and how. The order of evidence is here; the knowledge is `meaning`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.clock import readable_time
from token_refresher.errors import MalformedCredentialError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.meaning import (
    Actor,
    Concern,
    Meaning,
    aadsts_codes,
    ads_codes,
    disputed_codes,
    meanings,
    oauth_errors,
    phrases,
    suberrors,
)

__all__ = [
    "CONSENT_DECLINED",
    "FIRST_CONSENT",
    "KEPT",
    "MALFORMED_CREDENTIAL",
    "TOO_MANY_VERSIONS",
    "UNKNOWN",
    "Actor",
    "Concern",
    "Diagnosis",
    "after_unclean_end",
    "consent_without_refresh_token",
    "diagnose",
    "diagnose_ads",
    "diagnose_malformed",
    "first_consent",
    "held_back",
    "tokens_kept",
    "too_many_versions",
    "unknown_for_long",
    "unusable_answer",
]

CONSENT_DECLINED: Final = "consent_declined"
FIRST_CONSENT: Final = "first_consent"
"""The meaning, and the condition, of a credential that nobody has signed in for yet."""
KEPT: Final = "kept"
MALFORMED_CREDENTIAL: Final = "malformed_credential"
TOO_MANY_VERSIONS: Final = "too_many_versions"
UNKNOWN: Final = "unknown"

_CONSENT: Final = "consent"
_CLIENT_SECRET: Final = "client_secret"
_OF_THE_CLIENT_SECRET: Final = frozenset(
    {"client_secret_wrong", "client_secret_expired", "client_secret_missing", "client_refused"}
)
"""Whichever of them Microsoft names, a good client secret ends it. The name changes when an expired one is deleted."""

_TOO_MANY_REQUESTS: Final = 429
_REQUEST_TIMEOUT: Final = 408
_SERVER_ERRORS: Final = 500

_NUMBER_PAGE: Final = "https://login.microsoftonline.com/error?code="
_ERRORS_PAGE: Final = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes"
_ADS_PAGE: Final = "https://learn.microsoft.com/advertising/guides/operation-error-codes"


@dataclass(frozen=True)
class Diagnosis:
    """What a failure means.

    Attributes:
        code: An AADSTS number, an OAuth error, or a name of our own: what to search for.
        actor: Who has to act.
        certain: Whether one such answer is enough, or must be confirmed before anybody is told.
        cause: Why it happened, in plain words.
        action: What to do, in plain words.
        correlation_id: What Microsoft's support asks for, or empty.
        meaning: The name of the meaning: what policy compares.
        error: The OAuth error that was sent, or empty.
        suberror: The suberror that was sent, or empty.
        http_status: The status of the answer, or ``None`` where there was none.
        help_url: Microsoft's page on the code, or empty where the code is our own.
        concerns: What has the trouble: the credential, or every credential of the application.
        outage: Whether it says that the provider is down for everybody.
        pause: The least time to leave the credential alone.
    """

    code: str
    actor: Actor
    certain: bool
    cause: str
    action: str
    correlation_id: str = ""
    meaning: str = ""
    error: str = ""
    suberror: str = ""
    http_status: int | None = None
    help_url: str = ""
    concerns: Concern = Concern.CREDENTIAL
    outage: bool = False
    pause: timedelta = timedelta(0)

    @property
    def condition(self) -> str:
        """What is wrong, as far as it makes a difference to people: whatever ended a sign-in, they sign in again."""
        if self.actor is Actor.USER:
            return FIRST_CONSENT if self.meaning == FIRST_CONSENT else _CONSENT
        return _CLIENT_SECRET if self.meaning in _OF_THE_CLIENT_SECRET else self.meaning or self.code

    @property
    def what_happened(self) -> str:
        """The cause, for somebody who stands on one of our pages and knows nothing of refresh tokens."""
        return (self.meaning in meanings() and meanings()[self.meaning].what_happened) or self.cause

    @property
    def next_step(self) -> str:
        """The action, for somebody who stands on one of our pages and has the button in front of them."""
        return (self.meaning in meanings() and meanings()[self.meaning].next_step) or self.action


def diagnose(failure: ProviderFailure) -> Diagnosis:
    """Say what a failure of the token or the authorize endpoint means.

    The HTTP status goes first: whatever a 429 or a 5xx says, it passes. Of a refusal, Microsoft asks to react to
    ``error`` and to let the code refine it. Here a code that is known goes before ``error``, and ``suberror`` stands
    between the two: ``invalid_grant`` comes with throttling (50196) as with an expired sign-in, the same number comes
    with several errors, and only some of them route it right. The text counts where there is nothing else (`hint`).
    What is unknown altogether is nobody's to mend, and tried again.

    Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
    """
    number, passing = _number(failure), _by_status(failure)
    if passing:
        by_status = meanings()[passing]
        # A 429 may well carry the number of a longer pause.
        by_code = aadsts_codes().get(number or 0, by_status)
        return _diagnosis(passing, replace(by_status, pause=max(by_status.pause, by_code.pause)), failure)
    code, found = next(_evidence(failure), (_as_sent(failure), meanings()[UNKNOWN]))
    return _diagnosis(code, found, failure, f"{_NUMBER_PAGE}{number}" if number else _ERRORS_PAGE)


def diagnose_ads(failure: ProviderFailure) -> Diagnosis:
    """Say what a failure of the Microsoft Advertising API means.

    A known code goes before the status here: the API sends its faults with 500, and sometimes with 200. Of several, one
    that is about the person goes first.

    Source: https://learn.microsoft.com/advertising/guides/operation-error-codes
    """
    status = failure.http_status
    if status == _TOO_MANY_REQUESTS:
        return _diagnosis("ads_throttled", meanings()["ads_throttled"], failure)
    known = [(str(code), ads_codes()[code]) for code in failure.codes if code in ads_codes()]
    if known and status is not None and status <= _SERVER_ERRORS:
        code, found = next((one for one in known if one[1].actor is Actor.USER), known[0])
        return _diagnosis(code, found, failure, _ADS_PAGE)
    if failure.kind is not FailureKind.REFUSED or status is None or status >= _SERVER_ERRORS:
        return _diagnosis("ads_unavailable", meanings()["ads_unavailable"], failure)
    code = str(failure.codes[-1]) if failure.codes else "ads_unknown"
    return _diagnosis(code, meanings()["ads_unknown"], failure, _ADS_PAGE if failure.codes else "")


def diagnose_malformed(error: MalformedCredentialError) -> Diagnosis:
    """Say what to do about a secret that is no credential document."""
    action = f"Correct {error.field or 'the secret'}. The secret is looked at again as soon as it changes."
    cause = f"The secret cannot be used: {error}."
    code = f"{MALFORMED_CREDENTIAL}.{error.field}" if error.field else MALFORMED_CREDENTIAL
    return Diagnosis(code, Actor.OPERATOR, certain=True, cause=cause, action=action, meaning=MALFORMED_CREDENTIAL)


def first_consent() -> Diagnosis:
    """Say that a credential was never consented to."""
    return _our_own(FIRST_CONSENT)


def consent_without_refresh_token() -> Diagnosis:
    """Say that the scope of a credential cannot bring a refresh token."""
    return _our_own("consent_without_refresh_token")


def tokens_kept() -> Diagnosis:
    """Say that new tokens are safe, and could not be made current yet."""
    return _our_own(KEPT)


def unusable_answer() -> Diagnosis:
    """Say that an answer brought no access token."""
    return _our_own("unusable_answer")


def held_back() -> Diagnosis:
    """Say that a credential was not tried, because the provider is down for everybody."""
    return _our_own("held_back")


def too_many_versions(allowed_at: datetime) -> Diagnosis:
    """Say that a credential was refreshed so often that its secret would run out of versions."""
    known = _our_own(TOO_MANY_VERSIONS)
    return replace(known, cause=f"{known.cause} The next one is allowed at {readable_time(allowed_at)}.")


def unknown_for_long(diagnosis: Diagnosis, since: datetime) -> Diagnosis:
    """Say that a refusal nobody knows has not passed by itself, so that the operator has to look into it.

    Args:
        diagnosis: Of the last refusal; its code, its facts and its page stay.
        since: When the first of them came.
    """
    known = meanings()["unknown_for_long"]
    return replace(
        diagnosis,
        actor=known.actor,
        certain=known.certain,
        cause=f"{known.cause} It has done so since {readable_time(since)}.",
        action=known.action,
        meaning=known.name,
    )


def after_unclean_end(diagnosis: Diagnosis, began_at: datetime) -> Diagnosis:
    """Add what happened before: an exchange whose answer never came, after which the old refresh token was used again.

    Microsoft keeps an old refresh token valid; a strict provider revokes the sign-in (RFC 9700, section 4.14.2).
    """
    what_happened = (
        f" An attempt at {readable_time(began_at)} got no answer, so the refresh token may have been replaced without"
        " our hearing of it; it was used once more, which a strict provider answers by revoking the sign-in."
    )
    return replace(diagnosis, cause=diagnosis.cause + what_happened)


def _by_status(failure: ProviderFailure) -> str:
    """Return the meaning of an answer whose body does not matter, or nothing."""
    status = failure.http_status
    if failure.kind is FailureKind.NOT_SENT:
        return "not_sent"
    if failure.kind is FailureKind.NO_ANSWER or status is None:
        return "no_answer"
    if status == _TOO_MANY_REQUESTS:
        return "throttled"
    if status == _REQUEST_TIMEOUT:
        return "timed_out"
    if status >= _SERVER_ERRORS:
        return "server_error"
    return "unusable_answer" if failure.kind is FailureKind.UNUSABLE_ANSWER else ""


def _evidence(failure: ProviderFailure) -> Iterator[tuple[str, Meaning]]:
    """Yield what a refusal may mean, the best evidence first, each with what to search for."""
    number = _number(failure)
    phrase = phrases().get(failure.hint)
    if phrase:
        yield str(number or failure.error or failure.hint), phrase.meaning
    if number in aadsts_codes() and number not in disputed_codes():
        yield str(number), aadsts_codes()[number]
    if failure.suberror in suberrors():
        yield failure.suberror, suberrors()[failure.suberror]
    if failure.error in oauth_errors():
        yield failure.error, oauth_errors()[failure.error]
    if number in disputed_codes():
        yield str(number), aadsts_codes()[number]


def _number(failure: ProviderFailure) -> int | None:
    """Return the number that tells: two come general first (70002, then what it really was)."""
    return failure.codes[-1] if failure.codes else None


def _as_sent(failure: ProviderFailure) -> str:
    return str(_number(failure) or failure.error or UNKNOWN)


def _our_own(name: str) -> Diagnosis:
    return _diagnosis(name, meanings()[name], None)


def _diagnosis(code: str, found: Meaning, failure: ProviderFailure | None, help_url: str = "") -> Diagnosis:
    return Diagnosis(
        code,
        found.actor,
        found.certain,
        found.cause,
        found.action,
        correlation_id=failure.correlation_id if failure else "",
        meaning=found.name,
        error=failure.error if failure else "",
        suberror=failure.suberror if failure else "",
        http_status=failure.http_status if failure else None,
        help_url=help_url,
        concerns=found.concerns,
        outage=found.outage,
        pause=found.pause,
    )
