"""``rotate-client-secret``: replace a client secret by another one, and keep the old one until it works."""

import os
from typing import Annotated, Final

import typer

from token_refresher.sensitive import Sensitive
from token_refresher_cli import shapes
from token_refresher_cli.arguments import Name
from token_refresher_cli.client_secret_rotation import ClientSecretRotation, NewSecret
from token_refresher_cli.errors import CommandError, bad_input
from token_refresher_cli.inputs import read_standard_input
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import Timeout
from token_refresher_cli.terminal import ask_hidden, note, say

_VARIABLE: Final = "TOKEN_REFRESHER_CLIENT_SECRET"


def rotate_client_secret(
    installation: Installation,
    name: Name,
    *,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the new value from standard input.")] = False,
    expires_at: Annotated[
        str | None, typer.Option("--expires-at", metavar="DATE", help="When the new one ends, for the warnings.")
    ] = None,
    all_of_application: Annotated[
        bool, typer.Option("--all-of-application", help="Do it for every credential with the same client id.")
    ] = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Write it even if no refresh can check it; both are kept then.")
    ] = False,
    timeout: Timeout = 120,
) -> None:
    """Replace a client secret: the new one is checked with a refresh, and the old one is kept until that worked.

    If Microsoft refuses the new one, the old one is put back. If it does not answer, both are kept, pipelines go on
    working, and the same command finishes it. The value is asked for, or comes from standard input or from the
    environment variable `TOKEN_REFRESHER_CLIENT_SECRET`.

    Examples:
    - `token-refresher rotate-client-secret acme-bing-ads --expires-at 2028-11-22`
    - `token-refresher rotate-client-secret acme-bing-ads --all-of-application --stdin < new-secret.txt`
    """
    rotation = ClientSecretRotation(installation, timeout)
    state, credential = rotation.check_possible(name)
    unfinished = credential.previous_client_secret is not None
    until = None if expires_at is None else shapes.client_secret_expires_at(expires_at, installation.clock())
    new = NewSecret(_value(stdin=stdin, unfinished=unfinished), until)
    if new.value == credential.client_secret and not unfinished and not all_of_application:
        raise bad_input(f"{name} has this client secret already.", "Make a new one, and give its value.")
    obstacle = rotation.obstacle(state, credential)
    if obstacle and not unchecked:
        raise CommandError(
            f"The new client secret cannot be checked: {obstacle}. Nothing was written.",
            "Mend that first, or say --unchecked to write it all the same.",
        )
    if credential.client_secret_expires_at is not None and until is None and new.value is not None:
        note("When the new one ends is not known: the end of the old one is removed. Say --expires-at to be warned.")
    _replace(rotation, name, new, obstacle)
    _, done = rotation.check_possible(name)
    others = rotation.others(name, done)
    if others and not all_of_application:
        note(f"These sign in as the same application and still have another client secret: {', '.join(others)}.")
        note("To give it to them too, run the command again with --all-of-application.")
        return
    for position, other in enumerate(others):
        try:
            _replace(
                rotation,
                other,
                NewSecret(done.client_secret, until),
                rotation.obstacle(*rotation.check_possible(other)),
            )
        except CommandError:
            if left := others[position + 1 :]:
                note(f"Nothing was changed of these: {', '.join(left)}.")
            raise


def _replace(rotation: ClientSecretRotation, name: str, new: NewSecret, obstacle: str) -> None:
    rotation.make_room(name, new, obstacle)
    rotation.write(name, new)
    if obstacle:
        say(f"{name} has the new client secret. It was not checked, for {obstacle}: the old one is kept beside it.")
    else:
        say(rotation.check(name))


def _value(*, stdin: bool, unfinished: bool) -> Sensitive | None:
    """Return the new value; ``None`` where the one that waits in the document is to be checked."""
    given = read_standard_input() if stdin else os.environ.get(_VARIABLE)
    if given is None and unfinished:
        note("The client secret was replaced before, and that was not finished: the one that waits is checked now.")
        return None
    return Sensitive(shapes.client_secret(ask_hidden("New client secret") if given is None else given))
