"""A credential that is due more often than its secret allows: refused long before the quota, and told of once."""

from datetime import timedelta

import pytest

from tests.fakes import fake_authority
from tests.fakes.failures import NO_ANSWER, SECRET_EXPIRED, unavailable
from tests.fakes.world import NAME, REMINDER, TIMING, World
from token_refresher.alert import Event
from token_refresher.outcome import Outcome, Result
from token_refresher.secret_store import successor
from token_refresher.status import Status
from token_refresher.version_budget import VERSIONS_AT_ONCE

MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=24)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def touch(world: World) -> Outcome:
    """Let something write an old time into the secret, so that the credential is due, and deliver its message."""
    world.edit(refreshed_at="2026-01-01T00:00:00Z", expires_at="2026-01-01T01:00:00Z")
    return world.refresh()


def storm(world: World, times: int) -> list[Result]:
    results = []
    for _ in range(times):
        results.append(touch(world).result)
        world.clock.advance(TIMING.lease)
    return results


def test_a_few_refreshes_in_a_row_are_done(world: World) -> None:
    assert set(storm(world, VERSIONS_AT_ONCE)) == {Result.REFRESHED}


def test_a_storm_is_refused(world: World) -> None:
    assert storm(world, 2 * VERSIONS_AT_ONCE)[-1] is Result.TOO_OFTEN


def test_a_day_of_a_storm_stays_under_the_quota_of_the_secret(world: World) -> None:
    """Our own versions; what the storm writes itself is not ours to hold back."""
    began_at = world.clock()
    while world.clock() < began_at + DAY:
        touch(world)
        world.clock.advance(5 * MINUTE)
    assert world.calls.count("store.put_pending") <= VERSIONS_AT_ONCE + DAY / TIMING.minimum_interval


def test_a_refusal_presents_and_writes_nothing(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    presented, written = len(world.authority.presented), world.calls.count("store.put_pending")
    assert touch(world).result is Result.TOO_OFTEN
    assert (len(world.authority.presented), world.calls.count("store.put_pending")) == (presented, written)


def test_a_refusal_says_why_and_until_when(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    diagnosis = touch(world).diagnosis
    assert diagnosis is not None
    assert diagnosis.code == "too_many_versions"
    assert "The next one is allowed at 2026-" in diagnosis.cause


@pytest.fixture
def short_lived(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A provider whose access tokens end before the next tick but one."""
    monkeypatch.setattr(fake_authority, "LIFETIME", 8 * MINUTE)
    return world


def ticks(world: World, span: timedelta) -> list[Result]:
    """Deliver a message every five minutes."""
    results, began_at = [], world.clock()
    while world.clock() < began_at + span:
        results.append(world.refresh().result)
        world.clock.advance(5 * MINUTE)
    return results


def test_tokens_that_live_too_short_for_the_schedule_are_a_storm(short_lived: World) -> None:
    assert Result.TOO_OFTEN in ticks(short_lived, timedelta(hours=2))


def test_a_storm_is_told_to_the_operator_once(short_lived: World) -> None:
    ticks(short_lived, REMINDER - 10 * MINUTE)
    assert short_lived.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_a_storm_that_an_editor_makes_is_told_to_the_operator_once(world: World) -> None:
    """Each edit is looked at anew, and what it cannot have changed is no news."""
    began_at = world.clock()
    while world.clock() < began_at + REMINDER - 10 * MINUTE:
        touch(world)
        world.clock.advance(5 * MINUTE)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_whoever_is_told_of_a_storm_does_not_read_that_the_refreshes_have_stopped(short_lived: World) -> None:
    ticks(short_lived, timedelta(hours=3))
    summary = short_lived.topic.alerts[0].summary
    assert ("is refreshed too often" in summary, "has stopped" in summary) == (True, False)


def test_a_storm_that_goes_on_is_reminded_of(short_lived: World) -> None:
    ticks(short_lived, REMINDER + timedelta(hours=2))
    assert short_lived.topic.events == [Event.OPERATOR_ACTION_REQUIRED] * 2


def test_a_storm_that_is_over_is_told_of_once(short_lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks(short_lived, timedelta(hours=3))
    monkeypatch.undo()
    ticks(short_lived, timedelta(hours=12))
    assert short_lived.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]
    assert (short_lived.entry().diagnosis, short_lived.entry().alert) == (None, None)


def test_a_credential_in_a_storm_is_healthy(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    assert world.entry().status is Status.HEALTHY


def test_a_credential_in_a_storm_goes_on_as_soon_as_that_is_allowed(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    touch(world)
    allowed_at = world.entry().next_action_at
    assert allowed_at is not None
    world.clock.now = allowed_at
    assert world.refresh().result is Result.REFRESHED
    assert world.current_refresh_token() == world.authority.newest


def test_a_normal_day_has_no_storm(world: World) -> None:
    began_at = world.clock()
    results = set()
    while world.clock() < began_at + DAY:
        results.add(world.refresh().result)
        world.clock.advance(5 * MINUTE)
    assert (results, world.topic.alerts) == ({Result.REFRESHED, Result.NOT_DUE}, [])


def test_a_double_message_during_a_storm_changes_nothing(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    touch(world)
    entry = world.entry()
    assert world.refresh().result is Result.NOT_DUE
    assert world.entry() == entry


def test_what_is_kept_is_made_current_during_a_storm_all_the_same(world: World) -> None:
    """It is stored already, and costs no version."""
    storm(world, 2 * VERSIONS_AT_ONCE)
    document = world.document(age=timedelta(0), refresh_token="stored")
    state = world.store.describe(NAME)
    world.set_entry(next_action_at=world.clock())
    world.store.put_pending(NAME, successor(state.arn, world.current_version()), document)
    assert world.refresh().result is Result.RECOVERED


def test_attempts_that_failed_cost_no_version(world: World) -> None:
    """An outage is no storm, however long it lasts."""
    results = []
    for _ in range(12):
        due = world.entry().next_action_at
        assert due is not None
        world.clock.now = max(world.clock.now, due)
        for failure in (NO_ANSWER, unavailable(503), unavailable(429)):
            world.authority.failures.append(failure)
            world.clock.advance(5 * MINUTE)
            results.append(world.refresh().result)
    assert Result.TOO_OFTEN not in results


def test_an_incident_that_is_looked_at_often_stays_the_one_that_is_told(world: World) -> None:
    """What the operator tries against it is no storm that takes its place."""
    for number in range(2 * VERSIONS_AT_ONCE):
        world.authority.failures.append(SECRET_EXPIRED)
        world.edit(note=number)
        world.refresh()
        world.clock.advance(MINUTE)
    diagnosis = world.entry().diagnosis
    assert diagnosis is not None
    assert (diagnosis.code, world.topic.events) == ("7000222", [Event.OPERATOR_ACTION_REQUIRED])


def test_answers_that_are_cut_off_are_held_back_and_told_as_what_they_are(world: World) -> None:
    """Each brings a refresh token, which costs a version, and that the access token is at risk is known already."""
    results = []
    for _ in range(2 * VERSIONS_AT_ONCE):
        world.authority.cut_off = True
        results.append(touch(world).result)
        world.clock.advance(MINUTE)
    assert results == [Result.RETRY_LATER] * VERSIONS_AT_ONCE + [Result.TOO_OFTEN] * VERSIONS_AT_ONCE
    assert world.topic.events == [Event.REFRESH_AT_RISK]
