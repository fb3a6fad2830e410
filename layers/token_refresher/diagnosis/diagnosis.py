"""Diagnose a failure: who has to act, why, and how. The catalogue has the meanings, this module their precedence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import readable_time
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.words import MICROSOFT, Words
from token_refresher.diagnosis.catalogue import (
    Actor,
    Concern,
    Meaning,
    OwnMeaning,
    aadsts_codes,
    ads_codes,
    disputed_codes,
    meanings,
    oauth_errors,
    phrases,
    suberrors,
)
from token_refresher.diagnosis.without_oauth import remedy, without_oauth

__all__ = [
    "CONSENT_DECLINED",
    "FIRST_CONSENT",
    "HELD_BACK",
    "KEPT",
    "LASTING",
    "LESS_SCOPE",
    "MALFORMED_CREDENTIAL",
    "NOT_PUBLISHED",
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
    "no_access_token",
    "our_own",
    "tokens_kept",
    "too_many_versions",
    "unusable_answer",
]

CONSENT_DECLINED: Final = "consent_declined"
FIRST_CONSENT: Final = "first_consent"
"""The meaning and the condition of a credential that nobody has signed in for yet."""
HELD_BACK: Final = "held_back"
KEPT: Final = "kept"
LASTING: Final = "lasting"
"""The meaning and the condition of a failure that usually passes by itself and has not: one incident for any cause."""

LESS_SCOPE: Final = "less_scope"
NOT_PUBLISHED: Final = "not_published"
MALFORMED_CREDENTIAL: Final = "malformed_credential"
TOO_MANY_VERSIONS: Final = "too_many_versions"
UNKNOWN: Final = "unknown"

_CONSENT: Final = "consent"
_CLIENT_SECRET: Final = "client_secret"
_CLIENT_SECRET_MEANINGS: Final = frozenset(
    {"client_secret_wrong", "client_secret_expired", "client_secret_missing", "client_refused"}
)
"""A valid client secret ends all of them. Microsoft's code changes when an expired client secret is deleted."""

_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERRORS: Final = 500

_NUMBER_PAGE: Final = "https://login.microsoftonline.com/error?code="
_ERRORS_PAGE: Final = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes"
_ADS_PAGE: Final = "https://learn.microsoft.com/advertising/guides/operation-error-codes"


@dataclass(frozen=True)
class Diagnosis:
    """The meaning of one failure, with its facts.

    Attributes:
        code: The code to search for: an AADSTS number, an OAuth error, or a name from the catalogue.
        actor: Who has to act.
        certain: Whether one such answer is enough, or must be confirmed before anybody is notified.
        cause: Why it happened, in plain words.
        action: What to do, in plain words.
        correlation_id: The id that Microsoft's support asks for, or empty.
        meaning: The name of the meaning, which policy compares.
        error: The OAuth error of the answer, or empty.
        suberror: The suberror of the answer, or empty.
        http_status: The status of the answer, or ``None`` without an answer.
        reason: Why the call failed (`Reason`), or empty if there is an OAuth answer.
        help_url: Microsoft's page on the code, or empty if the code is not Microsoft's.
        concerns: What is affected: the credential, every credential of the application, or AWS.
        outage: Whether the provider is down for everybody.
        pause: The shortest pause before the next attempt.
        explained: Whether an earlier exchange explains the failure, so that less has to be confirmed.
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
    reason: str = ""
    help_url: str = ""
    concerns: Concern = Concern.CREDENTIAL
    outage: bool = False
    pause: timedelta = timedelta(0)
    explained: bool = False

    @property
    def summary(self) -> str:
        """The code and the cause in one line, as consumers read it."""
        return f"{self.code}: {self.cause}"

    @property
    def condition(self) -> str:
        """What is wrong, as far as people act differently: whatever ended a sign-in, they sign in again."""
        if self.actor is Actor.USER:
            return FIRST_CONSENT if self.meaning == FIRST_CONSENT else _CONSENT
        return _CLIENT_SECRET if self.meaning in _CLIENT_SECRET_MEANINGS else self.meaning or self.code

    @property
    def may_pass_at_once(self) -> bool:
        """Whether the refusal is uncertain: the next call may succeed."""
        return self.actor is Actor.USER and not self.certain and not self.explained

    def what_happened(self, words: Words) -> str:
        """Return the cause for a person on a page, who does not know what a refresh token is."""
        return (self.meaning in meanings() and meanings()[self.meaning].of(words).what_happened) or self.cause

    def next_step(self, words: Words) -> str:
        """Return the action for a person on a page, who has the sign-in button in front of them."""
        return (self.meaning in meanings() and meanings()[self.meaning].of(words).next_step) or self.action

    def if_it_lasts(self, words: Words) -> str:
        """Return the action if the failure does not pass: that of its reason, of its meaning, or the first one."""
        known = remedy(self.reason, words)
        return known or (self.meaning in meanings() and meanings()[self.meaning].of(words).if_it_lasts) or self.action


def diagnose(
    failure: ProviderFailure, words: Words = MICROSOFT, own: Mapping[str, OwnMeaning] | None = None
) -> Diagnosis:
    """Diagnose a failure of the token or the authorization endpoint.

    The HTTP status takes precedence: a 429 or a 5xx passes, whatever the body says. Microsoft's advice for a refusal is
    to react to ``error`` and to use the code for details. Here a known code comes before ``suberror``, and that before
    ``error``: ``invalid_grant`` is sent for throttling (50196) and for an expired sign-in, and the same code is sent
    with several errors, of which only some point to the right actor. The text counts only if nothing else decides
    (`hint`). For an unknown refusal nobody has to act, and the worker tries again.

    Args:
        failure: What is known of the failure.
        words: How texts name the provider.
        own: What the error codes of this provider mean, if they mean more than the RFC says; ``None`` for Microsoft,
            whose numbers, suberrors and phrases nobody else has.

    Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
    """
    number, by_status = _number(failure), without_oauth(failure)
    if by_status is not None:
        name, meaning = by_status
        # A 429 may have the code of a meaning with a longer pause.
        by_code = aadsts_codes().get(number or 0, meaning)
        return _diagnosis(name, replace(meaning, pause=max(meaning.pause, by_code.pause)), failure, words=words)
    evidence = _of_microsoft(failure) if own is None else _of_another(failure, own)
    code, found = next(evidence, (_as_sent(failure), meanings()[UNKNOWN]))
    page = (f"{_NUMBER_PAGE}{number}" if number else _ERRORS_PAGE) if own is None else ""
    return _diagnosis(code, found, failure, page, words)


def diagnose_ads(failure: ProviderFailure) -> Diagnosis:
    """Diagnose a failure of the Microsoft Advertising API.

    A known code takes precedence over the status: the API sends faults with status 500, and sometimes 200. Of several
    codes, one about the person comes first.

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
    """Return the diagnosis for a secret that is no valid credential document."""
    action = f"Correct {error.field or 'the secret'}. Token Refresher reads the secret again as soon as it changes."
    cause = f"The secret cannot be used: {error}."
    code = f"{MALFORMED_CREDENTIAL}.{error.field}" if error.field else MALFORMED_CREDENTIAL
    return Diagnosis(code, Actor.OPERATOR, certain=True, cause=cause, action=action, meaning=MALFORMED_CREDENTIAL)


