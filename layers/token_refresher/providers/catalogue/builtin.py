"""The entries that come with the product."""

from functools import cache
from pathlib import Path
from typing import Final

from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.catalogue.reader import read_entry

_FOLDER: Final = Path(__file__).parent
"""A path and not importlib.resources, which would load a dozen modules at each start."""


@cache
def builtin_names() -> tuple[str, ...]:
    """Return the names of all entries, sorted."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


@cache
def builtin(name: str) -> ProviderEntry:
    """Return an entry.

    Raises:
        FileNotFoundError: There is none of this name.
    """
    return read_entry(name, builtin_text(name), f"{name}.toml")


def builtin_text(name: str) -> str:
    """Return the text of an entry."""
    return (_FOLDER / f"{name}.toml").read_text("utf-8")
