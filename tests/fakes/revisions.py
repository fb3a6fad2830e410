"""Compare-and-swap on a revision, in memory."""

from dataclasses import replace
from typing import Any, TypeVar

from token_refresher.base.errors import StaleObservationError

Record = TypeVar("Record", bound=Any)


def conditional_put(stored: dict[str, Record], key: str, record: Record) -> Record:
    """Replace the record that has the same revision, and return the new one as it is stored."""
    known, written = stored.get(key), replace(record, revision=record.revision + 1)
    # A client that repeats a write, because its answer was lost, finds the record that it wrote itself.
    if known != written and (known.revision if known else 0) != record.revision:
        raise StaleObservationError(key)
    stored[key] = written
    return written
