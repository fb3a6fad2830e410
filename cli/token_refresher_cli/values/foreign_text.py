"""Reads the text of a configuration in any format as trees of values with their lines."""

import ast
import configparser
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from dotenv.parser import Binding, parse_stream

from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.values.foreign_kinds import is_theirs
from token_refresher_cli.values.foreign_value import ELSEWHERE, UNDECIDED, Tree, Value
from token_refresher_cli.values.foreign_yaml import yaml_documents

_HEADER = re.compile(r"""^[ \t]*\[{1,2}[^\[\]{}"',:]+\]{1,2}[ \t]*(?:[#;].*)?$""", re.MULTILINE)
"""The header of a section of INI or of a table of TOML."""

_OF_A_MODULE = re.compile(r"^(?:import|from|def) ", re.MULTILINE)
_YAML_LINE = re.compile(r"(?P<indent>\s*)(?P<key>[A-Za-z_][A-Za-z0-9_.]*)\s*:(?:\s+(?P<value>.*))?$")
_BEFORE_THE_FIRST: Final = "before the first section"


def trees(text: str) -> dict[str, Tree]:
    """Return the sections of a text by their names; a text without sections is one with an empty name.

    Raises:
        CommandError: It is not valid, or has a key twice; the message has the line and no value.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lstrip().startswith("{") or (first.lstrip().startswith("[") and not _HEADER.match(first)):
        return {"": _json(text)}
    if _OF_A_MODULE.search(text):
        return {"": _module(text)}
    if _HEADER.search(text):
        return _toml(text) or _ini(text)
    if len(text.split()) == 1 and not _of_a_key(text):
        return {"": {"RefreshToken": Value(text.strip(), 1 + text[: text.index(text.strip())].count("\n"))}}
    return yaml_documents(text) or {"": _lines(text)}


def _of_a_key(word: str) -> bool:
    """Tell whether a word is a key with a value; a token alone may have an equals sign or a colon, too."""
    found = re.match(r"\s*(\w+)[=:]", word)
    return found is not None and is_theirs(found[1])


def torn(format_name: str, line: int | None) -> CommandError:
    """Return the error for a text that is not valid in its format."""
    where = f", because of line {line}" if line else ""
    return bad_input(f"The configuration is not valid {format_name}{where}.", "Export it again, and do not edit it.")


def twice(key: str, *lines: int) -> CommandError:
    """Return the error for a key that is there twice."""
    where = " and line ".join(str(line) for line in sorted(set(lines))[:2])
    return bad_input(f"The configuration has {key} twice, in line {where}: {UNDECIDED}.", "Remove one of them.")


def _json(text: str) -> Tree:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise twice(_shown(name), *_lines_of(text, f'"{re.escape(name)}"\\s*:'))
        return dict(pairs)

    try:
        document = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise torn("JSON", error.lineno) from None
    except (ValueError, RecursionError):
        raise torn("JSON", None) from None
    if not isinstance(document, dict):
        raise bad_input("The configuration is a list, and must be one JSON object.", "Give one element of the list.")
    return _LineFinder(text, lambda name: f"{re.escape(json.dumps(name, ensure_ascii=False))}\\s*:").tree(document)


def _toml(text: str) -> dict[str, Tree] | None:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None  # It may be INI, where values have no quotes.
    return {
        "": _LineFinder(text, lambda name: f"(?m)^\\s*(?:\\[.*)?[\"']?{re.escape(name)}[\"']?\\s*[\\].=]").tree(
            document
        )
    }


def _ini(text: str) -> dict[str, Tree]:
    parser = configparser.RawConfigParser(
        default_section="\0", inline_comment_prefixes=("#", ";"), allow_no_value=True, empty_lines_in_values=False
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign] # As the library documents it.
    try:
        parser.read_string(f"[{_BEFORE_THE_FIRST}]\n{text}")
    except configparser.ParsingError as error:
        raise torn("INI", error.errors[0][0] - 1) from None
    except configparser.DuplicateOptionError as error:
        raise twice(_shown(error.option), (error.lineno or 1) - 1) from None
    except configparser.DuplicateSectionError as error:
        raise twice("a section", (error.lineno or 1) - 1) from None
    except configparser.Error as error:
        raise torn("INI", getattr(error, "lineno", 1) - 1) from None
    found: dict[str, Tree] = {}
    for section in parser.sections():
        head = re.search(rf"(?m)^\s*\[{re.escape(section)}\]", text)
        finder = _LineFinder(text, lambda name: f"(?m)^\\s*{re.escape(name)}\\s*[=:]", head.end() if head else 0)
        found[section] = finder.tree(
            {name: _unquoted(value) for name, value in parser.items(section) if is_theirs(name)}
        )
    return found


def _module(text: str) -> Tree:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # It may be of another version of Python. Read its constants, and skip the bodies of functions.
        return _lines("".join(line if not line[0].isspace() else "\n" for line in text.splitlines(keepends=True)))
    found: dict[str, Tree | Value] = {}
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                constant = value.value if isinstance(value, ast.Constant) else ELSEWHERE
                found[name] = Value(constant, node.lineno)
    return found


def _lines(text: str) -> Tree:
    """Read one value a line, as in .env files, in flat YAML, or in a mix of both."""
    found: dict[str, Tree | Value] = {}
    for key, value in _bound(parse_stream(io.StringIO(text))):
        if not is_theirs(key):
            continue
        before = found.get(key)
        if isinstance(before, Value) and before.content != value.content:
            raise twice(_shown(key), before.line, value.line)
        found[key] = value
    return found


def _bound(bindings: Iterable[Binding]) -> Iterator[tuple[str, Value]]:
    for binding in bindings:
        line = binding.original.line + len(binding.original.string) - len(binding.original.string.lstrip("\n"))
        if binding.key is not None and binding.value is not None:
            yield binding.key, Value(binding.value, line)
        found = _YAML_LINE.match(binding.original.string.strip("\n")) if binding.error else None
        if found is None:
            continue
        [(_, tree)] = (yaml_documents(binding.original.string) or {"": {}}).items()
        value = tree.get(found["key"])
        if found["indent"] or not isinstance(value, Value) or (found["value"] or "").startswith(("|", ">")):
            raise torn("YAML, and not a .env file either", line)
        yield found["key"], Value(value.content, line)


@dataclass
class _LineFinder:
    """Finds the lines of values that a library has read, which are in the order of the text.

    Attributes:
        text: The text.
        pattern: Returns the pattern of a name in the text.
        at: The position in the text.
    """

    text: str
    pattern: Callable[[str], str]
    at: int = field(default=0)

    def tree(self, members: Mapping[str, Any]) -> Tree:
        """Return the members with their lines."""
        found: dict[str, Tree | Value] = {}
        for name, content in members.items():
            place = re.compile(self.pattern(name)).search(self.text, self.at)
            if place:
                self.at = place.end() - 1
            line = self.text.count("\n", 0, self.at) + 1
            if isinstance(content, dict) and content:
                found[name] = self.tree(content)
            else:
                found[name] = Value(_plain(content), line)
        return found


def _plain(content: Any) -> Any:
    if isinstance(content, date):
        return content.isoformat()
    return None if content == {} else content


def _lines_of(text: str, pattern: str) -> list[int]:
    return [text.count("\n", 0, found.start()) + 1 for found in re.finditer(pattern, text)]


def _unquoted(value: str | None) -> str | None:
    quoted = value is not None and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if value and quoted else value


def _shown(key: str) -> str:
    """Return the name of a key, if it looks like a name: any other may be a secret."""
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}", key) else "a key"
