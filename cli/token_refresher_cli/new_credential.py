"""A credential that is about to be: its checked values, and the secret that is made of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.credential import SANDBOX_SCOPE, Credential
from token_refresher.sensitive import Sensitive
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.fields import FIELDS, checked, is_of_the_sandbox, with_account
from token_refresher_cli.installation import Installation
from token_refresher_cli.secret_name import checked_name
from token_refresher_cli.shapes import SANDBOX_DEVELOPER_TOKEN

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import CreateSecretRequestTypeDef

LONGEST_BYTES: Final = 65_536
"""Of a secret's value. Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html"""

_SANDBOX: Final = f"{SANDBOX_SCOPE} offline_access"


@dataclass(frozen=True)
class NewCredential:
    """A credential whose values have the shapes that they must have.

    Attributes:
        name: The credential's name, without the prefix.
        members: The members of its secret, in their order.
    """

    name: str
    members: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(
        cls,
        name: str,
        prefix: str,
        given: Mapping[str, str],
        now: datetime,
        *,
        public: bool = False,
        sandbox: bool = False,
    ) -> Self:
        """Check a name and values.

        Args:
            name: The credential's name, without the prefix.
            prefix: What the names of the managed secrets begin with, without the slash.
            given: The values by the keys of the secret, and ``account_url``.
            now: What time it is.
            public: Whether the app is a public client, which has no client secret.
            sandbox: Whether the sandbox of Microsoft Advertising is meant.

        Raises:
            CommandError: A value is missing or cannot be right, or does not go with another one.
        """
        checked_name(name, prefix)
        values = for_the_sandbox(with_account(given)) if sandbox else with_account(given)
        if "client_id" not in values:
            raise missing("client_id")
        if "client_secret" not in values and not public:
            raise missing("client_secret", " Say --public-client for an app without one.")
        if "client_secret" in values and public:
            raise bad_input("A public client has no client secret.", "Say one of --public-client and --client-secret.")
        if "client_secret_expires_at" in values and public:
            raise bad_input("A public client has no client secret that could end.", "Leave its end out.")
        in_the_sandbox = is_of_the_sandbox(values)
        members = {key: checked(key, values[key], now=now, sandbox=in_the_sandbox) for key in FIELDS if key in values}
        if len(_dumped(members).encode()) > LONGEST_BYTES:
            raise bad_input(f"The secret would be longer than {LONGEST_BYTES} bytes.", "See to what was pasted.")
        return cls(name, members)

    @property
    def text(self) -> str:
        """The text of the secret: people read secrets in the AWS console."""
        return _dumped(self.members)

    @property
    def credential(self) -> Credential:
        """What the functions will read."""
        return Credential.parse(self.text)

    @property
    def has_grant(self) -> bool:
        """Whether it can be refreshed without anybody signing in."""
        return "refresh_token" in self.members

    def fingerprinted(self) -> dict[str, str]:
        """Return the members of the secret with fingerprints in the place of secrets."""
        return {
            key: f"(fingerprint {Sensitive(value).fingerprint})" if FIELDS[key].is_secret else value
            for key, value in self.members.items()
        }

    def create(self, installation: Installation, tags: Mapping[str, str] | None = None) -> str:
        """Create the secret, with one call, and return its ARN.

        Raises:
            CommandError: There is a secret of that name.
            ServiceUnavailableError: Secrets Manager did not do it.
        """
        request: CreateSecretRequestTypeDef = {
            "Name": installation.secret_id(self.name),
            "SecretString": self.text,
        }
        key = installation.environment.get("KMS_KEY_ARN", "")
        if key:
            request["KmsKeyId"] = key
        if tags:
            request["Tags"] = [{"Key": tag, "Value": value} for tag, value in tags.items()]
        try:
            return installation.secrets.create_secret(**request)["ARN"]
        except ClientError as error:
            refuse_taken(installation, self.name)
            raise unavailable("secretsmanager", error) from error


def for_the_sandbox(given: Mapping[str, str]) -> dict[str, str]:
    """Return values with what is the same for everybody in the sandbox.

    Raises:
        CommandError: They are for production.
    """
    values = {"scope": _SANDBOX, "developer_token": SANDBOX_DEVELOPER_TOKEN, **given}
    if not is_of_the_sandbox(values):
        raise bad_input(f"The scope is not the one of the sandbox, {SANDBOX_SCOPE}.", "Leave --scope or --sandbox out.")
    return values


def refuse_taken(installation: Installation, name: str) -> None:
    """Refuse a name that a secret has already, or had until it was deleted.

    Raises:
        CommandError: There is such a secret.
    """
    secret_id = installation.secret_id(name)
    try:
        found = installation.secrets.describe_secret(SecretId=secret_id)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return
        raise unavailable("secretsmanager", error) from error
    if found.get("DeletedDate") is None:
        raise bad_input(
            f"There is a secret {secret_id} already.",
            f"token-refresher show {name} shows it, token-refresher set {name} KEY=VALUE changes it.",
        )
    raise bad_input(
        f"The secret {secret_id} was removed on {found['DeletedDate']:%Y-%m-%d}, and is in its recovery window: until"
        " that is over, its name is taken.",
        f"Bring it back with: aws secretsmanager restore-secret --secret-id {secret_id}. Or choose another name.",
    )


def missing(key: str, more: str = "") -> CommandError:
    """Return the error for a value that is needed, and that nobody can be asked for."""
    needed = FIELDS[key]
    return bad_input(
        f"The {key.replace('_', ' ')} is missing, and nobody can be asked.",
        f"Give it with {needed.option}, {needed.variable}, or --stdin.{more}",
    )


def checked_tags(texts: Sequence[str]) -> dict[str, str]:
    """Read tags of the form ``KEY=VALUE``.

    Raises:
        CommandError: One has another form, or is for others to set.
    """
    tags: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise bad_input("A tag has no key and value.", "Say --tag KEY=VALUE.")
        if key.lower().startswith(("aws:", "token-refresher:")):
            raise bad_input(
                f"A tag that begins with {key.partition(':')[0]}: is not yours to set.", "Choose another key."
            )
        tags[key] = value
    return tags


def _dumped(members: Mapping[str, Any]) -> str:
    return json.dumps(members, indent=2)
