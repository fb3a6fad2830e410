"""``add-provider``: let the stack know a provider of a team."""

from typing import Annotated

import typer

from token_refresher_cli.commands.arguments import Yes
from token_refresher_cli.commands.check_provider import File, describe
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.installation.own_providers import LARGEST_BYTES
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import confirm, note, progress, say
from token_refresher_cli.values.entry_file import EntryFile


def add_provider(
    installation: Installation,
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and write nothing.")] = False,
    yes: Yes = False,
) -> None:
    """Put a provider of your own into Parameter Store, where the functions find it.

    The stack needs the parameter `ProvidersPath`. An entry that is there already is replaced after a question. The
    functions read an entry once in the life of an execution environment.

    Examples:
    - `token-refresher add-provider acme.toml --dry-run`
    - `token-refresher add-provider acme.toml`
    """
    known = KnownProviders(installation)
    read = EntryFile.read(file, is_local=known.is_local)
    own, name = known.own, read.entry.name
    if len(read.text.encode()) > LARGEST_BYTES:
        raise bad_input(f"{file} is longer than {LARGEST_BYTES} bytes, which a parameter can hold.", "Shorten it.")
    if not own.path:
        raise CommandError(
            f"The stack {installation.stack} has no place for providers: its parameter ProvidersPath is empty.",
            "Deploy it with ProvidersPath=/token-refresher/providers (docs/providers.md), and run the command again.",
            ExitCode.PERSON_NEEDED,
        )
    describe(read)
    if dry_run:
        note("Nothing was written.")
        return
    with progress(f"Writing {name}"):
        is_written = own.write(name, read.text, replace=False)
    if not is_written:
        if own.read(name) == (read.text, own.parameter(name)):
            note(f"{own.parameter(name)} has this entry already; nothing was written.")
            return
        confirm(f"Replace the entry in {own.parameter(name)}?", yes=yes)
        with progress(f"Writing {name}"):
            own.write(name, read.text, replace=True)
        note("Functions that run already may use the old entry for some hours; a deployment ends that.")
    say(f"Parameter      {own.parameter(name)}")
    note(f"Next: token-refresher add NAME --provider {name}")
