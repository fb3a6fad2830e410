"""Reads files and standard input. Nothing of it is printed, and no error quotes it."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import typer

from token_refresher.credential.document_text import read_members
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.values.fields import ACCOUNT_URL, FIELDS, ISSUER

STANDARD_INPUT: Final = "-"

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
"""PowerShell writes these when it redirects output to a file."""

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_TAKEN: Final = (*FIELDS, ACCOUNT_URL, ISSUER)
_STEP: Final = f"It must be one JSON object with some of the keys {', '.join(_TAKEN)}."


def read_standard_input() -> str:
    """Read all of standard input as a text.

    Raises:
        CommandError: It is not a text, or standard input is a terminal.
    """
    stream = typer.get_binary_stream("stdin")
    if stream.isatty():
        raise bad_input(
            "Standard input is a terminal.", "Redirect a file or the output of a command to it, with < or |."
        )
    return _decoded(stream.read(), "Standard input")


def read_file(path: str) -> str:
    """Read a file as a text, or standard input for ``-``.

    Raises:
        CommandError: It cannot be read, or is not a text.
    """
    if path == STANDARD_INPUT:
        return read_standard_input()
    try:
        return _decoded(Path(path).read_bytes(), path)
    except OSError as error:
        raise bad_input(f"{path} cannot be read: {error.strerror}.", "Check the name of the file.") from None


def values_of_json(text: str) -> dict[str, str]:
    """Read the values of a new credential from a JSON object; ``null`` counts as not given.

    Raises:
        CommandError: It is not a JSON object, or has a key that a credential does not have.
    """
    try:
        members = read_members(text).values()
    except ValueError:
        raise bad_input("Standard input is not one JSON object with every key once.", _STEP) from None
    for key in members.keys() - set(_TAKEN):
        raise _unknown(key)
    values: dict[str, str] = {}
    for key, value in members.items():
        if value is None:
            continue
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise bad_input(f"The value of {key} on standard input is not a text.", _STEP)
        values[key] = str(value)
    return values


def shown_keys(keys: Iterable[str]) -> str:
    """List the names of keys; one that does not look like a name may be a secret, and is only counted."""
    names = sorted(keys)
    shown = [name for name in names if _KEY.fullmatch(name)]
    others = len(names) - len(shown)
    return ", ".join(shown + ([f"{others} more"] if others else [])) or "nothing"


def _unknown(key: str) -> CommandError:
    close = difflib.get_close_matches(key, _TAKEN, n=1)
    step = f"Do you mean {close[0]}? {_STEP}" if close else _STEP
    named = f"a key {key}" if _KEY.fullmatch(key) else "a key"
    return bad_input(f"Standard input has {named} that add does not take.", step)


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        raise bad_input(f"{what} is not a text in UTF-8.", "Save it as UTF-8, and try again.") from None
