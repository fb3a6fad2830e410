"""The values of a new credential: one field for each key of its document, in the order of the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from token_refresher.credential.fields import SECRET_KEYS
from token_refresher.credential.scopes import is_sandbox
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.values.account_address import AccountAddress

ACCOUNT_URL: Final = "account_url"
"""A value that is not stored: the address with the account id and the customer id."""

ISSUER: Final = "issuer"
"""A value that is not stored: the authorization server that says what its addresses are (RFC 8414)."""


def option_of(key: str) -> str:
    """Return the option of a key."""
    return f"--{key.replace('_', '-')}"


def variable_of(key: str) -> str:
    """Return the environment variable of a key."""
    return f"TOKEN_REFRESHER_{key.upper()}"


@dataclass(frozen=True)
class Field:
    """A field of a new credential.

    Attributes:
        key: Its key in the document.
    """

    key: str

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return self.key in SECRET_KEYS

    @property
    def option(self) -> str:
        """Its option."""
        return option_of(self.key)

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return variable_of(self.key)


FIELDS: Final[dict[str, Field]] = {
    key: Field(key)
    for key in (
        "provider",
        "client_id",
        "client_secret",
        "tenant",
        "scope",
        "developer_token",
        "customer_id",
        "account_id",
        "client_secret_expires_at",
        "authorization_endpoint",
        "token_endpoint",
        "token_endpoint_auth_method",
        "refresh_token",
    )
}


def is_of_the_sandbox(given: Mapping[str, str]) -> bool:
    """Tell whether the values are for the sandbox of Microsoft Advertising."""
    return is_sandbox(given.get("scope", ""))


def with_account(given: Mapping[str, str]) -> dict[str, str]:
    """Return the values with the ids of the account in place of its address, which may stand for the account id.

    Raises:
        CommandError: The address has no ids, or other ids than those given beside it.
    """
    values = dict(given)
    addresses = [values.pop(ACCOUNT_URL)] if ACCOUNT_URL in values else []
    if AccountAddress.is_meant(values.get("account_id", "")):
        addresses.append(values.pop("account_id"))
    for address in addresses:
        found = AccountAddress.parse(address)
        for key, value in (("account_id", found.account_id), ("customer_id", found.customer_id)):
            if value is not None and values.setdefault(key, value).strip() != value:
                raise bad_input(
                    f"The address of the account has another {key.replace('_', ' ')} than {FIELDS[key].option}.",
                    "Give only the right one.",
                )
    return values
