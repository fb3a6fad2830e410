"""``export``: the credentials as JSON, without their secrets or with them."""

import json
from typing import Annotated, Any, Final

import typer

from token_refresher.clock import to_rfc3339
from token_refresher_cli.arguments import Yes, complete_names
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.current_document import CurrentDocument, read_current
from token_refresher_cli.errors import CommandError
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation
from token_refresher_cli.redaction import redacted
from token_refresher_cli.secret_facts import SecretFacts
from token_refresher_cli.terminal import confirm, note, progress

_WORTH: Final = (
    "This holds client secrets, developer tokens and refresh tokens in clear: whoever reads it can use the advertising"
    " accounts, and renew the access. Encrypt it, and delete it as soon as you can. The next refresh replaces the"
    " refresh tokens; a strict provider then takes those in here for stolen ones, and ends the sign-in if one is used."
)


def export(
    installation: Installation,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Which credentials; all of them without.", autocompletion=complete_names),
    ] = None,
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="Export the secrets in clear.")] = False,
    yes: Yes = False,
) -> None:
    """Print credentials as JSON: name, tags, KMS key, and the document.

    Without `--with-secrets`, `document` is an object, in which `{"fingerprint": "…"}` stands in for every secret and
    for every key that is not one of Token Refresher's. With it, `document` is the text of the secret, byte for byte, to
    be put back with `aws secretsmanager`.

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
    # Not by Rich, and in ASCII: what is to be put back must not meet a console on its way.
    typer.echo(
        json.dumps(
            {
                "exported_at": to_rfc3339(installation.clock()),
                "stack": installation.stack,
                "prefix": installation.prefix,
                "with_secrets": with_secrets,
                "credentials": exported,
            },
            indent=2,
        )
    )
    if with_secrets and chosen:
        note(_WORTH)


def _credential(installation: Installation, name: str, *, with_secrets: bool) -> dict[str, Any]:
    facts = SecretFacts.read(installation, name)
    current = read_current(installation, name) or CurrentDocument.empty()
    if not current.is_readable:
        raise CommandError(
            f"AWS does not let you read the secret of {name} ({current.refusal}), and an export is whole or none.",
            "Ask for secretsmanager:GetSecretValue and kms:Decrypt, or name those that you may read.",
            ExitCode.AWS,
        )
    return {
        "name": name,
        "arn": facts.arn,
        "description": facts.description,
        "kms_key": facts.kms_key,
        "tags": dict(facts.tags),
        "version_id": current.version_id,
        "problem": str(current.problem) if current.problem else None,
        "document": _text(current) if with_secrets else redacted(current),
    }


def _text(current: CurrentDocument) -> str | None:
    return current.text.reveal() if current.text else None


def _counted(number: int) -> str:
    return "one credential" if number == 1 else f"{number} credentials"
