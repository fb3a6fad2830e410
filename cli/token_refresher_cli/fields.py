"""What an operator says of a new credential: one field for each key of the secret, in the order of the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from token_refresher.credential import SANDBOX_SCOPE
from token_refresher_cli import shapes
from token_refresher_cli.account_address import AccountAddress
from token_refresher_cli.errors import bad_input

ACCOUNT_URL: Final = "account_url"
"""What is given and not stored: the address that says account id and customer id."""

_Check = Callable[[str], str]


@dataclass(frozen=True)
class Field:
    """A field of a new credential.

    Attributes:
        key: Its key in the secret.
        check: Returns the value as it is stored, or raises a `CommandError`; ``None`` where it needs to know more.
        is_secret: Whether it is shown to nobody.
    """

    key: str
    check: _Check | None
    is_secret: bool = False

    @property
    def option(self) -> str:
        """The option that gives it."""
        return f"--{self.key.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The environment variable that gives it."""
        return f"TOKEN_REFRESHER_{self.key.upper()}"


FIELDS: Final = {
    field.key: field
    for field in (
        Field("client_id", shapes.client_id),
        Field("client_secret", shapes.client_secret, is_secret=True),
        Field("tenant", shapes.tenant),
        Field("scope", shapes.scope),
        Field("developer_token", None, is_secret=True),
        Field("customer_id", shapes.customer_id),
        Field("account_id", shapes.account_id),
        Field("client_secret_expires_at", None),
        Field("refresh_token", shapes.refresh_token, is_secret=True),
    )
}


def checked(key: str, text: str, *, now: datetime, sandbox: bool) -> str:
    """Check one value.

    Raises:
        CommandError: It cannot be right.
    """
    if key == "developer_token":
        return shapes.developer_token(text, sandbox=sandbox)
    if key == "client_secret_expires_at":
        return shapes.client_secret_expires_at(text, now)
    check = FIELDS[key].check
    return check(text) if check else text


def is_of_the_sandbox(given: Mapping[str, str]) -> bool:
    """Tell whether values are for the sandbox of Microsoft Advertising."""
    return SANDBOX_SCOPE in given.get("scope", "").split()


def with_account(given: Mapping[str, str]) -> dict[str, str]:
    """Return the values with an address of the account, wherever it was given, as the ids that it says.

    Raises:
        CommandError: The address says none, or others than were given beside it.
    """
    values = dict(given)
    addresses = [values.pop(ACCOUNT_URL)] if ACCOUNT_URL in values else []
    if AccountAddress.is_meant(values.get("account_id", "")):
        addresses.append(values.pop("account_id"))
    for address in addresses:
        said = AccountAddress.parse(address)
        for key, value in (("account_id", said.account_id), ("customer_id", said.customer_id)):
            if value is not None and values.setdefault(key, value).strip() != value:
                raise bad_input(
                    f"The address of the account says another {key.replace('_', ' ')} than {FIELDS[key].option}.",
                    "Give the one that is right alone.",
                )
    return values
