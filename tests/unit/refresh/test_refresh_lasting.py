"""A failure that usually passes becomes an incident once pipelines have no token and it has lasted for an hour."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED, refused, throughout_an_attempt, unavailable
from tests.fakes.outages import down
from tests.fakes.world import NAME, World
from token_refresher.alerts.alert import Alert
from token_refresher.base.clock import readable_time
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.registry.lasting import PATIENCE
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

TICK = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RISK, NOTIFIED, RECOVERED = Event.REFRESH_AT_RISK, Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED
NOT_SENT = ProviderFailure(FailureKind.NOT_SENT)
GONE: dict[str, Any] = dict.fromkeys(
    ("access_token", "expires_at", "refreshed_at", "refresh_token_issued_at", "granted_scope")
)
SOON = timedelta(minutes=20)
"""The longest pause before the next attempt, and a tick."""

PASSING = [
    pytest.param([NOT_SENT], id="no request can be sent"),
    pytest.param([NO_ANSWER], id="no answer comes"),
    pytest.param([unavailable(503)], id="the provider has a server error"),
    pytest.param([unavailable(429)], id="the provider throttles"),
    pytest.param([unavailable(429, timedelta(minutes=10))], id="the provider throttles with Retry-After"),
    pytest.param([ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200)], id="the answers are unusable"),
    pytest.param([refused(999_999, "something_new")], id="the code is unknown"),
    pytest.param([refused(50196)], id="the provider detects a loop"),
    pytest.param([NO_ANSWER, AMBIGUOUS], id="uncertain refusals and outages take turns"),
    pytest.param([unavailable(503), refused(999_999, "new"), NOT_SENT], id="the errors alternate"),
]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def imported() -> World:
    """Return a world with a credential that has only a refresh token, without any time."""
    world = World()
    world.store.create(NAME, world.document(refresh_token=world.authority.open_family(), **GONE))
    world.discover()
    return world


def run(world: World, until: datetime, *failures: ProviderFailure) -> int:
    """Tick until a time, and let each attempt meet the next of these failures; return how many attempts there were."""
    attempts = 0
    while world.clock() < until:
        for name in sorted(world.registry.entries):
            due = world.entry(name).next_action_at
            if due is not None and due <= world.clock():
                if failures:
                    world.authority.failures.extend(throughout_an_attempt(failures[attempts % len(failures)]))
                world.refresh(name)
                world.authority.failures.clear()
                attempts += 1
        world.clock.now += TICK
    return attempts


def notified(world: World) -> list[Alert]:
    return [alert for alert in world.topic.alerts if alert.event is NOTIFIED]


@pytest.mark.parametrize("failures", PASSING)
def test_an_hour_without_a_valid_token_notifies_the_operator(world: World, failures: list[ProviderFailure]) -> None:
    began_at = world.clock()
    run(world, began_at + 3 * HOUR, *failures)
    assert world.topic.events == [RISK, NOTIFIED]
    assert began_at + PATIENCE <= notified(world)[0].at <= began_at + PATIENCE + SOON
    assert notified(world)[0].since == began_at


@pytest.mark.parametrize("failures", PASSING)
def test_an_import_that_never_reached_microsoft_notifies_the_operator(failures: list[ProviderFailure]) -> None:
    """It has no ``expires_at``, so no expiry was ever at risk."""
    world = imported()
    began_at = world.clock()
    run(world, began_at + 3 * HOUR, *failures)
    assert world.topic.events == [NOTIFIED]
    assert notified(world)[0].at <= began_at + PATIENCE + SOON


@pytest.mark.parametrize("failures", PASSING)
def test_a_lasting_failure_is_retried_as_often_as_before(failures: list[ProviderFailure]) -> None:
    world = imported()
    began_at = world.clock()
    before = run(world, began_at + HOUR, *failures)
    after = run(world, began_at + DAY, *failures)
    assert min(before, after / 23) >= 60 / 25
    run(world, world.clock() + timedelta(minutes=25))
    assert (world.entry().status, world.topic.events[-1]) == (Status.HEALTHY, RECOVERED)


def test_people_are_reminded_at_growing_intervals_and_notified_once_of_the_recovery(world: World) -> None:
    began_at = world.clock()
    run(world, began_at + 6 * DAY, NOT_SENT)
    assert [round((alert.at - began_at) / DAY) for alert in notified(world)] == [0, 1, 4]
    assert [alert.notifications for alert in notified(world)] == [1, 2, 3]
    run(world, world.clock() + HOUR)
    assert world.topic.events == [RISK, NOTIFIED, NOTIFIED, NOTIFIED, RECOVERED]
    assert world.entry().alert is None


def test_while_pipelines_have_a_valid_token_nobody_is_notified(world: World) -> None:
    world.edit(expires_at="2026-01-31T21:00:00Z")
    world.refresh()
    world.set_entry(next_action_at=world.clock())
    run(world, world.clock() + 9 * HOUR, NOT_SENT)
    assert notified(world) == []


def test_an_outage_that_ends_within_the_hour_notifies_no_operator(world: World) -> None:
    run(world, world.clock() + HOUR - TICK, NOT_SENT)
    run(world, world.clock() + HOUR)
    assert world.topic.events == [RISK, RECOVERED]


def test_the_alert_says_what_failed_last_since_when_and_how_often(world: World) -> None:
    began_at = world.clock()
    run(world, began_at + 2 * HOUR, unavailable(503), NO_ANSWER, NOT_SENT)
    (alert,) = notified(world)
    assert f"attempts failed since {readable_time(began_at)}" in alert.cause
    assert alert.code in {"server_error", "no_answer", "not_sent"}
    assert not alert.action.startswith("Nothing")


def test_the_status_and_the_tag_say_that_the_operator_has_to_act(world: World) -> None:
    run(world, world.clock() + 2 * HOUR, NOT_SENT)
    label = world.store.describe(NAME).status_tags
    assert label is not None
    assert (world.entry().status, label.status) == (Status.NEEDS_OPERATOR, "needs_operator")
    assert label.reason.startswith("not_sent: ")
    run(world, world.clock() + HOUR)
    label = world.store.describe(NAME).status_tags
    assert label is not None
    assert (label.status, label.reason) == ("healthy", "-")


def test_the_freshness_metric_stays_negative_until_the_recovery(world: World) -> None:
    run(world, world.clock() + 5 * HOUR, NOT_SENT)
    left = world.dispatcher.tick().due.worst_minutes_left
    assert left is not None
    assert left < -4 * 60


def test_a_credential_without_a_token_counts_in_the_freshness_metric(world: World) -> None:
    world = imported()
    run(world, world.clock() + 2 * HOUR, NOT_SENT)
    left = world.dispatcher.tick().due.worst_minutes_left
    assert left is not None
    assert left <= -60 + 5


def test_a_certain_refusal_after_a_lasting_failure_notifies_the_user(world: World) -> None:
    run(world, world.clock() + 2 * HOUR, NOT_SENT)
    run(world, world.clock() + HOUR, REVOKED)
    assert world.topic.events == [RISK, NOTIFIED, Event.RECONSENT_REQUIRED]


def test_an_edit_of_a_rejected_grant_begins_the_hour_anew(world: World) -> None:
    """The hours in which the grant was rejected do not count as an outage."""
    run(world, world.clock() + 3 * HOUR, REVOKED)
    world.edit(note="of the operator")
    began_at = world.clock()
    world.authority.failures.extend(throughout_an_attempt(NOT_SENT))
    world.refresh()
    run(world, began_at + HOUR - TICK, NOT_SENT)
    assert notified(world) == []
    run(world, began_at + 2 * HOUR, NOT_SENT)
    assert len(notified(world)) == 1


def test_an_edit_amid_an_outage_does_not_begin_the_hour_anew(world: World) -> None:
    began_at = world.clock()
    while world.clock() < began_at + 2 * HOUR:
        world.edit(note=world.clock().isoformat())
        world.dispatcher.tick()
        run(world, world.clock() + timedelta(minutes=30), NOT_SENT)
    assert world.topic.events == [RISK, NOTIFIED]


# --- All credentials at once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 8])
def test_an_authority_that_is_down_for_all_is_one_incident_however_few_they_are(count: int) -> None:
    """Five failing credentials open the circuit, which holds the others back; if fewer fail, no call gets an answer."""
    world = World()
    names = [f"search-ads-{number:02}" for number in range(count)]
    for name in names:
        world.manage(name)
    run(world, world.clock() + 30 * HOUR, NOT_SENT)
    assert [alert.notifications for alert in notified(world)] == [1, 2]
    assert {world.entry(name).status for name in names} == {Status.NEEDS_OPERATOR}
    assert {world.entry(name).alert.incident != "" for name in names} == {True}  # type: ignore[union-attr] # Told.
    assert notified(world)[-1].code == "not_sent"
    run(world, world.clock() + 2 * HOUR)
    assert world.topic.events.count(RECOVERED) == 1
    assert set(world.topic.alerts[-1].credentials or (names[0],)) == set(names)


def test_imports_that_are_held_back_are_part_of_the_incident() -> None:
    """A credential that is held back never fails, but its pipelines have no token, either."""
    world = World()
    names = [f"imported-{number:02}" for number in range(90)]
    for name in names:
        world.store.create(name, world.document(refresh_token=world.authority.open_family(), **GONE))
        world.discover(name)
    run(world, world.clock() + 3 * HOUR, NOT_SENT)
    assert world.topic.events == [NOTIFIED]
    assert any(world.entry(name).attempts == 0 for name in names)
    assert {world.entry(name).status for name in names} == {Status.NEEDS_OPERATOR}


def test_one_failing_credential_among_healthy_ones_has_its_own_incident() -> None:
    world = World()
    for name in ("failing", "healthy"):
        world.manage(name)
    until = world.clock() + 3 * HOUR
    while world.clock() < until:
        for name in ("failing", "healthy"):
            due = world.entry(name).next_action_at
            if due is not None and due <= world.clock():
                world.authority.failures.extend([unavailable(503)] if name == "failing" else [])
                world.refresh(name)
        world.clock.now += TICK
    (alert,) = notified(world)
    known = world.entry("failing").alert
    assert known is not None
    assert (alert.concerned, known.incident) == (("failing",), "")


# --- AWS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["store.describe", "store.read", "escrow.of", "store.put_pending", "store.promote"])
def test_a_call_to_aws_that_fails_for_hours_notifies_the_operator_too(world: World, call: str) -> None:
    if call in {"escrow.of", "store.put_pending"}:
        down(world, "store.put_pending")
        assert world.refresh().result is Result.KEPT
    down(world, call, passing=False)
    until = world.clock() + 26 * HOUR
    while world.clock() < until:
        with suppress(ServiceUnavailableError):
            world.refresh()
        world.clock.now += TICK
    assert [alert.notifications for alert in notified(world)] == [1, 2]
    world.calls.forget()
    for _ in range(3):
        world.refresh()
        world.clock.now += TICK
    assert (world.entry().status, world.topic.events[-1]) == (Status.HEALTHY, RECOVERED)


def test_a_failure_of_aws_for_many_credentials_is_one_incident() -> None:
    world = World()
    for number in range(6):
        world.manage(f"search-ads-{number}")
    down(world, "store.put_pending")
    until = world.clock() + 3 * HOUR
    while world.clock() < until:
        for name in sorted(world.registry.entries):
            with suppress(ServiceUnavailableError):
                world.refresh(name)
        world.clock.now += TICK
    assert len(notified(world)) == 1


def test_a_failed_attempt_that_was_not_due_is_not_counted(world: World) -> None:
    world.refresh()
    down(world, "store.describe")
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert (world.entry().failing_since, world.entry().attempts) == (None, 0)


def test_an_alert_that_was_not_sent_is_sent_by_a_later_attempt(world: World) -> None:
    world.topic.out_of_order = True
    run(world, world.clock() + 3 * HOUR, NOT_SENT)
    world.topic.out_of_order = False
    run(world, world.clock() + 2 * SOON, NOT_SENT)
    assert world.topic.events == [NOTIFIED]
