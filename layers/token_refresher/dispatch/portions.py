"""Reads a long list in portions, one a tick: from its beginning to its end, and again."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from token_refresher.base.time_share import TimeShare

T = TypeVar("T")


class Portions(Generic[T]):
    """A long list, read in as many ticks as it may take. It lives as long as the process does.

    Args:
        read: Begins to read the list.
        ticks: In how many ticks the list is to be read.
        first: How many items a portion has as long as the length of the list is not known.
        least: How many items a portion has at least.
    """

    def __init__(self, read: Callable[[], Iterator[T]], ticks: int, *, first: int, least: int) -> None:
        self._read = read
        self._ticks = ticks
        self._first, self._least = first, least
        self._length: int | None = None
        self._done = 0
        self._rest: Iterator[T] | None = None
        self.began = False
        """Whether the last portion began at the beginning."""
        self.ended = False
        """Whether the last portion came to the end."""

    def next(self, share: TimeShare) -> Iterator[T]:
        """Yield the next portion, as long as there is time."""
        self.began, self.ended = self._rest is None, False
        rest, self._rest = self._rest or self._read(), None  # After an error the list is read from its beginning.
        self._done = 0 if self.began else self._done
        size = self._size
        while size and not share.is_spent:
            item = next(rest, None)
            if item is None:
                self.ended, self._length = True, self._done
                return
            size, self._done = size - 1, self._done + 1
            yield item
        self._rest = rest

    @property
    def _size(self) -> int:
        if self._length is None:
            return self._first
        return max(self._least, -(-self._length // self._ticks))
