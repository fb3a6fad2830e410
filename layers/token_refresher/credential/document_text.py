"""Read the text of a secret as a JSON object, or say what it is instead.

Editors, shells and consoles may put a byte order mark before a document, or wrap it in a JSON text. The meaning is
certain then, and the document is accepted. Otherwise the message says what the text is and how to fix it, and never
quotes a value.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from token_refresher.credential.json_members import JsonMembers

_BYTE_ORDER_MARK: Final = "\N{BYTE ORDER MARK}"
_MOST_WRAPPINGS: Final = 3
"""Each tool that treats a document as a value wraps it once, and no document passes through many of them."""

_TYPOGRAPHIC: Final = "“”„«»‘’‚"  # noqa: RUF001 - These are the marks to find.
_MISREAD_MARKS: Final = ("\u00ef\u00bb\u00bf", "\u00fe\u00ff", "\u00ff\u00fe")
"""Byte order marks that were read as Latin-1. The rest of the text may be wrong as well."""
_YAML: Final = re.compile(r"(?m)^[ \t]*(- )?[A-Za-z_][\w-]*:([ \t]|\r?$)")
_ASSIGNED: Final = re.compile(r"(?m)^[ \t]*(export )?[A-Za-z_][\w-]*[ \t]*=")
_PYTHON_WORD: Final = re.compile(r"(True|False|None)\b")
_WORD: Final = re.compile(r"[A-Za-z_]")

_KINDS: Final[dict[type, str]] = {
    list: "it is a list; take the object out of the brackets",
    str: "it is a text in quotation marks; store an object",
    type(None): "it is null; store an object",
    bool: "it is true or false; store an object",
    int: "it is a number; store an object",
    float: "it is a number; store an object",
}
_DOUBLE: Final = 'write straight double quotation marks (")'


def read_members(text: str) -> JsonMembers:
    """Return the members of a credential document, each with the text of its value.

    A byte order mark is no part of a document (RFC 8259, section 8.1). A JSON text that contains a JSON object comes
    from a tool that treated the document as a value, so the object is read.

    Raises:
        ValueError: The text is no JSON object. The message is the rest of a sentence and quotes no value.
    """
    inner = _unwrapped(text)
    try:
        return JsonMembers.parse(inner)
    except ValueError as error:
        raise ValueError(_complaint(inner, error)) from None


def unwrapped_object(text: str) -> str | None:
    """Return the text of the JSON object that a text contains, or ``None`` if it contains none."""
    inner = _unwrapped(text).strip(" \t\r\n")
    try:
        JsonMembers.parse(inner)
    except ValueError:
        return None
    return inner


def _unwrapped(text: str) -> str:
    """Return a text without byte order marks and wrappings. A text that contains no object stays wrapped."""
    inner = text.removeprefix(_BYTE_ORDER_MARK)
    for _ in range(_MOST_WRAPPINGS):
        if not inner.lstrip(" \t\r\n").startswith('"'):
            break
        wrapped = _loaded(inner)
        if not isinstance(wrapped, str):
            break
        inner = wrapped.removeprefix(_BYTE_ORDER_MARK)
    return inner if inner.lstrip(" \t\r\n").startswith("{") else text.removeprefix(_BYTE_ORDER_MARK)


def _complaint(text: str, error: ValueError) -> str:
    said = str(error)
    if not said.startswith(("is ", "names ", "has ")):
        said = f"is not JSON ({said})"  # A message of the json module contains only positions, never values.
    if said.startswith("names "):
        return f"{said}; keep one of them"
    if said.startswith("has "):
        return f"{said}; remove it, or store each object as a secret of its own"
    if not text.lstrip().startswith("{"):
        return f"is not a JSON object: {_instead_of_object(text)}"
    found = _at(text, error)
    return f"is not JSON: {found}" if found else said


def _instead_of_object(text: str) -> str:
    """Say what a text is that does not begin like an object."""
    bare = text.strip()
    try:
        return _KINDS[type(json.loads(bare))]
    except (ValueError, KeyError, RecursionError):
        return next(words for is_it, words in _INSTEAD_OF_OBJECT if is_it(bare))


def _at(text: str, error: ValueError) -> str:
    """Say what is wrong at the position of the error, or return empty if that is unknown."""
    position = getattr(error, "position", getattr(error, "pos", None))
    if position is None:
        return ""
    place = _Place(text[position:], text[:position].rstrip(), is_open=str(error).startswith("Unterminated"))
    return next((words for is_it, words in _MISTAKES if is_it(place)), "")


@dataclass(frozen=True)
class _Place:
    """The place where a text that begins like an object stops being JSON.

    Attributes:
        rest: The text from there on.
        before: The text before it.
        is_open: Whether a string begins there and does not end.
    """

    rest: str
    before: str
    is_open: bool

    @property
    def is_typographic(self) -> bool:
        """Whether a typographic quotation mark is the cause."""
        # A typographic closing mark leaves a string open until the next straight mark.
        text_before = self.before.rpartition('"')[0].rpartition('"')[2] if self.before.endswith('"') else ""
        suspect = self.rest if self.is_open else self.rest[:1] + text_before
        return any(mark in suspect for mark in _TYPOGRAPHIC)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_base64(text: str) -> bool:
    try:
        return base64.b64decode("".join(text.split()), validate=True).lstrip().startswith(b"{")
    except (binascii.Error, ValueError):
        return False


_INSTEAD_OF_OBJECT: Final[tuple[tuple[Callable[[str], bool], str], ...]] = (
    (lambda bare: not bare, "it is empty; store the document, or remove the secret"),
    (
        lambda bare: bare.startswith(_MISREAD_MARKS) or "\x00" in bare,
        "it was read in another encoding than it was written in; save it as UTF-8 without a byte order mark",
    ),
    (
        lambda bare: bare[0] in "'`" and bare[1:].lstrip().startswith("{"),
        "it is in the quotation marks of a shell; remove the one before it and the one after it",
    ),
    (_is_base64, "it is base64; store the text that it encodes"),
    (lambda bare: bool(_ASSIGNED.search(bare)), 'it is lines of KEY=VALUE; write {"KEY": "VALUE"}'),
    (lambda bare: bool(_YAML.search(bare)), 'it is YAML; write {"key": "value"}'),
    (lambda _: True, "it is something else, such as a single token; store an object with the keys of a credential"),
)
"""Other things that people store, each with its fix. The first that matches applies."""

_MISTAKES: Final[tuple[tuple[Callable[[_Place], bool], str], ...]] = (
    (lambda at: at.is_typographic, f"it has typographic quotation marks; {_DOUBLE}"),
    (
        lambda at: at.is_open or not at.rest.strip(),
        "it ends too early, as if it had been cut off; store the whole document",
    ),
    (lambda at: at.rest.startswith("'"), f"it has single quotation marks, as Python writes a dict; {_DOUBLE}"),
    (lambda at: at.rest[0] in "}]" and at.before.endswith(","), "a comma follows the last member; remove it"),
    (
        lambda at: at.rest.startswith(("#", "//", "/*")),
        "it has a comment, which JSON does not allow; remove it",
    ),
    (lambda at: at.rest[0] < " ", "a value goes over two lines; join them"),
    (
        lambda at: bool(_PYTHON_WORD.match(at.rest)),
        "it has True, False or None, as Python writes them; write true, false or null",
    ),
    (
        lambda at: bool(_WORD.match(at.rest)) and at.before.endswith(":"),
        f"it has a value without quotation marks; {_DOUBLE}",
    ),
    (lambda at: bool(_WORD.match(at.rest)), f"it has a key without quotation marks; {_DOUBLE}"),
)
"""Mistakes in a JSON object, each with its fix. The first that matches applies."""
