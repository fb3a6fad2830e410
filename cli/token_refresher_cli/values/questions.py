"""The questions of ``add``. After an invalid answer it says why and asks again; secrets are not shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import typer

from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import note, report
from token_refresher_cli.values.account_address import AccountAddress
from token_refresher_cli.values.fields import FIELDS, checked, is_of_the_sandbox, with_account

_CLIENT_SECRET: Final = "Client secret: its value, not its id (empty for a public client)"
_DEVELOPER_TOKEN: Final = "Developer token (empty to leave it out)"
_ACCOUNT: Final = "Address of the account in the browser, or its account id (empty to leave it out)"
_CUSTOMER: Final = "Customer id (empty to leave it out)"
_EXPIRES: Final = "Expiry of the client secret, such as 2027-01-31 (empty to leave it out)"


@dataclass(frozen=True)
class Questions:
    """Asks for the values that were not given.

    Attributes:
        now: The time.
    """

    now: datetime

    def complete(self, given: dict[str, str], *, public: bool) -> tuple[dict[str, str], bool]:
        """Return the values with the answers, and whether the app is a public client."""
        values = with_account(given)
        if "client_id" not in values:
            values["client_id"] = self._value(values, "client_id", "Client id of the app")
        if "client_secret" not in values and not public:
            public = not self._ask(values, "client_secret", _CLIENT_SECRET)
        if "developer_token" not in values:
            self._ask(values, "developer_token", _DEVELOPER_TOKEN)
        if "account_id" not in values:
            values |= self._account()
        if "account_id" in values and "customer_id" not in values:
            self._ask(values, "customer_id", _CUSTOMER)
        if "client_secret" in values and "client_secret_expires_at" not in values:
            self._ask(values, "client_secret_expires_at", _EXPIRES)
        return values, public

    def _ask(self, values: dict[str, str], key: str, question: str) -> bool:
        """Ask for an optional value, and return whether it was given."""
        answer = self._value(values, key, question, optional=True)
        if answer:
            values[key] = answer
        return bool(answer)

    def _value(self, values: dict[str, str], key: str, question: str, *, optional: bool = False) -> str:
        sandbox = is_of_the_sandbox(values)
        return _answer(
            question,
            lambda text: checked(key, text, now=self.now, sandbox=sandbox),
            hidden=FIELDS[key].is_secret,
            optional=optional,
        )

    def _account(self) -> dict[str, str]:
        found: dict[str, str] = {}

        def read(text: str) -> str:
            given = with_account({"account_id": text})
            if not AccountAddress.is_meant(text):
                given["account_id"] = checked("account_id", text, now=self.now, sandbox=False)
            found.update(given)
            return text

        _answer(_ACCOUNT, read, hidden=False, optional=True)
        if "customer_id" in found:
            note(f"That is account {found['account_id']} of customer {found['customer_id']}.")
        return found


def one_of(question: str, choices: Sequence[str]) -> str:
    """Ask until the answer is one of the choices."""
    while True:
        answer: str = typer.prompt(f"{question} ({', '.join(choices)})", err=True)
        if answer.strip() in choices:
            return answer.strip()
        report(bad_input("That is not one of them.", f"Enter one of: {', '.join(choices)}."))


def _answer(question: str, check: Callable[[str], str], *, hidden: bool, optional: bool) -> str:
    """Ask until an answer is valid."""
    while True:
        answer: str = typer.prompt(question, default="", show_default=False, hide_input=hidden, err=True)
        if optional and not answer.strip():
            return ""
        try:
            return check(answer)
        except CommandError as error:
            report(error)
