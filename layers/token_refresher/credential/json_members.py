r"""A JSON object that keeps the text of each member, so that unchanged members are written back byte for byte.

``json.loads`` followed by ``json.dumps`` changes texts: ``1.10`` becomes ``1.1``, and ``\u00e9`` becomes ``é``. An
operator's own keys must survive every rotation unchanged, so only members with a new value are written anew.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

_WHITESPACE = re.compile(r"[ \t\n\r]*")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class JsonPositionError(ValueError):
    """A text is not JSON from some position on.

    Attributes:
        position: The position, counted from zero.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class JsonMembers:
    """The members of one JSON object, in their order, each with the text of its value."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self._raw = dict(raw)

    @classmethod
    def parse(cls, text: str) -> "JsonMembers":
        """Split the text of a JSON object into its members.

        Raises:
            ValueError: The text is not exactly one JSON object (RFC 8259), or has a member twice.
        """
        position = _skip(text, 0)
        if text[position : position + 1] != "{":
            raise ValueError("is not a JSON object")
        raw: dict[str, str] = {}
        position = _skip(text, position + 1)
        while text[position : position + 1] != "}":
            if raw:
                position = _skip(text, _expect(text, position, ","))
            key, position = _member_name(text, position)
            position = _skip(text, _expect(text, _skip(text, position), ":"))
            _, end = _decode(text, position)
            if key in raw:
                raise ValueError(f"names the member {key!r} twice")
            raw[key] = text[position:end]
            position = _skip(text, end)
        if _skip(text, position + 1) != len(text):
            raise ValueError("has text after the JSON object")
        return cls(raw)

    def values(self) -> dict[str, Any]:
        """Return the members as Python values."""
        return {key: json.loads(raw) for key, raw in self._raw.items()}

    def replace(self, changes: Mapping[str, Any]) -> "JsonMembers":
        """Return a copy with new values for these members. ``None`` removes a member."""
        raw = dict(self._raw)
        for key, value in changes.items():
            if value is None:
                raw.pop(key, None)
            else:
                raw[key] = json.dumps(value)
        return JsonMembers(raw)

    def unwrapped(self, texts: Mapping[str, str]) -> "JsonMembers":
        """Return a copy in which these existing members have the given JSON texts as their values."""
        return JsonMembers(self._raw | {key: text for key, text in texts.items() if key in self._raw})

    def dump(self) -> str:
        """Return the text of the object, one member per line, as people read it in the AWS console."""
        if not self._raw:
            return "{}"
        lines = ",\n".join(f"  {_written(key)}: {raw}" for key, raw in self._raw.items())
        return f"{{\n{lines}\n}}"


def _written(key: str) -> str:
    try:
        key.encode()
    except UnicodeEncodeError:
        return json.dumps(key)  # Only an escape can represent half a surrogate pair.
    return json.dumps(key, ensure_ascii=False)


def _skip(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    return match.end() if match else position


def _decode(text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _member_name(text: str, position: int) -> tuple[str, int]:
    name, end = _decode(text, _expect(text, position, '"') - 1)
    return str(name), end


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise JsonPositionError(f"is not JSON: expected {character} at character {position + 1}", position)
    return position + 1
