"""Which failures are about the sign-in service, and not about what it was asked."""

import pytest

from token_refresher.diagnosis import diagnose
from token_refresher.failure import FailureKind, ProviderFailure


def refused(status: int, error: str = "invalid_grant", code: int | None = None) -> ProviderFailure:
    return ProviderFailure(FailureKind.REFUSED, status, error, codes=() if code is None else (code,))


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        pytest.param(ProviderFailure(FailureKind.NOT_SENT), True, id="no connection is one"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), True, id="no answer is one"),
        pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200), True, id="a page in place of tokens is one"),
        pytest.param(refused(500), True, id="a fault of the server is one"),
        pytest.param(refused(503), True, id="a server that is busy is one"),
        pytest.param(refused(408), True, id="a server that did not wait is one"),
        pytest.param(refused(429), True, id="a server that throttles is one"),
        pytest.param(refused(400, "temporarily_unavailable"), True, id="one that says so itself is one"),
        pytest.param(refused(400, "server_error"), True, id="one that calls its fault by its name is one"),
        pytest.param(refused(400, code=90033), True, id="one that is too busy, by its number, is one"),
        pytest.param(refused(400), False, id="a refused token is none"),
        pytest.param(refused(400, code=50173), False, id="a revoked sign-in is none"),
        pytest.param(refused(400, code=50196), False, id="a loop of one credential is none"),
        pytest.param(refused(400, code=40010), False, id="the organization's own sign-in service is none"),
        pytest.param(refused(400, "new", code=1), False, id="an unknown code is none"),
        pytest.param(refused(401, "invalid_client"), False, id="a refused client is none"),
        pytest.param(refused(400, "interaction_required"), False, id="a sign-in that is asked for is none"),
    ],
)
def test_an_outage_is_what_says_something_of_the_authority(failure: ProviderFailure, expected: bool) -> None:
    assert diagnose(failure).outage is expected
