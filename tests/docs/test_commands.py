"""The command takes every command line in the documents, the help and the messages."""

import ast
import re
from pathlib import Path

import pytest

from local.stack.toolchain import ROOT
from tools.docs import command_line
from tools.docs.command_line import COMMANDS, named, parse
from tools.docs.documents import DOCUMENTS, WRITTEN, Document

CURRENT = {name: document for name, document in DOCUMENTS.items() if not name.startswith("docs/decisions/")}
"""Without the decision records, which name the commands of their time."""

TYPED = [(name, line) for name, one in CURRENT.items() for line in dict.fromkeys(command_line.lines(one.shell))]
"""Lines to type as they are."""
NAMED = [
    (name, line)
    for name, one in CURRENT.items()
    for line in dict.fromkeys(command_line.lines("\n".join([*one.spans, *one.blocks("text")])))
    if "[OPTIONS]" not in line
]
"""Commands in a sentence, in which the name of the command is enough."""
HELP = {name: Document(name, str(command.help).partition("Examples:")[2]) for name, command in COMMANDS.items()}
EXAMPLES = [(name, line) for name, one in HELP.items() for line in command_line.lines("\n".join(one.spans))]
SOURCES = [
    path
    for folder in ("layers/token_refresher", "cli/token_refresher_cli", "local", "tools")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".toml", ".html", ".txt"} and "token-refresher " in path.read_text("utf-8")
]


@pytest.mark.parametrize(("name", "line"), TYPED, ids=[f"{name}: {line}" for name, line in TYPED])
def test_the_command_takes_each_command_line_of_a_document(name: str, line: str) -> None:
    parse(line)


@pytest.mark.parametrize(("name", "line"), NAMED, ids=[f"{name}: {line}" for name, line in NAMED])
def test_a_command_that_a_sentence_of_a_document_names_exists(name: str, line: str) -> None:
    named(line)


@pytest.mark.parametrize(("name", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_example_in_the_help_of_a_command_is_a_line_that_this_command_takes(name: str, line: str) -> None:
    assert parse(line) == name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_examples(name: str) -> None:
    assert [command for command, _ in EXAMPLES if command == name]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_describes_every_option(name: str) -> None:
    listed = command_line.options(COMMANDS[name].params)
    assert [option.written for option in listed if not option.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_document_that_people_write_names_every_command(name: str) -> None:
    lines = [line for document, line in [*TYPED, *NAMED] if document in WRITTEN and document != "docs/reference.md"]
    assert [line for line in lines if line.split()[1] == name]


def _texts(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        return [text]
    constants = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_command_that_a_message_names_exists(path: Path) -> None:
    names = {word for text in _texts(path) for word in re.findall(r"\btoken-refresher ([a-z][a-z-]+)", text)}
    assert names <= COMMANDS.keys()


@pytest.mark.parametrize("line", ["token-refresher lnk a", "token-refresher link", "token-refresher link a --opn"])
def test_a_wrong_command_line_is_an_error(line: str) -> None:
    with pytest.raises(Exception, match=r"lnk|--opn|name"):
        parse(line)


def test_there_are_command_lines_to_check() -> None:
    assert len(TYPED) > len(COMMANDS)
