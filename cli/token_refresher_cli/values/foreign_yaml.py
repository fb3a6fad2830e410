"""Reads YAML as trees of values with their lines. It constructs no objects, and numbers stay texts."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.values.foreign_value import ELSEWHERE, UNDECIDED, Tree, Value

_CORE: Final = "tag:yaml.org,2002:"
_MOST: Final = 10_000
"""Nodes: aliases can expand a short text to a very long one."""


def yaml_documents(text: str) -> dict[str, Tree] | None:
    """Return the documents of a text by their numbers, the only one without a name; ``None`` if it is not YAML.

    Raises:
        CommandError: It has a key twice or is far too large, or it is invalid and cannot be a .env file either.
    """
    try:
        loader = yaml.SafeLoader(text)
        nodes = list(_nodes(loader))
        mappings = [node for node in nodes if isinstance(node, yaml.MappingNode)]
        if not nodes or len(mappings) < len(nodes):
            return None
        reader = _Reader(loader)
        read = [reader.tree(node) for node in mappings]
    except yaml.MarkedYAMLError as error:
        if "=" in text:
            return None  # It may have lines of an .env file.
        line = f" because of line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise bad_input(
            f"The configuration is not valid YAML{line}.", "Correct it, or give the values with options."
        ) from None
    except (yaml.YAMLError, RecursionError):
        return None
    return {"": read[0]} if len(read) == 1 else {str(number): tree for number, tree in enumerate(read, 1)}


def _nodes(loader: yaml.SafeLoader) -> Iterator[yaml.Node | None]:
    while loader.check_node():
        yield loader.get_node()


class _Reader:
    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._seen = 0

    def tree(self, node: yaml.MappingNode) -> Tree:
        names: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.tag == f"{_CORE}str" and key.value in names:
                raise bad_input(
                    f"The configuration has one key twice, in line {names[key.value]} and line {line}: {UNDECIDED}.",
                    "Remove one of them.",
                )
            names[str(key.value)] = line
        self._loader.flatten_mapping(node)  # Resolves the merge key <<.
        found: dict[str, Tree | Value] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                found[key.value] = self._member(value, key.start_mark.line + 1)
        return found

    def _member(self, node: yaml.Node, line: int) -> Tree | Value:
        self._seen += 1
        if self._seen > _MOST:
            raise bad_input("The configuration is far too large.", "Give the values with options.")
        if isinstance(node, yaml.MappingNode) and node.value:
            return self.tree(node)
        return Value(_content(node), line)


def _content(node: yaml.Node) -> Any:
    if not node.tag.startswith(_CORE):
        return ELSEWHERE
    if isinstance(node, yaml.MappingNode):
        return None  # It is empty.
    if isinstance(node, yaml.SequenceNode):
        return [one.value if isinstance(one, yaml.ScalarNode) else ELSEWHERE for one in node.value]
    match node.tag.removeprefix(_CORE):
        case "null":
            return None
        case "bool":
            return node.value.lower() in {"true", "yes", "on"}
    return node.value
