"""The failures of a provider that many tests use."""

from datetime import timedelta

from token_refresher.base.backoff import CALLS_PER_ATTEMPT
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.diagnosis.diagnosis import diagnose

CORRELATION_ID = "00000000-0000-4000-8000-000000000001"


def refused(code: int | None, error: str = "invalid_grant") -> ProviderFailure:
    """Return an error answer of the token endpoint, with an AADSTS code or without."""
    codes = () if code is None else (code,)
    return ProviderFailure(FailureKind.REFUSED, 400, error, codes=codes, correlation_id=CORRELATION_ID)


def unavailable(status: int = 503, retry_after: timedelta | None = None) -> ProviderFailure:
    """Return a server error of the provider."""
    return ProviderFailure(FailureKind.UNUSABLE_ANSWER, status, retry_after=retry_after)


NO_ANSWER = ProviderFailure(FailureKind.NO_ANSWER)
REVOKED = refused(50173)
AMBIGUOUS = refused(70000)
SECRET_EXPIRED = refused(7000222, "invalid_client")


def throughout_an_attempt(failure: ProviderFailure) -> list[ProviderFailure]:
    """Return a failure as often as one attempt meets it: after an uncertain refusal the attempt asks again at once."""
    is_asked_again = failure.kind is FailureKind.REFUSED and not diagnose(failure).certain
    return [failure] * (CALLS_PER_ATTEMPT if is_asked_again else 1)
