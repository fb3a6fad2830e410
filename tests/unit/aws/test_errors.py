"""Translation of AWS errors that have no meaning of their own."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from token_refresher.aws.errors import may_pass, translated, unavailable
from token_refresher.base.errors import ServiceUnavailableError

URL = "https://ssm.example.com"


def an_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # The least that an answer has.
        "PutParameter",
    )


TRANSIENT = [
    pytest.param(an_error("ThrottlingException"), id="throttled"),
    pytest.param(an_error("Throttling"), id="throttled, with the code of older services"),
    pytest.param(an_error("TooManyUpdates"), id="written too often"),
    pytest.param(an_error("ProvisionedThroughputExceededException"), id="over the throughput of a table"),
    pytest.param(an_error("RequestLimitExceeded"), id="over the limit of an account"),
    pytest.param(an_error("InternalServiceError", 500), id="an internal error"),
    pytest.param(an_error("ServiceUnavailable", 503), id="an outage"),
    pytest.param(an_error("AccessDeniedException", 500), id="an internal error with the code of a refusal"),
]
REFUSED = [
    pytest.param(an_error("AccessDeniedException"), id="denied"),
    pytest.param(an_error("ValidationException"), id="invalid"),
    pytest.param(an_error("ConditionalCheckFailedException"), id="a condition that failed"),
    pytest.param(an_error("ResourceNotFoundException", 499), id="not found"),
]


@pytest.mark.parametrize("error", TRANSIENT)
def test_an_error_of_the_service_may_pass(error: ClientError) -> None:
    with pytest.raises(ServiceUnavailableError) as caught, translated("ssm"):
        raise error
    assert (caught.value.call, caught.value.passing, caught.value.__cause__) == ("ssm.PutParameter", True, error)


@pytest.mark.parametrize("error", REFUSED)
def test_a_refusal_reaches_the_caller_as_it_is(error: ClientError) -> None:
    with pytest.raises(ClientError) as caught, translated("ssm"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("error", REFUSED)
def test_a_refusal_without_a_meaning_of_its_own_will_not_pass(error: ClientError) -> None:
    failure = unavailable("ssm", error)
    assert (may_pass(error), failure.passing, failure.code) == (False, False, error.response["Error"]["Code"])


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(EndpointConnectionError(endpoint_url=URL), id="no connection"),
        pytest.param(ConnectTimeoutError(endpoint_url=URL), id="no connection in time"),
        pytest.param(ReadTimeoutError(endpoint_url=URL), id="no answer in time"),
        pytest.param(ConnectionClosedError(endpoint_url=URL), id="a connection that broke"),
        pytest.param(NoCredentialsError(), id="no credentials yet"),
    ],
)
def test_an_error_of_the_network_may_pass(error: BotoCoreError) -> None:
    with pytest.raises(ServiceUnavailableError) as caught, translated("ssm"):
        raise error
    assert (caught.value.call, caught.value.code, caught.value.passing) == ("ssm", type(error).__name__, True)


def test_the_error_does_not_repeat_the_message_of_the_service() -> None:
    with pytest.raises(ServiceUnavailableError) as caught, translated("ssm"):
        raise an_error("ThrottlingException")
    assert str(caught.value) == "ssm.PutParameter: ThrottlingException"


def test_a_call_that_works_is_left_alone() -> None:
    with translated("ssm"):
        worked = True
    assert worked


def test_an_error_answer_without_a_status_is_a_refusal() -> None:
    assert not may_pass(ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutParameter"))
