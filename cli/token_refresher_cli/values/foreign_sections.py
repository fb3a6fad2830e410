"""The sections of a configuration, such as profiles, environments and documents."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.values.foreign_kinds import CONTAINERS, KINDS, KNOWN, plain
from token_refresher_cli.values.foreign_text import trees
from token_refresher_cli.values.foreign_value import ELSEWHERE, UNDECIDED, Tree, Value

_OF_A_GRANT: Final = ("client_id", "client_secret", "developer_token", "refresh_token")
"""The keys that make a section one of a credential: other sections have accounts and tenants, too."""

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_. -]{0,38}[A-Za-z0-9_])?")

_OF_A_CREDENTIAL: Final = frozenset(
    plain(one) for kind in KINDS for key, theirs in kind.keys.items() if key in _OF_A_GRANT for one in theirs
)


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        name: Its name; its first line, if the name may be a secret.
        entries: Its values by their names, without containers.
    """

    name: str
    entries: Mapping[str, Value] = field(repr=False)


def sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a text that have values of a credential; if none has, the first whole document.

    Raises:
        CommandError: The text cannot be read, or contradicts itself.
    """
    read = trees(text)
    found = tuple(section for name, tree in read.items() for section in _within(name, tree))
    whole = tuple(Section(name, _entries(tree)) for name, tree in read.items())
    return found or whole[:1]


def chosen(found: tuple[Section, ...], name: str | None, command: str) -> Section:
    """Return the section with a name, or the only one.

    Args:
        found: The sections.
        name: The chosen name, or ``None``.
        command: The command line to complete with the choice of a section.

    Raises:
        CommandError: There are several and none was chosen, or the chosen one is not there.
    """
    names = ", ".join(section.name or "(no section)" for section in found)
    if name is not None:
        for section in found:
            if section.name == name:
                return section
        raise bad_input(
            f"The configuration has no section of this name with a credential. It has: {names}.", "Choose one of them."
        )
    if len(found) == 1:
        return found[0]
    raise several(found, command)


def several(found: tuple[Section, ...], command: str) -> CommandError:
    """Return the error for a configuration of several credentials."""
    lines = "\n  ".join(
        f"{command} --section {_quoted(section.name)}  (line {min(value.line for value in section.entries.values())})"
        for section in found
    )
    return bad_input(
        f"The configuration has {len(found)} sections with values of a credential, and a credential has one.",
        f"Choose one:\n  {lines}",
    )


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f"'{name}'"


def _within(name: str, tree: Tree) -> Iterator[Section]:
    entries = _entries(tree)
    if any(plain(one) in _OF_A_CREDENTIAL and value.content is not None for one, value in entries.items()):
        line = min(value.line for value in entries.values())
        yield Section(name if _NAME.fullmatch(name) else f"line-{line}" if name else "top", entries)
    yield from _inner(name, tree)


def _inner(name: str, tree: Tree) -> Iterator[Section]:
    for one, member in tree.items():
        if isinstance(member, Value):
            continue
        if one in CONTAINERS:
            yield from _inner(name, member)
        elif "value" not in member and plain(one) not in KNOWN:
            yield from _within(f"{name}.{one}" if name else one, member)


def _first_line(tree: Tree) -> int:
    return min((part.line if isinstance(part, Value) else _first_line(part) for part in tree.values()), default=1)


def _entries(tree: Tree) -> dict[str, Value]:
    entries: dict[str, Value] = {}
    for name, value in _flat(tree, 0):
        entries.setdefault(name, value)
    return entries


def _flat(tree: Tree, depth: int) -> Iterator[tuple[str, Value]]:
    """Yield the values of a section, and before them those of its containers, which count first."""
    containers = {name: member for name, member in tree.items() if name in CONTAINERS and not isinstance(member, Value)}
    beside: dict[str, Value] = {}
    for name, container in containers.items():
        inner = list(_flat(container, depth + 1)) if depth < len(CONTAINERS) else []
        for one, value in inner:
            other = beside.setdefault(one, value)
            if plain(one) in KNOWN and other.content != value.content and other.depth == value.depth:
                raise bad_input(
                    f"The configuration has {one} in line {other.line} and in line {value.line}: {UNDECIDED}.",
                    "Remove one of them.",
                )
        yield from inner
        yield name, Value(None, _first_line(container), depth)
    for name, member in tree.items():
        if name in containers:
            continue
        if isinstance(member, Value):
            yield name, replace(member, depth=depth)
        elif "value" in member or plain(name) in KNOWN:
            # OWOX wraps a value so; any other mapping only refers to where the value is.
            wrapped = member.get("value")
            here = Value(ELSEWHERE, _first_line(member))
            yield name, replace(wrapped if isinstance(wrapped, Value) else here, depth=depth)
