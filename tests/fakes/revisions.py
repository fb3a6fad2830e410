"""Compare-and-swap on a revision, in memory."""

from dataclasses import replace
from typing import Any, TypeVar

from token_refresher.errors import StaleObservationError

Record = TypeVar("Record", bound=Any)


def put_over(stored: dict[str, Record], key: str, record: Record) -> Record:
    """Put a record in place of the one that it was made from, and return it as it is stored."""
    known, written = stored.get(key), replace(record, revision=record.revision + 1)
    # A client that repeats a write which went unanswered meets what it wrote itself.
    if known != written and (known.revision if known else 0) != record.revision:
        raise StaleObservationError(key)
    stored[key] = written
    return written
