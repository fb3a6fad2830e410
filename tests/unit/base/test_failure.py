"""The facts of a failed call, and their text."""

import pytest

from token_refresher.base.failure import FailureKind, ProviderFailure


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        pytest.param(ProviderFailure(FailureKind.NOT_SENT), "not_sent", id="no connection"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), "no_answer", id="no answer"),
        pytest.param(
            ProviderFailure(FailureKind.UNUSABLE_ANSWER, 503), "unusable_answer HTTP 503", id="an unusable answer"
        ),
        pytest.param(
            ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant", "bad_token", (70002, 70000)),
            "refused HTTP 400 invalid_grant bad_token 70002 70000",
            id="a refusal with everything",
        ),
        pytest.param(
            ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant", codes=(70000,), hint="expired_grant"),
            "refused HTTP 400 invalid_grant 70000 expired_grant",
            id="a refusal with a known phrase",
        ),
        pytest.param(
            ProviderFailure(FailureKind.REFUSED, 401, "invalid_client", correlation_id="00000000-0000"),
            "refused HTTP 401 invalid_client",
            id="a refusal with only the error",
        ),
    ],
)
def test_the_text_of_a_failure_is_its_codes(failure: ProviderFailure, text: str) -> None:
    assert str(failure) == text


@pytest.mark.parametrize(
    ("failure", "maybe"),
    [
        pytest.param(ProviderFailure(FailureKind.NOT_SENT), False, id="nothing was sent: no"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER), True, id="no answer came: maybe"),
        pytest.param(ProviderFailure(FailureKind.NO_ANSWER, 200), True, id="a success was cut off: maybe"),
        pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200), True, id="an unusable success: maybe"),
        pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 302), True, id="a redirect: maybe"),
        pytest.param(ProviderFailure(FailureKind.REFUSED, 399), True, id="the last status before the refusals: maybe"),
        pytest.param(ProviderFailure(FailureKind.REFUSED, 400, "invalid_grant"), False, id="a refusal: no"),
        pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 429), False, id="throttled: no"),
        pytest.param(ProviderFailure(FailureKind.REFUSED, 499), False, id="the last of the refusals: no"),
        pytest.param(ProviderFailure(FailureKind.REFUSED, 500, "invalid_grant"), True, id="a server error: maybe"),
        pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 503), True, id="an error page of a server: maybe"),
    ],
)
def test_tokens_may_have_been_issued(failure: ProviderFailure, *, maybe: bool) -> None:
    assert failure.may_have_been_granted is maybe
