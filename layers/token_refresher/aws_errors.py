"""What an error of AWS means where nothing else is known of it: the service did not do it, or could not say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.errors import ServiceUnavailableError

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
"""The codes with which a service asks for patience, whatever HTTP status it sends with them.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

_SERVER_ERROR: Final = 500


@contextmanager
def translated(service: str) -> Iterator[None]:
    """Raise `ServiceUnavailableError` for a call that failed on the way or in the service, and not over what it asked.

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


def may_pass(error: ClientError) -> bool:
    """Tell whether the same call may work a moment later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= _SERVER_ERROR or error.response["Error"]["Code"] in _THROTTLED


def unavailable(service: str, error: ClientError) -> ServiceUnavailableError:
    """Return what an error answer means that the caller knows no better word for."""
    call = f"{service}.{error.operation_name}"
    return ServiceUnavailableError(call, error.response["Error"]["Code"], passing=may_pass(error))
