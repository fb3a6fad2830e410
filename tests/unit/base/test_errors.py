"""The tree of errors."""

import inspect

import pytest

from token_refresher.base import errors
from token_refresher.base.errors import (
    GrantKeptError,
    MalformedCredentialError,
    ProviderError,
    ServiceUnavailableError,
    TokenRefresherError,
)
from token_refresher.base.failure import FailureKind, ProviderFailure

ALL = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_has_the_same_base_class(error: type[Exception]) -> None:
    assert issubclass(error, TokenRefresherError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(MalformedCredentialError("tenant", "is empty"), "tenant is empty", id="a field"),
        pytest.param(MalformedCredentialError(None, "the secret is binary"), "the secret is binary", id="all of it"),
        pytest.param(
            GrantKeptError("team/ads", "escrow"),
            "the new tokens of team/ads are in escrow, and could not be made current yet",
            id="tokens that are not current yet",
        ),
        pytest.param(
            ServiceUnavailableError("ssm.PutParameter", "ThrottlingException"),
            "ssm.PutParameter: ThrottlingException",
            id="a service",
        ),
        pytest.param(ProviderError(ProviderFailure(FailureKind.REFUSED, 400)), "refused HTTP 400", id="a provider"),
    ],
)
def test_an_error_says_what_is_wrong(error: TokenRefresherError, text: str) -> None:
    assert str(error) == text


def test_an_error_with_data_can_be_kept_in_a_set() -> None:
    """Code that collects exceptions hashes them, and a dataclass with ``eq`` cannot be hashed."""
    assert len({MalformedCredentialError("tenant", "is empty"), MalformedCredentialError("tenant", "is empty")}) == 2
