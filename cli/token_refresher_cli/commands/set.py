"""``set``: change keys of a credential."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from token_refresher.base.sensitive import Sensitive
from token_refresher_cli.changes.secret_edit import SecretEdit
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import note, progress, say
from token_refresher_cli.values.assignments import SHOWN, assignments, checked
from token_refresher_cli.values.rules import RulesOf

_FOLLOWS: Final = {
    "provider": "A refresh token works only at the provider that issued it: a person has to sign in again.",
    "client_id": "A refresh token works only with the app that it was issued to: a person has to sign in again.",
    "refresh_token": (
        "Token Refresher now uses this refresh token. Stop every other program that uses it: each refresh replaces it,"
        " and presenting a replaced one may revoke the sign-in for both."
    ),
}
"""What follows from the change of a key, by key."""


def set_keys(
    installation: Installation,
    name: Name,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="KEY=VALUE for a text, KEY:=JSON for other JSON, KEY=- for a secret."),
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="KEY", help="Remove a key.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change and write nothing.")] = False,
) -> None:
    """Change keys of a credential; all other keys keep their text, and new tokens are never overwritten.

    Keys that Token Refresher writes cannot be set. For a secret, write `client_secret=-`: the command asks for it or
    reads it from standard input.

    Examples:
    - `token-refresher set acme-bing-ads account_id=1234567 customer_id=7654321`
    - `token-refresher set acme-bing-ads 'limits:={"rows": 10}' --remove note`
    - `token-refresher set acme-bing-ads developer_token=- < developer-token.txt`
    - `token-refresher set acme-bing-ads tenant=organizations --dry-run`
    """
    wanted = assignments(values or [], remove or [])
    edit, rules = SecretEdit(installation), RulesOf(KnownProviders(installation))
    if "refresh_token" in wanted:
        _refuse_spent(installation, name, wanted["refresh_token"])

    def change(document: Mapping[str, Any]) -> Mapping[str, Any]:
        return checked(wanted, document, rules)

    with progress(f"Reading {name}" if dry_run else f"Changing {name}"):
        edited = edit.plan(name, change) if dry_run else edit.apply(name, change)
    if not edited.changed:
        say(f"{name} already has these values; nothing was written.")
    for key in edited.changed:
        say(_line(key, edited.changed[key], dry_run=dry_run))
    if dry_run:
        note("Nothing was written.")
    elif edited.changed:
        note(_what_is_next(installation, name))
    for key, why in _FOLLOWS.items():
        if key in edited.changed:
            note(why)
    if edited.problem is not None:
        raise CommandError(
            f"The secret of {name} is still not a valid credential document: {edited.problem}.",
            f"Set that as well: token-refresher set {name} {edited.problem.field or 'KEY'}=…",
            ExitCode.PERSON_NEEDED,
        )


def _refuse_spent(installation: Installation, name: str, refresh_token: str) -> None:
    entry = Credentials(installation).entry(name)
    if entry is not None and Sensitive(refresh_token).fingerprint in entry.spent:
        raise bad_input(
            f"{name} already used this refresh token: using it again may revoke the sign-in.",
            f"Keep the one that it has. For a new sign-in: token-refresher link {name}",
        )


def _what_is_next(installation: Installation, name: str) -> str:
    entry = Credentials(installation).entry(name)
    if entry is not None and entry.is_paused:
        return f"{name} is paused: nothing happens before token-refresher resume {name}"
    return f"The next tick uses it. To try it now: token-refresher refresh {name}"


def _line(key: str, value: object, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    if value is None:
        return f"{key}: {would}removed"
    # The value of an unknown key may be a secret.
    return f"{key}: {would}{value}" if key in SHOWN else f"{key}: {would}changed"
