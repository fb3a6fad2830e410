"""A change of a record is retried on top of what others write, a limited number of times."""

from dataclasses import dataclass, replace

import pytest

from token_refresher.base.errors import ContendedError, StaleObservationError
from token_refresher.base.update import TRIES, update


@dataclass(frozen=True)
class Count:
    value: int
    revision: int = 0


class Counts:
    """A store of one record with a rival, who writes it before each of the first ``rivals`` writes."""

    def __init__(self, stored: Count | None, rivals: int = 0) -> None:
        self.stored, self.rivals = stored, rivals
        self.reads = self.writes = 0

    def get(self, _key: str) -> Count | None:
        self.reads += 1
        return self.stored

    def save(self, record: Count) -> Count:
        if self.rivals:
            self.rivals -= 1
            stored = self.stored or Count(0)
            self.stored = Count(stored.value + 10, stored.revision + 1)
        if record.revision != (self.stored.revision if self.stored else 0):
            raise StaleObservationError("count")
        self.writes += 1
        self.stored = replace(record, revision=record.revision + 1)
        return self.stored


def one_more(before: Count | None) -> Count:
    return replace(before, value=before.value + 1) if before else Count(1)


@pytest.mark.parametrize("rivals", [0, 1, TRIES - 1])
def test_a_change_is_made_on_top_of_what_others_wrote_meanwhile(rivals: int) -> None:
    counts = Counts(Count(5, 1), rivals)
    after = update(counts, "count", one_more)
    assert after == counts.stored
    assert counts.stored is not None
    assert counts.stored.value == 6 + 10 * rivals


def test_a_change_fails_if_others_are_faster_each_time() -> None:
    counts = Counts(Count(5, 1), rivals=TRIES)
    with pytest.raises(ContendedError):
        update(counts, "count", one_more)
    assert counts.writes == 0


def test_a_change_may_create_the_record() -> None:
    counts = Counts(None)
    assert update(counts, "count", one_more) == Count(1, 1)


def test_no_change_writes_nothing() -> None:
    counts = Counts(Count(5, 1))
    assert update(counts, "count", lambda before: before) == Count(5, 1)
    assert update(counts, "count", lambda _: None) is None
    assert counts.writes == 0


def test_a_known_record_is_not_read_again() -> None:
    counts = Counts(Count(5, 1))
    update(counts, "count", one_more, known=Count(5, 1))
    assert counts.reads == 0


def test_a_known_record_that_is_stale_is_read_again() -> None:
    counts = Counts(Count(5, 3))
    assert update(counts, "count", one_more, known=Count(7, 1)) == Count(6, 4)
