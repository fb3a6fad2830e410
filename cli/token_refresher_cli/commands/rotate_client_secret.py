"""``rotate-client-secret``: replace a client secret, and keep the old one until the new one works."""

import os
from typing import Annotated, Final

import typer

from token_refresher.base.sensitive import Sensitive
from token_refresher_cli.changes.client_secret_rotation import ClientSecretRotation, NewSecret
from token_refresher_cli.changes.refresh_request import Timeout
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import ask_hidden, note, say
from token_refresher_cli.values.inputs import read_standard_input
from token_refresher_cli.values.rules import Rules, RulesOf

_VARIABLE: Final = "TOKEN_REFRESHER_CLIENT_SECRET"


def rotate_client_secret(
    installation: Installation,
    name: Name,
    *,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the new value from standard input.")] = False,
    expires_at: Annotated[
        str | None,
        typer.Option(
            "--expires-at", metavar="DATE", help="When the new client secret expires: you get a warning before."
        ),
    ] = None,
    all_of_application: Annotated[
        bool, typer.Option("--all-of-application", help="Replace it in every credential with the same client id.")
    ] = False,
    unchecked: Annotated[
        bool,
        typer.Option("--unchecked", help="Write it even if no refresh can check it; the old one is kept beside it."),
    ] = False,
    timeout: Timeout = 120,
) -> None:
    """Replace a client secret: a refresh checks the new one, and the old one is kept until that succeeds.

    If the provider refuses the new one, the old one is put back. If it does not answer, both are kept, pipelines go on
    working, and the same command finishes it. The command asks for the value, or takes it from standard input or
    from the environment variable `TOKEN_REFRESHER_CLIENT_SECRET`.

    Examples:
    - `token-refresher rotate-client-secret acme-bing-ads --expires-at 2028-11-22`
    - `token-refresher rotate-client-secret acme-bing-ads --all-of-application --stdin < new-secret.txt`
    """
    rotation = ClientSecretRotation(installation, timeout)
    state, credential = rotation.check_possible(name)
    rules = RulesOf(KnownProviders(installation))(credential.provider)
    unfinished = credential.previous_client_secret is not None
    until = None if expires_at is None else rules.checked("client_secret_expires_at", expires_at)
    new = NewSecret(_value(rules, stdin=stdin, unfinished=unfinished), until)
    if new.value == credential.client_secret and not unfinished and not all_of_application:
        raise bad_input(
            f"{name} already has this client secret.", f"Create a new one at {rules.provider}, and give its value."
        )
    obstacle = rotation.obstacle(state, credential)
    if obstacle and not unchecked:
        raise CommandError(
            f"The new client secret cannot be checked: {obstacle}. Nothing was written.",
            "Fix that first, or add --unchecked to write it all the same.",
        )
    if credential.client_secret_expires_at is not None and until is None and new.value is not None:
        note(
            "The end of the old one is removed, and the end of the new one is not known. Give --expires-at to get a"
            " warning before it."
        )
    _replace(rotation, name, new, obstacle)
    _, done = rotation.check_possible(name)
    others = rotation.others(name, done)
    if others and not all_of_application:
        note(f"These use the same application and still have another client secret: {', '.join(others)}.")
        note("To replace it there too, run the command again with --all-of-application.")
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
                note(f"Nothing was changed in these: {', '.join(left)}.")
            raise


def _replace(rotation: ClientSecretRotation, name: str, new: NewSecret, obstacle: str) -> None:
    rotation.make_room(name, new, obstacle)
    rotation.write(name, new)
    if obstacle:
        say(f"{name} has the new client secret. It was not checked, because {obstacle}: the old one is kept beside it.")
    else:
        say(rotation.check(name))


def _value(rules: Rules, *, stdin: bool, unfinished: bool) -> Sensitive | None:
    """Return the new value; ``None`` if the one in the document is still to be checked."""
    given = read_standard_input() if stdin else os.environ.get(_VARIABLE)
    if given is None and unfinished:
        note("An earlier run wrote a new client secret and did not finish: that one is checked now.")
        return None
    return Sensitive(rules.checked("client_secret", ask_hidden("New client secret") if given is None else given))
