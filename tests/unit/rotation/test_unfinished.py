"""A version that an exchange may have left behind differs from one that was current once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.secret_store import SecretState, successor, successors
from token_refresher.rotation.unfinished import Unfinished

ARN = "arn:of-the-secret"
FIRST = "00000000-0000-4000-8000-000000000001"
SECOND = successor(ARN, FIRST)
STATE = SecretState("search-ads", ARN, current=FIRST, pending=SECOND)
TAKEN_BACK = replace(STATE, previous=SECOND)
SECOND_LATER, SECOND_BEFORE = START + timedelta(seconds=1), START - timedelta(seconds=1)

NEW = RegistryEntry.discovered("search-ads", FIRST, START)
"""The entry of a secret that was just found, and of every secret after a loss of the registry."""

BEGUN = replace(NEW, intent=ExchangeIntent.begin(FIRST, Base("presented", None), START, None))
ENDED = replace(BEGUN, intent=ExchangeIntent.begin(FIRST, Base("presented", None), START, None).ended(End.ROTATED))


@pytest.mark.parametrize(
    ("state", "entry", "issued_at", "may_be"),
    [
        pytest.param(STATE, BEGUN, START, True, id="of the exchange whose end is not recorded: is unfinished"),
        pytest.param(STATE, BEGUN, SECOND_BEFORE, False, id="from before that exchange: is history"),
        pytest.param(STATE, ENDED, SECOND_LATER, False, id="after an exchange that came to its end: is history"),
        pytest.param(STATE, NEW, SECOND_BEFORE, True, id="after a loss of the registry: is unfinished"),
        pytest.param(
            STATE,
            replace(NEW, refreshed_at=START),
            SECOND_LATER,
            False,
            id="beside good tokens in the registry: is history",
        ),
        pytest.param(TAKEN_BACK, BEGUN, SECOND_LATER, False, id="that was current by its staging label: is history"),
        pytest.param(
            TAKEN_BACK,
            NEW,
            SECOND_LATER,
            False,
            id="that was current by its staging label, without an entry: is history",
        ),
        pytest.param(
            STATE,
            replace(BEGUN, version_id=SECOND),
            SECOND_LATER,
            False,
            id="that was current by the registry: is history",
        ),
    ],
)
def test_a_pending_successor(state: SecretState, entry: RegistryEntry, issued_at: datetime, *, may_be: bool) -> None:
    assert Unfinished.of(state, entry.intent, entry.version_id, entry.refreshed_at).may_be(SECOND, issued_at) is may_be


def test_a_version_that_an_operator_took_back_is_no_unfinished_successor() -> None:
    assert (STATE.unfinished_successor, TAKEN_BACK.unfinished_successor) == (SECOND, None)


def test_a_version_can_have_a_second_successor_after_its_first_was_taken_back() -> None:
    first, second, *_ = successors(ARN, FIRST)
    assert (first, replace(STATE, pending=second).unfinished_successor) == (SECOND, second)


@pytest.mark.parametrize(
    ("pending", "foreign"),
    [
        pytest.param(SECOND, None, id="a derived ID is its own"),
        pytest.param(None, None, id="there is none"),
        pytest.param(
            "00000000-0000-4000-8000-000000000009", "00000000-0000-4000-8000-000000000009", id="a random ID is foreign"
        ),
        pytest.param(
            "a-token-of-32-characters-that-is-no-uuid",
            "a-token-of-32-characters-that-is-no-uuid",
            id="an ID that is no UUID is foreign",
        ),
    ],
)
def test_the_id_of_a_pending_version_tells_whether_token_refresher_wrote_it(
    pending: str | None, foreign: str | None
) -> None:
    state = replace(STATE, pending=pending)
    assert (state.foreign_pending, state.own_pending) == (foreign, None if foreign else pending)
