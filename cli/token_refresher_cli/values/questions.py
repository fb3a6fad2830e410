"""The questions of ``add``. After an invalid answer it says why and asks again; secrets are not shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import typer

from token_refresher.credential.fields import SECRET_KEYS
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import note, report
from token_refresher_cli.values.account_address import AccountAddress
from token_refresher_cli.values.fields import ISSUER, is_of_the_sandbox, with_account
from token_refresher_cli.values.rules import Rules

_CLIENT_SECRET: Final = "Client secret: its value, not its id (empty for a public client)"
_NEEDED_SECRET: Final = "Client secret"
_SCOPE: Final = "Scope: what pipelines may do, separated by spaces"
_ISSUER: Final = "Issuer, the address of the authorization server (empty to give its two endpoints)"
_DEVELOPER_TOKEN: Final = "Developer token (empty to leave it out)"
_ACCOUNT: Final = "Address of the account in the browser, or its account id (empty to leave it out)"
_CUSTOMER: Final = "Customer id (empty to leave it out)"
_EXPIRES: Final = "Expiry of the client secret, such as 2027-01-31 (empty to leave it out)"


@dataclass(frozen=True)
class Questions:
    """Asks for the values that a provider needs and that were not given.

    Attributes:
        rules: The rules of the provider.
    """

    rules: Rules

    def complete(self, given: dict[str, str], *, public: bool) -> tuple[dict[str, str], bool]:
        """Return the values with the answers, and whether the app is a public client."""
        values, rules = with_account(given), self.rules
        if rules.needs_addresses:
            self._server(values)
        if "client_id" not in values:
            values["client_id"] = self._value(values, "client_id", "Client id of the app")
        if "client_secret" not in values and rules.takes_client_secret and not public:
            public = not self._client_secret(values)
        if "scope" not in values and rules.needs_scope:
            values["scope"] = self._value(values, "scope", _SCOPE)
        if rules.has_accounts:
            self._advertising(values)
        if "client_secret" in values and "client_secret_expires_at" not in values:
            self._ask(values, "client_secret_expires_at", _EXPIRES)
        return values, public

    def _client_secret(self, values: dict[str, str]) -> bool:
        if self.rules.needs_client_secret:
            values["client_secret"] = self._value(values, "client_secret", _NEEDED_SECRET)
            return True
        return self._ask(values, "client_secret", _CLIENT_SECRET)

    def _server(self, values: dict[str, str]) -> None:
        endpoints = ("authorization_endpoint", "token_endpoint")
        if ISSUER in values or all(key in values for key in endpoints):
            return
        if not self._ask(values, ISSUER, _ISSUER):
            for key in endpoints:
                if key not in values:
                    values[key] = self._value(values, key, f"The {key} of the provider")

    def _advertising(self, values: dict[str, str]) -> None:
        if "developer_token" not in values:
            self._ask(values, "developer_token", _DEVELOPER_TOKEN)
        if "account_id" not in values:
            values |= self._account()
        if "account_id" in values and "customer_id" not in values:
            self._ask(values, "customer_id", _CUSTOMER)

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
            lambda text: self.rules.checked(key, text, sandbox=sandbox),
            hidden=key in SECRET_KEYS,
            optional=optional,
        )

    def _account(self) -> dict[str, str]:
        found: dict[str, str] = {}

        def read(text: str) -> str:
            given = with_account({"account_id": text})
            if not AccountAddress.is_meant(text):
                given["account_id"] = self.rules.checked("account_id", text)
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
