"""Reads the next page of a list while the last one is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(pages: Iterator[T]) -> Iterator[T]:
    """Yield the pages of an iterator, each of which is fetched while the one before is in use.

    Use it only within one invocation: Lambda freezes the process after it, and a call that is under way with it.
    """
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = pool.submit(next, pages, None)
            yield page
