"""``export``: print credentials as JSON, with or without their secrets."""

from contextlib import nullcontext
from typing import Annotated, Any, Final

import typer

from token_refresher.base.clock import to_rfc3339
from token_refresher_cli.commands.arguments import Names, Yes
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.documents import HELD, Documents
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.redaction import redacted
from token_refresher_cli.installation.secret import Secret
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.progress import Progress
from token_refresher_cli.shell.terminal import confirm, is_screen, note, write_json_list

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
    documents, shown = Documents(installation.secrets), Progress()
    with shown.during("Listing the credentials"):
        chosen = [_named(installation, name) for name in dict.fromkeys(names)] if names else _all(installation)
    if with_secrets and chosen:
        confirm(f"Print {_counted(len(chosen))} with all their secrets in clear?", yes=yes)
    with shown.during(f"Reading {_counted(len(chosen))}"):
        # An export is whole or none, and holds few documents: more are read twice, first to see whether all can be.
        held = list(documents.of(chosen)) if len(chosen) <= HELD else None
        for secret, current in shown.counted(held or documents.of(chosen)):
            _refuse_unread(secret, current)
    if not chosen:
        note("There is no credential yet. Make one with: token-refresher add NAME")
    head = {
        "exported_at": to_rfc3339(installation.clock()),
        "stack": installation.stack,
        "prefix": installation.prefix,
        "with_secrets": with_secrets,
    }
    with nullcontext() if is_screen() else shown.during(f"Writing {_counted(len(chosen))}"):
        read = shown.counted(held or documents.of(chosen))
        write_json_list(
            head, "credentials", (_credential(secret, current, with_secrets=with_secrets) for secret, current in read)
        )
    if with_secrets and chosen:
        note(_WARNING)


def _all(installation: Installation) -> list[Secret]:
    found = [secret for secret in installation.secrets.all() if secret.moved_to is None]
    return sorted(found, key=lambda secret: secret.name)


def _named(installation: Installation, name: str) -> Secret:
    secret = installation.secrets.find(name)
    if secret is None or secret.moved_to is not None or secret.deleted_at is not None:
        raise Credentials(installation).not_found(name)
    return secret


def _refuse_unread(secret: Secret, current: CurrentDocument | None) -> None:
    if current is not None and not current.is_readable:
        raise CommandError(
            f"AWS does not let you read the secret of {secret.name} ({current.refusal_code}), and an export is whole or"
            " none.",
            "Ask for secretsmanager:BatchGetSecretValue, secretsmanager:GetSecretValue and kms:Decrypt, or name only"
            " credentials that you may read.",
            ExitCode.AWS,
        )


def _credential(secret: Secret, current: CurrentDocument | None, *, with_secrets: bool) -> dict[str, Any]:
    _refuse_unread(secret, current)
    current = current or CurrentDocument.empty()
    return {
        "name": secret.name,
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
