"""What a provider needs of a credential, and how the values for it are checked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from token_refresher.providers.addresses import check_address
from token_refresher.providers.catalogue.entry import AuthMethod, Dialect, ProviderEntry
from token_refresher.providers.catalogue_providers import OAUTH2
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.values import checks
from token_refresher_cli.values.fields import ACCOUNT_URL, ISSUER, option_of, variable_of

_SECRETS: Final = frozenset({AuthMethod.POST, AuthMethod.BASIC})
_OF_AN_ACCOUNT: Final = frozenset({"account_id", "customer_id", ACCOUNT_URL})
_OF_A_SECRET: Final = frozenset({"client_secret", "client_secret_expires_at"})
_OF_A_SERVER: Final = frozenset({"authorization_endpoint", "token_endpoint", "token_endpoint_auth_method", ISSUER})


@dataclass(frozen=True)
class Rules:
    """The rules of one provider.

    Attributes:
        entry: How it behaves.
        now: The time.
        is_local: Whether addresses of this machine are allowed.
    """

    entry: ProviderEntry
    now: datetime
    is_local: bool = False

    @property
    def provider(self) -> str:
        """How a sentence names the provider, also in its middle."""
        return self.entry.words.provider

    @property
    def needs_client_secret(self) -> bool:
        """Whether the provider knows no application without a client secret."""
        return self.takes_client_secret and AuthMethod.NONE not in self.entry.token.auth_methods

    @property
    def takes_client_secret(self) -> bool:
        """Whether an application may prove with a client secret who it is."""
        return not _SECRETS.isdisjoint(self.entry.token.auth_methods)

    @property
    def needs_scope(self) -> bool:
        """Whether each document must have a scope of its own."""
        return not self.entry.scope.default

    @property
    def has_accounts(self) -> bool:
        """Whether an API tells if a person has access to an account: then its ids are worth asking for."""
        return self.entry.has_advertising_accounts

    @property
    def has_guid(self) -> bool:
        """Whether the client id is a GUID."""
        return self._is_microsoft

    @property
    def needs_addresses(self) -> bool:
        """Whether the addresses of the provider are in the document."""
        return self.entry.name == OAUTH2

    def takes(self, key: str) -> bool:
        """Tell whether the provider has a use for a key. Of an unknown key nobody knows."""
        if key in _OF_AN_ACCOUNT:
            return self.has_accounts
        if key in _OF_A_SECRET:
            return self.takes_client_secret
        if key in _OF_A_SERVER:
            return self.needs_addresses
        entry = self.entry
        addresses = (entry.authorization.authorization_endpoint, entry.token.token_endpoint)
        return key != "tenant" or any("{tenant}" in url for url in addresses)

    def refuse_others(self, given: Iterable[str]) -> None:
        """Refuse the keys that the provider has no use for.

        Raises:
            CommandError: There is one.
        """
        for key in given:
            if not self.takes(key):
                raise bad_input(
                    f"The provider {self.entry.name} has no use for {key}.",
                    f"Leave it out ({option_of(key)}, {variable_of(key)}, or the key on standard input).",
                )

    def without_others(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return only the values that the provider has a use for."""
        return {key: value for key, value in given.items() if self.takes(key)}

    def checked(self, key: str, text: str, *, sandbox: bool = False) -> str:
        """Return the value to store for a key; of a key that is not known, the text.

        Args:
            key: The key.
            text: The value that was given.
            sandbox: Whether the values are for the sandbox of Microsoft Advertising.

        Raises:
            CommandError: The value is invalid.
        """
        check = self._checks(sandbox=sandbox).get(key)
        return check(text) if check else text

    def _checks(self, *, sandbox: bool) -> dict[str, Callable[[str], str]]:
        address = partial(_address, is_local=self.is_local)
        common: dict[str, Callable[[str], str]] = {
            "tenant": checks.tenant,
            "account_id": checks.account_id,
            "customer_id": checks.customer_id,
            "publish_to": checks.publish_to,
            "developer_token": lambda text: self._developer_token(text, sandbox=sandbox),
            "scope": lambda text: checks.scope(text, self.entry),
            "client_secret_expires_at": lambda text: checks.client_secret_expires_at(text, self.now, self._secret_page),
            "refresh_token_expires_at": lambda text: checks.refresh_token_expires_at(text, self.now),
            "authorization_endpoint": lambda text: address("authorization_endpoint", text),
            "token_endpoint": lambda text: address("token_endpoint", text),
            ISSUER: lambda text: address(ISSUER, text),
            "token_endpoint_auth_method": _auth_method,
        }
        return common | (_of_microsoft() if self._is_microsoft else self._of_any_other())

    def _developer_token(self, text: str, *, sandbox: bool) -> str:
        if self.has_accounts:
            return checks.developer_token(text, sandbox=sandbox)
        # Other APIs have developer tokens too, such as that of Google Ads: pipelines read them in the secret.
        return checks.one_word("developer token", text, f"Copy it from {self.provider}.")

    def _of_any_other(self) -> dict[str, Callable[[str], str]]:
        """What other providers issue is opaque (RFC 6749, section 2.2): only a mask or several words are refused."""
        page = f"Copy it from the page of the app at {self.provider}."
        secret = partial(checks.one_word, "client secret", where=page)
        return {
            "client_id": partial(checks.one_word, "client id", where=page),
            "client_secret": secret,
            "previous_client_secret": secret,
            "refresh_token": partial(checks.one_word, "refresh token", where=checks.IN_AN_ANSWER),
        }

    @property
    def _is_microsoft(self) -> bool:
        return self.entry.dialect is Dialect.MICROSOFT

    @property
    def _secret_page(self) -> str:
        return checks.EXPIRES_PAGE if self._is_microsoft else f"Copy it from the page of the app at {self.provider}."


def _of_microsoft() -> dict[str, Callable[[str], str]]:
    return {
        "client_id": checks.client_id,
        "client_secret": checks.client_secret,
        "previous_client_secret": checks.client_secret,
        "refresh_token": checks.refresh_token,
    }


@dataclass(frozen=True)
class RulesOf:
    """Returns the rules of a provider by its name."""

    known: KnownProviders

    def __call__(self, provider: str) -> Rules:
        """Return the rules.

        Raises:
            CommandError: There is no such provider, or its entry cannot be used.
        """
        return Rules(self.known.entry(provider), self.known.installation.clock(), self.known.is_local)


def _address(key: str, text: str, *, is_local: bool) -> str:
    given = text.strip()
    problem = check_address(given, is_local=is_local)
    if problem:
        raise bad_input(f"The {key} {problem}.", "Copy it from the documentation of the provider.")
    return given


def _auth_method(text: str) -> str:
    given = text.strip()
    if given not in set(AuthMethod):
        raise bad_input(
            f"The token_endpoint_auth_method is {checks.described(given)}, and must be one of {', '.join(AuthMethod)}.",
            "Leave it out for client_secret_post, or give --issuer.",
        )
    return given
