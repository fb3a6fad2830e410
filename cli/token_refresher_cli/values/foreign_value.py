"""A value of a configuration, and the tree of such values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, Union

ELSEWHERE: Final = object()
"""Stands for a tag, or an expression of a program, that refers to where the value is."""

UNDECIDED: Final = "it is not clear which one counts"


@dataclass(frozen=True)
class Value:
    """The value of a key.

    Attributes:
        content: A text, a number, true or false, ``None``, a list, or `ELSEWHERE`.
        line: The line of the key, from one.
        depth: The number of containers around it.
    """

    content: Any = field(repr=False)
    line: int
    depth: int = 0


Tree: TypeAlias = Mapping[str, Union["Tree", Value]]
"""The members of a section: values and inner sections."""
