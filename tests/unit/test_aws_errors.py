"""What an error of AWS means where nothing else is known of it."""

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

from token_refresher.aws_errors import may_pass, translated, unavailable
from token_refresher.errors import ServiceUnavailableError

URL = "https://ssm.example.com"


def an_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # What an answer has at the least.
        "PutParameter",
    )


ASKED_TOO_MUCH = [
    pytest.param(an_error("ThrottlingException"), id="throttled"),
    pytest.param(an_error("Throttling"), id="throttled, in the words of old services"),
    pytest.param(an_error("TooManyUpdates"), id="written too often"),
    pytest.param(an_error("ProvisionedThroughputExceededException"), id="over the throughput of a table"),
    pytest.param(an_error("RequestLimitExceeded"), id="over the limit of an account"),
    pytest.param(an_error("InternalServiceError", 500), id="a fault"),
    pytest.param(an_error("ServiceUnavailable", 503), id="an outage"),
    pytest.param(an_error("AccessDeniedException", 500), id="a fault in the words of a refusal"),
]
REFUSED = [
    pytest.param(an_error("AccessDeniedException"), id="denied"),
    pytest.param(an_error("ValidationException"), id="not understood"),
    pytest.param(an_error("ConditionalCheckFailedException"), id="a condition that does not hold"),
    pytest.param(an_error("ResourceNotFoundException", 499), id="not found"),
]


@pytest.mark.parametrize("error", ASKED_TOO_MUCH)
def test_a_service_that_failed_may_do_it_a_moment_later(error: ClientError) -> None:
    with pytest.raises(ServiceUnavailableError) as caught, translated("ssm"):
        raise error
    assert (caught.value.call, caught.value.passing, caught.value.__cause__) == ("ssm.PutParameter", True, error)


@pytest.mark.parametrize("error", REFUSED)
def test_a_service_that_refused_is_for_the_caller_to_understand(error: ClientError) -> None:
    with pytest.raises(ClientError) as caught, translated("ssm"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("error", REFUSED)
def test_a_refusal_that_nobody_understands_will_not_pass(error: ClientError) -> None:
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
def test_a_call_that_failed_on_the_way_may_arrive_a_moment_later(error: BotoCoreError) -> None:
    with pytest.raises(ServiceUnavailableError) as caught, translated("ssm"):
        raise error
    assert (caught.value.call, caught.value.code, caught.value.passing) == ("ssm", type(error).__name__, True)


def test_the_words_of_the_service_are_not_repeated() -> None:
    with pytest.raises(ServiceUnavailableError) as caught, translated("ssm"):
        raise an_error("ThrottlingException")
    assert str(caught.value) == "ssm.PutParameter: ThrottlingException"


def test_what_works_is_not_touched() -> None:
    with translated("ssm"):
        worked = True
    assert worked


def test_an_answer_without_a_status_is_no_fault_of_the_service() -> None:
    assert not may_pass(ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutParameter"))
