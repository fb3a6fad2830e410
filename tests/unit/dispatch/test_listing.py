from datetime import timedelta

import pytest

from tests.fakes.memory_store import MemorySecretStore
from token_refresher.base.time_share import TimeShare, unlimited
from token_refresher.dispatch.listing import Listing

NO_TIME = TimeShare(lambda: timedelta(0), timedelta(0))
TIME = TimeShare(unlimited, timedelta(0))
NAMES = ["one", "two", "three"]


@pytest.fixture
def listing() -> Listing:
    store = MemorySecretStore()
    for name in NAMES:
        store.create(name, "{}")
    return Listing(store)


def read(listing: Listing, share: TimeShare) -> list[str]:
    return [state.name for state in listing.read(share)]


def test_with_enough_time_the_list_is_read_to_its_end(listing: Listing) -> None:
    assert (read(listing, TIME), listing.is_whole, listing.seen) == (NAMES, True, set(NAMES))


def test_without_time_each_reading_returns_one_secret_and_the_next_reading_goes_on(listing: Listing) -> None:
    assert [read(listing, NO_TIME) for _ in NAMES] == [[name] for name in NAMES]
    assert not listing.is_whole
    assert (read(listing, TIME), listing.is_whole, listing.seen) == ([], True, set(NAMES))


def test_after_its_end_the_list_is_read_from_its_beginning(listing: Listing) -> None:
    read(listing, TIME)
    read(listing, NO_TIME)
    assert (listing.is_whole, listing.seen) == (False, {"one"})
