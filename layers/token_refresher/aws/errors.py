"""Translation of AWS errors that have no meaning of their own: the service did not do the call, or did not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.base.errors import ServiceUnavailableError

_THROTTLED: Final = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "TooManyUpdates",
    }
)
"""The error codes that mean throttling, whatever the HTTP status.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

_SERVER_ERROR: Final = 500


@contextmanager
def translated(service: str) -> Iterator[None]:
    """Raise `ServiceUnavailableError` if the network or the service failed; let a refusal of the request through.

    Args:
        service: The service's name, as in boto3.
    """
    try:
        yield
    except ClientError as error:
        if not may_pass(error):
            raise
        raise unavailable(service, error) from error
    except BotoCoreError as error:
        raise ServiceUnavailableError(service, type(error).__name__) from error


@contextmanager
def all_translated(service: str) -> Iterator[None]:
    """Raise `ServiceUnavailableError` for every error, refusals of the request included.

    Args:
        service: The service's name, as in boto3.
    """
    try:
        with translated(service):
            yield
    except ClientError as error:
        raise unavailable(service, error) from error


def may_pass(error: ClientError) -> bool:
    """Tell whether the same call may succeed a moment later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= _SERVER_ERROR or error.response["Error"]["Code"] in _THROTTLED


def unavailable(service: str, error: ClientError) -> ServiceUnavailableError:
    """Return the `ServiceUnavailableError` for an error answer to which the caller gives no other meaning."""
    call = f"{service}.{error.operation_name}"
    return ServiceUnavailableError(call, error.response["Error"]["Code"], passing=may_pass(error))
