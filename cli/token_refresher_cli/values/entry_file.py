"""A file with an entry of the catalogue, as a team writes it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from token_refresher.credential.document import PROVIDER_GRAMMAR
from token_refresher.providers.catalogue.builtin import builtin_names
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.catalogue.own import read_own_entry
from token_refresher.providers.catalogue.reader import InvalidEntryError
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.values.inputs import read_file

_SUFFIX: Final = ".toml"
_SCHEMA: Final = "docs/provider.schema.json explains the keys, and docs/providers.md how to write an entry."


@dataclass(frozen=True)
class EntryFile:
    """An entry that can be used.

    Attributes:
        entry: The entry.
        text: The text of the file.
    """

    entry: ProviderEntry
    text: str = field(repr=False)

    @classmethod
    def read(cls, path: str, *, is_local: bool = False) -> Self:
        """Read a file. Its name without ``.toml`` is the name of the provider.

        Args:
            path: The file.
            is_local: Whether addresses of this machine are allowed.

        Raises:
            CommandError: The file cannot be read, its name is no name of a provider or one of the catalogue, or its
                text is no entry. The message names the file, the line and the key.
        """
        file = Path(path)
        name = file.name.removesuffix(_SUFFIX)
        if file.suffix != _SUFFIX or not PROVIDER_GRAMMAR.fullmatch(name):
            raise bad_input(
                f"{file.name} is no name of an entry: small letters, digits and hyphens, and {_SUFFIX}.",
                "The name of the file is what a credential has in provider, such as acme.toml for acme.",
            )
        if name in builtin_names():
            raise bad_input(
                f"The catalogue has an entry {name}, and nobody can replace it.", "Give the file another name."
            )
        text = read_file(path)
        try:
            return cls(read_own_entry(name, text, path, is_local=is_local), text)
        except InvalidEntryError as error:
            raise bad_input(f"{error}.", _SCHEMA) from None
