"""Objects that are built at their first use: what an ordinary invocation does not use must not slow its start down."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

_T = TypeVar("_T")


class _Later:
    """Stands for an object until one of its attributes is read, and builds it then."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = cache(build)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._build(), name)


def on_first_use(build: Callable[[], _T]) -> _T:
    """Return an object that is built at its first use."""
    return cast("_T", _Later(build))
