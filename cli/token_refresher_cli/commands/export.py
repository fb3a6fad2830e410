"""``export``: print credentials as JSON, with or without their secrets."""

from typing import Annotated, Any, Final

import typer

from token_refresher.base.clock import to_rfc3339
from token_refresher_cli.commands.arguments import Names, Yes
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.redaction import redacted
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import confirm, note, progress, write_json

_WARNING: Final = (
    "This has client secrets, developer tokens and refresh tokens in clear: anybody who reads it can use the"
    " advertising accounts and renew the access. Encrypt it, and delete it as soon as you can. The next refresh"
    " replaces the refresh tokens; if one of these is used afterwards, a strict provider revokes the sign-in."
)


def export(
    installation: Installation,
    names: Names = None,
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="Export the secrets in clear.")] = False,
    yes: Yes = False,
) -> None:
    """Print credentials as JSON: name, tags, KMS key, and the document.

    Without `--with-secrets`, `document` is an object in which `{"fingerprint": "…"}` replaces every secret and every
    value of a key that Token Refresher does not know. With it, `document` is the exact text of the secret, which
    `aws secretsmanager` can put back.

    Examples:
    - `token-refresher export`
    - `token-refresher export acme-bing-ads --with-secrets --yes | gpg --encrypt --recipient ops > acme.gpg`
    - `gpg --decrypt acme.gpg | jq -j '.credentials[0].document' > acme.document`
    """
    credentials = Credentials(installation)
    chosen = list(dict.fromkeys(names or credentials.names()))
    for name in names or ():
        credentials.state(name)
    if with_secrets and chosen:
        confirm(f"Print {_counted(len(chosen))} with all their secrets in clear?", yes=yes)
    with progress(f"Reading {_counted(len(chosen))}"):
        exported = [_credential(installation, name, with_secrets=with_secrets) for name in chosen]
    if not chosen:
        note("There is no credential yet. Make one with: token-refresher add NAME")
    write_json(
        {
            "exported_at": to_rfc3339(installation.clock()),
            "stack": installation.stack,
            "prefix": installation.prefix,
            "with_secrets": with_secrets,
            "credentials": exported,
        }
    )
    if with_secrets and chosen:
        note(_WARNING)


def _credential(installation: Installation, name: str, *, with_secrets: bool) -> dict[str, Any]:
    secret = installation.secrets.get(name)
    current = installation.secrets.current(name) or CurrentDocument.empty()
    if not current.is_readable:
        raise CommandError(
            f"AWS does not let you read the secret of {name} ({current.refusal_code}), and an export is whole or none.",
            "Ask for secretsmanager:GetSecretValue and kms:Decrypt, or name only credentials that you may read.",
            ExitCode.AWS,
        )
    return {
        "name": name,
        "arn": secret.arn,
        "description": secret.description,
        "kms_key": secret.kms_key,
        "tags": dict(secret.tags),
        "version_id": current.version_id,
        "problem": str(current.problem) if current.problem else None,
        "document": _text(current) if with_secrets else redacted(current),
    }


def _text(current: CurrentDocument) -> str | None:
    return current.text.reveal() if current.text else None


def _counted(number: int) -> str:
    return "one credential" if number == 1 else f"{number} credentials"
