r"""A JSON object as its members' own text, so that what we do not own is written back byte for byte.

``json.loads`` followed by ``json.dumps`` is no identity: ``1.10`` becomes ``1.1``, ``\u00e9`` becomes ``é``. An
operator's keys must survive every rotation unchanged, so only the members that we own are ever written anew.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

_WHITESPACE = re.compile(r"[ \t\n\r]*")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class JsonMembers:
    """The members of one JSON object, in their order, each with its value as it was written."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self._raw = dict(raw)

    @classmethod
    def parse(cls, text: str) -> "JsonMembers":
        """Split the text of a JSON object into its members.

        Raises:
            ValueError: The text is not one JSON object (RFC 8259), or names a member twice.
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
        """Return a copy with these members written anew, and removed where the new value is ``None``."""
        raw = dict(self._raw)
        for key, value in changes.items():
            if value is None:
                raw.pop(key, None)
            else:
                raw[key] = json.dumps(value)
        return JsonMembers(raw)

    def dump(self) -> str:
        """Write the object, one member a line: people read secrets in the AWS console."""
        if not self._raw:
            return "{}"
        lines = ",\n".join(f"  {_written(key)}: {raw}" for key, raw in self._raw.items())
        return f"{{\n{lines}\n}}"


def _written(key: str) -> str:
    try:
        key.encode()
    except UnicodeEncodeError:
        return json.dumps(key)  # Half a surrogate pair: only an escape can hold it.
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
        raise ValueError(f"is not JSON: expected {character} at character {position + 1}")
    return position + 1