def first_consent(words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that nobody has consented yet."""
    return our_own(FIRST_CONSENT, words)


def consent_without_refresh_token(words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that the scope of a credential does not request a refresh token."""
    return our_own("consent_without_refresh_token", words)


def tokens_kept(words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that new tokens are stored, but not current yet."""
    return our_own(KEPT, words)


def unusable_answer(words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that a sign-in brought no access token."""
    return our_own("unusable_answer", words)


def no_access_token(words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that an answer had a refresh token, but no valid access token."""
    return our_own("no_access_token", words)


def held_back(words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis that a credential was not tried, because the provider is down for everybody."""
    return our_own(HELD_BACK, words)


def too_many_versions(allowed_at: datetime) -> Diagnosis:
    """Return the diagnosis that one more refresh would exhaust the versions of the secret."""
    known = our_own(TOO_MANY_VERSIONS)
    return replace(known, cause=f"{known.cause} The next one is allowed at {readable_time(allowed_at)}.")


def after_unclean_end(diagnosis: Diagnosis, began_at: datetime, words: Words = MICROSOFT) -> Diagnosis:
    """Add to a diagnosis that an earlier exchange got no answer, and that the old refresh token was used again.

    Microsoft keeps an old refresh token valid, and its refusals have codes. A strict provider revokes the sign-in
    (RFC 9700, section 4.14.2) and answers only ``invalid_grant``. So the earlier exchange explains a bare one.
    """
    what_happened = (
        f" An attempt at {readable_time(began_at)} got no answer, so {words.provider} may have replaced the refresh"
        " token then. The old one was used once more, and a strict provider answers that by revoking the sign-in."
    )
    is_bare = diagnosis.code == diagnosis.error and not diagnosis.suberror
    return replace(diagnosis, cause=diagnosis.cause + what_happened, explained=is_bare)


def _of_another(failure: ProviderFailure, own: Mapping[str, OwnMeaning]) -> Iterator[tuple[str, Meaning]]:
    """Yield the possible meanings of a refusal with their codes: the provider's own one, then that of the RFC."""
    if failure.error in own:
        row = own[failure.error]
        yield failure.error, meanings()[row.meaning].saying({"cause": row.cause, "action": row.action})
    if failure.error in oauth_errors():
        yield failure.error, oauth_errors()[failure.error]


def _of_microsoft(failure: ProviderFailure) -> Iterator[tuple[str, Meaning]]:
    """Yield the possible meanings of a refusal of Microsoft's with their codes, the best evidence first."""
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
    """Return the most precise code. Of two codes the first is general, such as 70002."""
    return failure.codes[-1] if failure.codes else None


def _as_sent(failure: ProviderFailure) -> str:
    return str(_number(failure) or failure.error or UNKNOWN)


def our_own(name: str, words: Words = MICROSOFT) -> Diagnosis:
    """Return the diagnosis for a meaning that comes from no answer of a provider."""
    return _diagnosis(name, meanings()[name], None, words=words)


def _diagnosis(
    code: str, found: Meaning, failure: ProviderFailure | None, help_url: str = "", words: Words = MICROSOFT
) -> Diagnosis:
    said = found.of(words)
    return Diagnosis(
        code,
        found.actor,
        found.certain,
        said.cause,
        said.action,
        correlation_id=failure.correlation_id if failure else "",
        meaning=found.name,
        error=failure.error if failure else "",
        suberror=failure.suberror if failure else "",
        http_status=failure.http_status if failure else None,
        reason=str(failure.reason) if failure and failure.reason else "",
        help_url=help_url,
        concerns=found.concerns,
        outage=found.outage,
        pause=found.pause,
    )
