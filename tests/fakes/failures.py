"""The failures of a provider that the tests speak of."""

from datetime import timedelta

from token_refresher.diagnosis import diagnose
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.retry import ASKS

CORRELATION_ID = "00000000-0000-4000-8000-000000000001"


def refused(code: int | None, error: str = "invalid_grant") -> ProviderFailure:
    """An error answer of the token endpoint, with an AADSTS code or without."""
    codes = () if code is None else (code,)
    return ProviderFailure(FailureKind.REFUSED, 400, error, codes=codes, correlation_id=CORRELATION_ID)


def unavailable(status: int = 503, retry_after: timedelta | None = None) -> ProviderFailure:
    """A fault of the provider's own."""
    return ProviderFailure(FailureKind.UNUSABLE_ANSWER, status, retry_after=retry_after)


NO_ANSWER = ProviderFailure(FailureKind.NO_ANSWER)
REVOKED = refused(50173)
AMBIGUOUS = refused(70000)
SECRET_EXPIRED = refused(7000222, "invalid_client")


def throughout_a_look(failure: ProviderFailure) -> list[ProviderFailure]:
    """Return a failure as often as one look meets it: an uncertain refusal is asked about again at once."""
    is_asked_again = failure.kind is FailureKind.REFUSED and not diagnose(failure).certain
    return [failure] * (ASKS if is_asked_again else 1)
