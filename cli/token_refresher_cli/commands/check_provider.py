"""``check-provider``: check a file with an entry of a team."""

from typing import Annotated

import typer

from token_refresher_cli.shell.terminal import say
from token_refresher_cli.values.entry_file import EntryFile
from token_refresher_cli.views.provider_words import end, rotation

File = Annotated[str, typer.Argument(metavar="FILE", help="The entry, such as acme.toml for the provider acme.")]


def check_provider(file: File) -> None:
    """Check a file that describes a provider of your own, and name the line and the key of what is wrong.

    It needs no stack and no AWS. docs/provider.schema.json describes the file.

    Examples:
    - `token-refresher check-provider acme.toml`
    """
    describe(EntryFile.read(file))


def describe(read: EntryFile) -> None:
    """Say what an entry means, so that whoever wrote it sees whether that was meant."""
    entry = read.entry
    methods = ", ".join(entry.token.auth_methods)
    for label, text in (
        ("Provider", entry.name),
        ("Reads", entry.words.product),
        ("Signs in at", entry.authorization.authorization_endpoint),
        ("Tokens from", entry.token.token_endpoint),
        ("Proof", methods),
        ("Scope", entry.scope.default or "of the secret"),
        ("Refresh token", rotation(entry)),
        ("Ends", end(entry) or "no end is known"),
    ):
        say(f"{label:<13}  {text}")
