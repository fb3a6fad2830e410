"""``set``: change keys of a credential."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from token_refresher.sensitive import Sensitive
from token_refresher_cli import shapes
from token_refresher_cli.arguments import Name
from token_refresher_cli.assignments import SHOWN, assignments, checked
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation
from token_refresher_cli.secret_edit import SecretEdit
from token_refresher_cli.terminal import note, progress, say

_FOLLOWS: Final = {
    "client_id": "A refresh token works with the app alone that it was issued to: somebody has to sign in again.",
    "refresh_token": (
        "From now on the refresh token is Token Refresher's. What else uses it must be stopped: each refresh replaces"
        " it, and to present one that was replaced may end the sign-in for both."
    ),
}
"""What somebody who changes a key may not think of."""


def set_keys(
    installation: Installation,
    name: Name,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="KEY=VALUE for a text, KEY:=JSON, or KEY=- for a secret."),
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="KEY", help="Remove a key.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
) -> None:
    """Change keys of a credential; all others keep their text, and a rotation at the same time is never overwritten.

    What the refresher writes cannot be set. A secret is asked for, or read from standard input: `client_secret=-`.

    Examples:
    - `token-refresher set acme-bing-ads account_id=1234567 customer_id=7654321`
    - `token-refresher set acme-bing-ads 'limits:={"rows": 10}' --remove note`
    - `token-refresher set acme-bing-ads developer_token=- < developer-token.txt`
    - `token-refresher set acme-bing-ads tenant=organizations --dry-run`
    """
    wanted = assignments(values or [], remove or [])
    edit, now = SecretEdit(installation), installation.clock()
    if "refresh_token" in wanted:
        _refuse_spent(installation, name, shapes.refresh_token(wanted["refresh_token"]))

    def change(document: Mapping[str, Any]) -> Mapping[str, Any]:
        return checked(wanted, document, now)

    with progress(f"Reading {name}" if dry_run else f"Changing {name}"):
        edited = edit.plan(name, change) if dry_run else edit.apply(name, change)
    if not edited.changed:
        say(f"{name} is so already; nothing was written.")
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
            f"The secret of {name} is still no credential document: {edited.problem}.",
            f"Say that as well: token-refresher set {name} {edited.problem.field or 'KEY'}=…",
            ExitCode.PERSON_NEEDED,
        )


def _refuse_spent(installation: Installation, name: str, refresh_token: str) -> None:
    entry = Credentials(installation).entry(name)
    if entry is not None and Sensitive(refresh_token).fingerprint in entry.spent:
        raise bad_input(
            f"The refresh token was used up by {name} itself: to use it again may end the sign-in.",
            f"Leave the one that is there. For another sign-in: token-refresher link {name}",
        )


def _what_is_next(installation: Installation, name: str) -> str:
    entry = Credentials(installation).entry(name)
    if entry is not None and entry.is_paused:
        return f"{name} is paused: nothing happens before token-refresher resume {name}"
    return f"The next tick takes it up. To try it now: token-refresher refresh {name}"


def _line(key: str, value: object, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    if value is None:
        return f"{key}: {would}removed"
    # What is in a key that is not ours nobody knows: it is not shown.
    return f"{key}: {would}{value}" if key in SHOWN else f"{key}: {would}changed"
