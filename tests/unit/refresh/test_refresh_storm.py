"""A credential that is due too often for the versions of its secret is held back, and the operator notified once."""

from datetime import timedelta

import pytest

from tests.fakes import fake_authority
from tests.fakes.failures import NO_ANSWER, SECRET_EXPIRED, unavailable
from tests.fakes.world import NAME, REMINDER, TIMING, World
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.rotation.secret_store import successor
from token_refresher.rotation.version_budget import VERSIONS_AT_ONCE

MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=24)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def touch(world: World) -> Outcome:
    """Write an old time into the secret, so that the credential is due, and deliver its message."""
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


def test_a_storm_is_held_back(world: World) -> None:
    assert storm(world, 2 * VERSIONS_AT_ONCE)[-1] is Result.TOO_OFTEN


def test_a_day_of_a_storm_stays_under_the_quota_of_the_secret(world: World) -> None:
    """This counts the refresher's versions only; the refresher cannot hold back the edits of the storm."""
    began_at = world.clock()
    while world.clock() < began_at + DAY:
        touch(world)
        world.clock.advance(5 * MINUTE)
    assert world.calls.count("store.put_pending") <= VERSIONS_AT_ONCE + DAY / TIMING.minimum_interval


def test_a_held_back_attempt_presents_and_writes_no_token(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    presented, written = len(world.authority.presented), world.calls.count("store.put_pending")
    assert touch(world).result is Result.TOO_OFTEN
    assert (len(world.authority.presented), world.calls.count("store.put_pending")) == (presented, written)


def test_the_diagnosis_says_why_and_until_when(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    diagnosis = touch(world).diagnosis
    assert diagnosis is not None
    assert diagnosis.code == "too_many_versions"
    assert "The next one is allowed at 2026-" in diagnosis.cause


@pytest.fixture
def short_lived(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A provider whose access tokens expire before the second tick."""
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


def test_a_storm_notifies_the_operator_once(short_lived: World) -> None:
    ticks(short_lived, REMINDER - 10 * MINUTE)
    assert short_lived.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_a_storm_of_edits_notifies_the_operator_once(world: World) -> None:
    """Each edit causes an attempt, but no edit can have ended the storm."""
    began_at = world.clock()
    while world.clock() < began_at + REMINDER - 10 * MINUTE:
        touch(world)
        world.clock.advance(5 * MINUTE)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_the_alert_of_a_storm_does_not_say_that_the_refreshes_have_stopped(short_lived: World) -> None:
    ticks(short_lived, timedelta(hours=3))
    summary = short_lived.topic.alerts[0].summary
    assert ("is refreshed too often" in summary, "has stopped" in summary) == (True, False)


def test_the_operator_is_reminded_of_a_storm_that_goes_on(short_lived: World) -> None:
    ticks(short_lived, REMINDER + timedelta(hours=2))
    assert short_lived.topic.events == [Event.OPERATOR_ACTION_REQUIRED] * 2


def test_the_end_of_a_storm_is_notified_once(short_lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks(short_lived, timedelta(hours=3))
    monkeypatch.undo()
    ticks(short_lived, timedelta(hours=12))
    assert short_lived.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]
    assert (short_lived.entry().diagnosis, short_lived.entry().alert) == (None, None)


def test_a_credential_in_a_storm_is_healthy(world: World) -> None:
    storm(world, 2 * VERSIONS_AT_ONCE)
    assert world.entry().status is Status.HEALTHY


def test_a_credential_in_a_storm_is_refreshed_as_soon_as_that_is_allowed(world: World) -> None:
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


def test_stored_tokens_are_made_current_during_a_storm_all_the_same(world: World) -> None:
    """They are stored already, and cost no version."""
    storm(world, 2 * VERSIONS_AT_ONCE)
    document = world.document(age=timedelta(0), refresh_token="stored")
    state = world.store.describe(NAME)
    world.set_entry(next_action_at=world.clock())
    world.store.put_pending(NAME, successor(state.arn, world.current_version()), document)
    assert world.refresh().result is Result.RECOVERED


def test_failed_attempts_cost_no_version(world: World) -> None:
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


def test_an_open_incident_with_many_attempts_is_not_replaced_by_a_storm(world: World) -> None:
    """The operator's attempts to fix it are no storm."""
    for number in range(2 * VERSIONS_AT_ONCE):
        world.authority.failures.append(SECRET_EXPIRED)
        world.edit(note=number)
        world.refresh()
        world.clock.advance(MINUTE)
    diagnosis = world.entry().diagnosis
    assert diagnosis is not None
    assert (diagnosis.code, world.topic.events) == ("7000222", [Event.OPERATOR_ACTION_REQUIRED])


def test_answers_without_an_access_token_are_held_back_but_notified_as_what_they_are(world: World) -> None:
    """Each brings a refresh token, which costs a version. People were warned of the risk before."""
    results = []
    for _ in range(2 * VERSIONS_AT_ONCE):
        world.authority.cut_off = True
        results.append(touch(world).result)
        world.clock.advance(MINUTE)
    assert results == [Result.RETRY_LATER] * VERSIONS_AT_ONCE + [Result.TOO_OFTEN] * VERSIONS_AT_ONCE
    assert world.topic.events == [Event.REFRESH_AT_RISK]
