"""The facts of a failure, and how they read."""

import pytest

from token_refresher.failure import FailureKind, ProviderFailure


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), "no_answer", id="no answer"),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 503), "unusable_answer HTTP 503", id="an answer of no use"
        ),
        pytest.param(
            ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant", "bad_token", (70002, 70000)),
            "refused HTTP 400 invalid_grant bad_token 70002 70000",
            id="a refusal with everything",
        ),
        pytest.param(
            ProviderFailure(FailureKind.REFUSED, 401, "invalid_client", correlation_id="00000000-0000"),
            "refused HTTP 401 invalid_client",
            id="a refusal with the error alone",
        ),
    ],
)
def test_it_reads_as_its_codes(failure: ProviderFailure, text: str) -> None:
    assert str(failure) == text
