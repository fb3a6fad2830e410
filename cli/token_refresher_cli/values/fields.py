"""The values of a new credential: one field for each key of its document, in the order of the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from token_refresher.credential.fields import SECRET_KEYS
from token_refresher.credential.scopes import is_sandbox
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.values import checks
from token_refresher_cli.values.account_address import AccountAddress

ACCOUNT_URL: Final = "account_url"
"""A value that is not stored: the address with the account id and the customer id."""

_Check = Callable[[str], str]


@dataclass(frozen=True)
class Field:
    """A field of a new credential.

    Attributes:
        key: Its key in the document.
        check: Returns the value to store, or raises a `CommandError`; ``None`` if `checked` has the check.
    """

    key: str
    check: _Check | None

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return self.key in SECRET_KEYS

    @property
    def option(self) -> str:
        """Its option."""
        return f"--{self.key.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"TOKEN_REFRESHER_{self.key.upper()}"


FIELDS: Final = {
    field.key: field
    for field in (
        Field("client_id", checks.client_id),
        Field("client_secret", checks.client_secret),
        Field("tenant", checks.tenant),
        Field("scope", checks.scope),
        Field("developer_token", None),
        Field("customer_id", checks.customer_id),
        Field("account_id", checks.account_id),
        Field("client_secret_expires_at", None),
        Field("refresh_token", checks.refresh_token),
    )
}


def checked(key: str, text: str, *, now: datetime, sandbox: bool) -> str:
    """Return the value to store for a key.

    Raises:
        CommandError: The value is invalid.
    """
    if key == "developer_token":
        return checks.developer_token(text, sandbox=sandbox)
    if key == "client_secret_expires_at":
        return checks.client_secret_expires_at(text, now)
    check = FIELDS[key].check
    return check(text) if check else text


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
