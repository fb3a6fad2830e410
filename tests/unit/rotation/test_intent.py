"""An intent says how its exchange ended, and how long other attempts wait for it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING, World
from token_refresher.credential.document import Credential
from token_refresher.rotation.intent import Base, End, ExchangeIntent

SECOND = timedelta(seconds=1)
LEASE = TIMING.lease
LATER = START + timedelta(minutes=5)
PRESENTED = Credential.parse(World().document(refresh_token="presented"))
SUCCESSOR = Credential.parse(World().document(refresh_token="successor"))
INTENT = ExchangeIntent.begin("version-1", Base.of(PRESENTED), START, None)
ROTATED = INTENT.ended(End.ROTATED)


def test_the_base_is_the_current_tokens() -> None:
    assert INTENT.base == Base(PRESENTED.fingerprint, PRESENTED.refreshed_at)


def test_the_base_of_a_first_consent_has_no_token() -> None:
    assert Base.of(Credential.parse('{"client_id": "app-1"}')) == Base("", None)


def test_an_intent_has_a_fingerprint_and_no_token() -> None:
    assert "presented" not in repr(replace(INTENT, base=INTENT.base)).replace("presented=", "")


def test_two_attempts_of_the_same_second_have_different_intents() -> None:
    assert ExchangeIntent.begin("version-1", Base.of(PRESENTED), START, None) != INTENT


@pytest.mark.parametrize(
    ("before", "since"),
    [
        pytest.param(None, LATER, id="no exchange: since it began itself"),
        pytest.param(INTENT.ended(End.ROTATED), LATER, id="one that rotated: since it began itself"),
        pytest.param(INTENT, START, id="one whose end is not recorded: since that one began"),
        pytest.param(INTENT.ended(End.UNANSWERED), START, id="one without an answer: since that one began"),
        pytest.param(INTENT.ended(End.KEPT), START, id="one whose tokens are kept: since that one began"),
        pytest.param(
            ExchangeIntent.begin("version-1", Base.of(PRESENTED), START + SECOND, INTENT),
            START,
            id="two in doubt: since the first of them began",
        ),
    ],
)
def test_the_doubt_begins_after(before: ExchangeIntent | None, since: datetime) -> None:
    intent = ExchangeIntent.begin("version-2", Base.of(PRESENTED), LATER, before)
    assert (intent.at, intent.since) == (LATER, since)


@pytest.mark.parametrize("end", End)
def test_only_an_exchange_that_rotated_is_settled(end: End) -> None:
    assert INTENT.ended(end).is_settled is (end is End.ROTATED)


def test_an_exchange_that_brought_another_refresh_token_has_rotated() -> None:
    assert INTENT.settled_by(SUCCESSOR) == ROTATED


def test_an_exchange_that_left_the_refresh_token_as_it_was_is_forgotten() -> None:
    assert INTENT.settled_by(PRESENTED) is None


@pytest.mark.parametrize(
    ("end", "age", "under_way"),
    [
        pytest.param(End.OPEN, timedelta(0), True, id="that just began: may be"),
        pytest.param(End.OPEN, LEASE - SECOND, True, id="that began a moment less than its lease ago: may be"),
        pytest.param(End.OPEN, LEASE, False, id="that began as long ago as its lease: is not"),
        pytest.param(End.KEPT, LEASE - SECOND, True, id="whose tokens may not be visible yet: may be"),
        pytest.param(End.KEPT, LEASE, False, id="whose tokens are visible after the lease: is not"),
        pytest.param(End.UNANSWERED, timedelta(0), False, id="that ended without an answer: is not"),
        pytest.param(End.ROTATED, timedelta(0), False, id="that rotated: is not"),
    ],
)
def test_an_exchange_may_be_under_way(end: End, age: timedelta, *, under_way: bool) -> None:
    assert INTENT.ended(end).may_be_under_way(START + age, LEASE) is under_way


@pytest.mark.parametrize(
    ("intent", "credential", "spent", "age", "has_spent"),
    [
        pytest.param(
            ROTATED, PRESENTED, (), LEASE - SECOND, True, id="with the spent token, within the lease: is an old read"
        ),
        pytest.param(ROTATED, PRESENTED, (), LEASE, False, id="with the spent token, after the lease: is a decision"),
        pytest.param(ROTATED, SUCCESSOR, (), timedelta(0), False, id="with another token: is new"),
        pytest.param(
            ROTATED,
            SUCCESSOR,
            (SUCCESSOR.fingerprint,),
            timedelta(0),
            True,
            id="with a token that was spent earlier: is an old read",
        ),
        pytest.param(
            INTENT, PRESENTED, (), timedelta(0), False, id="with the token of an exchange under way: is no old read"
        ),
        pytest.param(
            INTENT.ended(End.UNANSWERED),
            PRESENTED,
            (),
            timedelta(0),
            False,
            id="with a token that may be spent: is no old read",
        ),
    ],
)
def test_a_document_that_was_just_read(
    intent: ExchangeIntent, credential: Credential, spent: tuple[str, ...], age: timedelta, *, has_spent: bool
) -> None:
    assert intent.has_spent(credential, spent, START + age, LEASE) is has_spent
