"""What is known of an exchange that began, and for how long that counts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING, World
from token_refresher.credential import Credential
from token_refresher.intent import Base, End, Intent

SECOND = timedelta(seconds=1)
LEASE = TIMING.lease
LATER = START + timedelta(minutes=5)
PRESENTED = Credential.parse(World().document(refresh_token="presented"))
SUCCESSOR = Credential.parse(World().document(refresh_token="successor"))
INTENT = Intent.begin("version-1", Base.of(PRESENTED), START, None)
ROTATED = INTENT.ended(End.ROTATED)


def test_a_base_is_what_is_current() -> None:
    assert INTENT.base == Base(PRESENTED.fingerprint, PRESENTED.refreshed_at)


def test_the_base_of_a_first_consent_is_nothing() -> None:
    assert Base.of(Credential.parse('{"client_id": "app-1"}')) == Base("", None)


def test_an_intent_holds_a_fingerprint_and_no_token() -> None:
    assert "presented" not in repr(replace(INTENT, base=INTENT.base)).replace("presented=", "")


def test_two_attempts_of_the_same_second_are_two() -> None:
    assert Intent.begin("version-1", Base.of(PRESENTED), START, None) != INTENT


@pytest.mark.parametrize(
    ("before", "since"),
    [
        pytest.param(None, LATER, id="nothing: since it began itself"),
        pytest.param(INTENT.ended(End.ROTATED), LATER, id="one that came to a good end: since it began itself"),
        pytest.param(INTENT, START, id="one whose end nobody recorded: since that one began"),
        pytest.param(INTENT.ended(End.UNANSWERED), START, id="one without an answer: since that one began"),
        pytest.param(INTENT.ended(End.KEPT), START, id="one whose tokens wait: since that one began"),
        pytest.param(
            Intent.begin("version-1", Base.of(PRESENTED), START + SECOND, INTENT),
            START,
            id="two in doubt: since the first of them began",
        ),
    ],
)
def test_what_is_in_doubt_after(before: Intent | None, since: datetime) -> None:
    intent = Intent.begin("version-2", Base.of(PRESENTED), LATER, before)
    assert (intent.at, intent.since) == (LATER, since)


@pytest.mark.parametrize("end", End)
def test_only_what_is_current_is_settled(end: End) -> None:
    assert INTENT.ended(end).is_settled is (end is End.ROTATED)


def test_an_exchange_that_brought_a_successor_has_rotated() -> None:
    assert INTENT.settled_by(SUCCESSOR) == ROTATED


def test_an_exchange_after_which_the_token_is_the_same_is_forgotten() -> None:
    assert INTENT.settled_by(PRESENTED) is None


@pytest.mark.parametrize(
    ("end", "age", "under_way"),
    [
        pytest.param(End.OPEN, timedelta(0), True, id="just begun: may be under way"),
        pytest.param(End.OPEN, LEASE - SECOND, True, id="begun a moment less than its lease ago: may be"),
        pytest.param(End.OPEN, LEASE, False, id="begun as long ago as its lease: is not"),
        pytest.param(End.KEPT, LEASE - SECOND, True, id="whose tokens wait to be seen: may be"),
        pytest.param(End.KEPT, LEASE, False, id="whose tokens would be seen by now: is not"),
        pytest.param(End.UNANSWERED, timedelta(0), False, id="that is known to be over without an answer: is not"),
        pytest.param(End.ROTATED, timedelta(0), False, id="that is known to be over: is not"),
    ],
)
def test_an_exchange(end: End, age: timedelta, *, under_way: bool) -> None:
    assert INTENT.ended(end).may_be_under_way(START + age, LEASE) is under_way


@pytest.mark.parametrize(
    ("intent", "credential", "spent", "age", "has_spent"),
    [
        pytest.param(ROTATED, PRESENTED, (), LEASE - SECOND, True, id="the token before it, just after: is old"),
        pytest.param(ROTATED, PRESENTED, (), LEASE, False, id="the token before it, later: is a decision"),
        pytest.param(ROTATED, SUCCESSOR, (), timedelta(0), False, id="another token: is new"),
        pytest.param(
            ROTATED, SUCCESSOR, (SUCCESSOR.fingerprint,), timedelta(0), True, id="a token from before that: is old"
        ),
        pytest.param(INTENT, PRESENTED, (), timedelta(0), False, id="the token of an exchange under way: is in use"),
        pytest.param(
            INTENT.ended(End.UNANSWERED), PRESENTED, (), timedelta(0), False, id="the token that may be spent: is all"
        ),
    ],
)
def test_a_document_that_was_just_read(
    intent: Intent, credential: Credential, spent: tuple[str, ...], age: timedelta, *, has_spent: bool
) -> None:
    assert intent.has_spent(credential, spent, START + age, LEASE) is has_spent
