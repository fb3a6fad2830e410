"""Change a record that others may change at the same time: read it, change it, and write it by compare-and-swap."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from token_refresher.base.errors import ContendedError, StaleObservationError

Record = TypeVar("Record")

TRIES: Final = 20
"""Each failed try means that another writer succeeded. At most ten workers of a stack run at the same time."""


class Store(Protocol[Record]):
    """A store that writes a record only if its revision is still the one that was read."""

    def get(self, key: str, /) -> Record | None:
        """Return the stored record, or ``None`` if there is none."""
        ...

    def save(self, record: Record, /) -> Record:
        """Write a record and return it as stored.

        Raises:
            StaleObservationError: Another writer has written the record since it was read.
        """
        ...


def update(
    store: Store[Record],
    key: str,
    change: Callable[[Record | None], Record | None],
    *,
    known: Record | None = None,
    tries: int = TRIES,
) -> Record | None:
    """Change a record on top of what others write at the same time.

    Args:
        store: The store of the record.
        key: The key of the record.
        change: Takes the stored record, or ``None`` if there is none, and returns the new one. ``None`` or an equal
            record writes nothing. It is called again each time that another writer was faster.
        known: The record, if the caller has just read it. This saves the first read.
        tries: The largest number of tries.

    Returns:
        The result of ``change``, as stored.

    Raises:
        ContendedError: Other writers were faster each time.
        ServiceUnavailableError: AWS did not answer.
    """
    before = known
    for _ in range(tries):
        before = before or store.get(key)
        after = change(before)
        if after is None or after == before:
            return after
        with suppress(StaleObservationError):
            return store.save(after)
        before = None
    raise ContendedError(key)
