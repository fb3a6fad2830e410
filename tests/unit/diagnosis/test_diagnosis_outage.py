"""Which failures are an outage of the sign-in service, and which are about one request."""

import pytest

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.diagnosis.diagnosis import diagnose


def refused(status: int, error: str = "invalid_grant", code: int | None = None) -> ProviderFailure:
    return ProviderFailure(FailureKind.REFUSED, status, error, codes=() if code is None else (code,))


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        pytest.param(ProviderFailure(FailureKind.NOT_SENT), True, id="no connection is one"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), True, id="no answer is one"),
        pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200), True, id="a page instead of tokens is one"),
        pytest.param(refused(500), True, id="a server error is one"),
        pytest.param(refused(503), True, id="a busy server is one"),
        pytest.param(refused(408), True, id="a request timeout of the server is one"),
        pytest.param(refused(429), True, id="throttling is one"),
        pytest.param(refused(400, "temporarily_unavailable"), True, id="temporarily_unavailable is one"),
        pytest.param(refused(400, "server_error"), True, id="server_error is one"),
        pytest.param(refused(400, code=90033), True, id="the code of a busy service is one"),
        pytest.param(refused(400), False, id="a refused token is none"),
        pytest.param(refused(400, code=50173), False, id="a revoked sign-in is none"),
        pytest.param(refused(400, code=50196), False, id="a loop of one credential is none"),
        pytest.param(refused(400, code=40010), False, id="the organization's own sign-in service is none"),
        pytest.param(refused(400, "new", code=1), False, id="an unknown code is none"),
        pytest.param(refused(401, "invalid_client"), False, id="a refused client is none"),
        pytest.param(refused(400, "interaction_required"), False, id="a required sign-in is none"),
    ],
)
def test_an_outage_is_a_failure_of_the_sign_in_service(failure: ProviderFailure, expected: bool) -> None:
    assert diagnose(failure).outage is expected
