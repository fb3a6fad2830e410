"""A new credential: its checked values, and the secret that is created from them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.scopes import SANDBOX_DEFAULT_SCOPE, SANDBOX_SCOPE
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.values.checks import SANDBOX_DEVELOPER_TOKEN
from token_refresher_cli.values.fields import FIELDS, is_of_the_sandbox, with_account
from token_refresher_cli.values.rules import Rules
from token_refresher_cli.values.secret_name import checked_name

LONGEST_BYTES: Final = 65_536
"""The longest value of a secret. Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html"""


@dataclass(frozen=True)
class NewCredential:
    """A new credential with checked values.

    Attributes:
        name: The credential's name, without the prefix.
        members: The keys and values of its document, in order.
        provider: The entry of its provider.
    """

    name: str
    members: Mapping[str, str] = field(repr=False)
    provider: ProviderEntry = field(repr=False)

    @classmethod
    def of(
        cls,
        name: str,
        prefix: str,
        given: Mapping[str, str],
        rules: Rules,
        *,
        public: bool = False,
        sandbox: bool = False,
    ) -> Self:
        """Check a name and values, and return the credential.

        Args:
            name: The credential's name, without the prefix.
            prefix: The prefix of the managed secrets, without the slash.
            given: The values by the keys of the document, and ``account_url``.
            rules: The rules of its provider.
            public: Whether the app is a public client, which has no client secret.
            sandbox: Whether it is for the sandbox of Microsoft Advertising.

        Raises:
            CommandError: A value is missing or invalid, or contradicts another one.
        """
        checked_name(name, prefix)
        values = for_the_sandbox(with_account(given)) if sandbox else with_account(given)
        rules.refuse_others(values)
        _check_complete(values, rules, public=public)
        in_the_sandbox = is_of_the_sandbox(values)
        members = {key: rules.checked(key, values[key], sandbox=in_the_sandbox) for key in FIELDS if key in values}
        if len(_dumped(members).encode()) > LONGEST_BYTES:
            raise bad_input(f"The secret would be longer than {LONGEST_BYTES} bytes.", "Check the pasted values.")
        return cls(name, members, rules.entry)

    @property
    def text(self) -> str:
        """The text of the secret, indented for people who read it in the AWS console."""
        return _dumped(self.members)

    @property
    def credential(self) -> Credential:
        """The credential that the functions will read."""
        return Credential.parse(self.text)

    @property
    def has_grant(self) -> bool:
        """Whether it can be refreshed without a sign-in."""
        return "refresh_token" in self.members

    def fingerprinted(self) -> dict[str, str]:
        """Return the document with fingerprints in place of secrets."""
        return {
            key: f"(fingerprint {Sensitive(value).fingerprint})" if FIELDS[key].is_secret else value
            for key, value in self.members.items()
        }

    def create(self, installation: Installation, tags: Mapping[str, str] | None = None) -> str:
        """Create the secret with one call and return its ARN.

        Raises:
            CommandError: There already is a secret of that name.
            ServiceUnavailableError: Secrets Manager did not create it.
        """
        key = installation.environment.get("KMS_KEY_ARN", "")
        try:
            return installation.secrets.create(self.name, self.text, tags=tags, kms_key_id=key)
        except ServiceUnavailableError:
            refuse_taken(installation, self.name)
            raise


def _check_complete(values: Mapping[str, str], rules: Rules, *, public: bool) -> None:
    needed = ["client_id", *(["scope"] if rules.needs_scope else ())]
    needed += ["authorization_endpoint", "token_endpoint"] if rules.needs_addresses else ()
    for key in needed:
        if key not in values:
            raise missing(key, " Or give --issuer." if key.endswith("_endpoint") else "")
    if rules.needs_client_secret and public:
        raise bad_input(f"At {rules.provider} every app has a client secret.", "Leave out --public-client.")
    if "client_secret" not in values and rules.takes_client_secret and not public:
        raise missing(
            "client_secret", "" if rules.needs_client_secret else " For an app without one, add --public-client."
        )
    if "client_secret" in values and public:
        raise bad_input(
            "A public client has no client secret.", "Give only one of --public-client and --client-secret."
        )
    if "client_secret_expires_at" in values and public:
        raise bad_input("A public client has no client secret that expires.", "Leave out --client-secret-expires-at.")


def for_the_sandbox(given: Mapping[str, str]) -> dict[str, str]:
    """Return the values with the scope and developer token of the sandbox, unless given.

    Raises:
        CommandError: The scope is the one of production.
    """
    values = {"scope": SANDBOX_DEFAULT_SCOPE, "developer_token": SANDBOX_DEVELOPER_TOKEN, **given}
    if not is_of_the_sandbox(values):
        raise bad_input(f"The scope is not the one of the sandbox, {SANDBOX_SCOPE}.", "Leave out --scope or --sandbox.")
    return values


def refuse_taken(installation: Installation, name: str) -> None:
    """Refuse the name of a secret that exists or is scheduled for deletion.

    Raises:
        CommandError: There is such a secret.
    """
    found, secret_id = installation.secrets.find(name), installation.secret_id(name)
    if found is None:
        return
    if found.deleted_at is None:
        raise bad_input(
            f"There is a secret {secret_id} already.",
            f"To see it: token-refresher show {name}. To change it: token-refresher set {name} KEY=VALUE",
        )
    raise bad_input(
        f"The secret {secret_id} was deleted on {found.deleted_at:%Y-%m-%d}. Its name is taken until its recovery"
        " window ends.",
        f"Restore it with: aws secretsmanager restore-secret --secret-id {secret_id}. Or choose another name.",
    )


def missing(key: str, more: str = "") -> CommandError:
    """Return the error for a missing value that the command cannot ask for."""
    needed = FIELDS[key]
    return bad_input(
        f"The {key.replace('_', ' ')} is missing, and there is no terminal to ask at.",
        f"Give it with {needed.option}, {needed.variable}, or --stdin.{more}",
    )


def checked_tags(texts: Sequence[str]) -> dict[str, str]:
    """Read tags of the form ``KEY=VALUE``.

    Raises:
        CommandError: One has another form, or a reserved key.
    """
    tags: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise bad_input("A tag is not KEY=VALUE.", "Write --tag KEY=VALUE.")
        if key.lower().startswith(("aws:", "token-refresher:")):
            raise bad_input(f"Tags that begin with {key.partition(':')[0]}: are reserved.", "Choose another key.")
        tags[key] = value
    return tags


def _dumped(members: Mapping[str, Any]) -> str:
    return json.dumps(members, indent=2)
