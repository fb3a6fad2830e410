"""Typed values of a table of TOML, whose errors name the key with its tables, and the line of a key in the text."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

_LONGEST_WORDS: Final = 200
_ADDRESS = re.compile(r"https?://[^\s?#@]+")
_PAGE = re.compile(r"https://\S+")
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")


class WrongKeyError(Exception):
    """A key of a table is wrong.

    Attributes:
        key: The key with its tables.
        problem: What is wrong, as the rest of a sentence that starts with the key.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key)
        self.key = key
        self.problem = problem


class Table:
    """The keys of one table. Every method that reads a value raises `WrongKeyError` if it is of the wrong kind.

    Args:
        path: The tables around it and its own name, with dots.
        values: Its values.
        is_there: Whether the text has it.
    """

    def __init__(self, path: str, values: Mapping[str, Any], *, is_there: bool = True) -> None:
        self._path = path
        self._values = dict(values)
        self._read: set[str] = set()
        self.is_there = is_there

    def keys(self) -> tuple[str, ...]:
        """Return the keys, in their order."""
        return tuple(self._values)

    def has(self, key: str) -> bool:
        """Tell whether there is such a key."""
        return key in self._values

    def table(self, key: str) -> "Table":
        """Return a table within this one; an empty one if there is none."""
        values = self.take(key, dict)
        return Table(self._name(key), values or {}, is_there=values is not None)

    def facts(self, key: str, sources: frozenset[str]) -> "Table":
        """Return a table of facts, which must name the sources that they were read in."""
        table = self.table(key)
        if table.is_there:
            named = table.list_of("source", None)
            if not named:
                table.missing("source")
            table.check("source", set(named) <= sources, "names a source that sources does not have")
        return table

    def take(self, key: str, kind: type) -> Any:
        """Return a value of this type, or ``None`` if there is no such key."""
        self._read.add(key)
        value = self._values.get(key)
        self.check(key, value is None or type(value) is kind, f"must be {_KINDS[kind]}")
        return value

    def text(self, key: str) -> str:
        """Return a text, or empty."""
        return self.take(key, str) or ""

    def words(self, key: str) -> str:
        """Return a text for people, or empty if there is no such key."""
        text = self.text(key)
        is_short = key not in self._values or 0 < len(text) <= _LONGEST_WORDS
        self.check(key, is_short, f"must have 1 to {_LONGEST_WORDS} characters")
        return text

    def flag(self, key: str) -> bool:
        """Return true or false; false if there is no such key."""
        return bool(self.take(key, bool))

    def seconds(self, key: str) -> timedelta | None:
        """Return a time that is written as a number of seconds."""
        number = self.take(key, int)
        self.check(key, number is None or number > 0, "must be a number of seconds greater than 0")
        return None if number is None else timedelta(seconds=number)

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        """Return the name of a member of an answer, or empty."""
        text = self.text(key)
        self.check(key, not text or bool(pattern.fullmatch(text)), "must be a name of letters and underscores")
        return text

    def address(self, key: str) -> str:
        """Return the address of an endpoint, or empty."""
        text = self.text(key)
        is_address = key not in self._values or bool(_ADDRESS.fullmatch(text))
        self.check(key, is_address, "must be an address such as https://example.com/token, without a query")
        return text

    def page(self, key: str) -> str:
        """Return the address of a page for people, or empty."""
        text = self.text(key)
        is_page = key not in self._values or bool(_PAGE.fullmatch(text))
        self.check(key, is_page, "must begin with https://, and have no space")
        return text

    def one_of(self, key: str, allowed: tuple[str, ...], default: str = "") -> str:
        """Return one of several texts, or the default if there is no such key."""
        if not self.has(key):
            self._read.add(key)
            return default
        text = self.text(key)
        self.check(key, text in allowed, f"must be one of {', '.join(repr(str(one)) for one in allowed)}")
        return text

    def list_of(self, key: str, allowed: tuple[str, ...] | None) -> tuple[str, ...]:
        """Return a list of texts, or nothing; of several allowed ones, each at most once."""
        values = self.take(key, list)
        is_list = values is None or (bool(values) and all(isinstance(one, str) for one in values))
        self.check(key, is_list, "must be a list of texts with at least one of them")
        found = tuple(values or ())
        is_allowed = allowed is None or (set(found) <= set(allowed) and len(set(found)) == len(found))
        self.check(key, is_allowed, f"must have each at most once, of {', '.join(map(str, allowed or ()))}")
        return found

    def texts(self, key: str) -> dict[str, str]:
        """Return a table of texts, or an empty one."""
        values = self.take(key, dict) or {}
        self.check(key, all(isinstance(one, str) for one in values.values()), "must have texts as values")
        return dict(values)

    def check(self, key: str, is_right: bool, problem: str) -> None:
        """Raise `WrongKeyError` unless a value is right."""
        if not is_right:
            raise WrongKeyError(self._name(key), problem)

    def missing(self, key: str) -> Any:
        """Raise `WrongKeyError`: the key is required."""
        raise WrongKeyError(self._name(key), "is missing")

    def nothing_else(self) -> None:
        """Raise `WrongKeyError` if there is a key that nobody has read."""
        for key in self._values:
            self.check(key, key in self._read, "is no key of an entry; see docs/provider.schema.json")

    def _name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


_KINDS: Final[dict[type, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a table",
    date: "a date such as 2026-01-31",
}


def line_of(text: str, key: str) -> int:
    """Return the line of a key, the line of its table if the table has no such key, or 0."""
    table, _, last = key.rpartition(".")
    assignment, at, found = re.compile(rf"\s*[\"']?{re.escape(last)}[\"']?\s*="), "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            at = header[1].replace('"', "")
            if at == key:
                return number
            found = number if at == table else found
        elif at == table and assignment.match(line):
            return number
    return found
