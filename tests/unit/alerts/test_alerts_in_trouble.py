"""People are notified although workers die, credentials are deleted, and services of AWS are down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED, refused
from tests.fakes.outages import down, failing
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.alerts.incident import CLAIM
from token_refresher.base.errors import AlertNotSentError
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import diagnose
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

TICK = timedelta(minutes=5)
DAY = timedelta(days=1)
NOTIFIED, OVER = Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED
STOPS_NO_REFRESH = diagnose(refused(50194, "invalid_request"))
"""The refusal of a consent if the tenant does not fit the application; refreshes go on."""

SECRET_WRONG = refused(7000215, "invalid_client")


def a_world(*names: str) -> World:
    world = World()
    for name in names:
        world.manage(name)
    return world


def attempt(world: World, name: str, failure: object = None) -> Result:
    """Run the refresh function once for a credential, when it is due."""
    due = world.entry(name).next_action_at
    world.clock.now = max(world.clock.now, due) if due else world.clock.now
    if failure is not None:
        world.authority.failures.append(failure)  # type: ignore[arg-type] # One of the failures above.
    return world.refresh(name).result


def correct(world: World, name: str) -> None:
    world.edit(name, client_secret="planted-new-client-secret")
    assert world.refresh(name).result is Result.REFRESHED


def pause(world: World, name: str) -> None:
    entry = world.registry.entries[name]
    world.registry.entries[name] = replace(entry, status=Status.PAUSED, next_action_at=None)


def test_a_failure_is_recorded_before_its_alert_is_published() -> None:
    """If the worker dies while it publishes, the next one publishes without a call of the token endpoint."""
    world = a_world(NAME)
    world.calls.at("before", "topic.publish", kill)
    with pytest.raises(KilledError):
        attempt(world, NAME, REVOKED)
    assert (world.entry().status, world.entry().notification_pending) == (Status.NEEDS_CONSENT, True)
    attempt(world, NAME)
    assert (world.topic.events, len(world.authority.presented)) == ([Event.RECONSENT_REQUIRED], 1)


def test_a_consent_that_comes_first_makes_the_alert_unnecessary() -> None:
    world = a_world(NAME)
    world.calls.at("before", "registry.save", world.consenting(), number=3)
    attempt(world, NAME, REVOKED)
    assert world.topic.events == [Event.CONNECTED]


@pytest.mark.parametrize("call", ["incidents.get", "incidents.save", "registry.of_application"])
def test_a_rejected_grant_is_presented_once_although_the_alert_cannot_be_published(call: str) -> None:
    world = a_world(NAME)
    down(world, call)
    for _ in range(5):
        attempt(world, NAME, None if world.authority.presented else SECRET_EXPIRED)
    assert (len(world.authority.presented), world.topic.events) == (1, [])
    world.calls.forget()
    attempt(world, NAME)
    assert (len(world.authority.presented), world.topic.events) == (1, [NOTIFIED])


# --- An incident whose credentials are deleted -----------------------------------------------------------------------


def test_another_code_for_the_same_client_secret_is_the_same_incident() -> None:
    """Microsoft calls an expired secret a wrong one after an operator has deleted it."""
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        attempt(world, name, SECRET_EXPIRED)
    for name in ("ads-a", "ads-b"):
        attempt(world, name, SECRET_WRONG)
    assert (world.topic.events, world.topic.alerts[-1].notifications) == ([NOTIFIED, NOTIFIED], 2)


def test_another_problem_does_not_end_an_incident() -> None:
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        attempt(world, name, SECRET_EXPIRED)
        world.edit(name, note="touched")
        attempt(world, name, refused(700016, "unauthorized_client"))
    assert OVER not in world.topic.events


def test_a_paused_credential_does_not_delay_the_end() -> None:
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        attempt(world, name, SECRET_EXPIRED)
    pause(world, "ads-a")
    correct(world, "ads-b")
    assert world.topic.events == [NOTIFIED, OVER]


def test_a_paused_credential_does_not_hide_the_next_incident() -> None:
    world = a_world("ads-a", "ads-b")
    attempt(world, "ads-a", SECRET_EXPIRED)
    pause(world, "ads-a")
    world.clock.advance(2 * DAY)
    world.edit("ads-b", note="touched")
    attempt(world, "ads-b", SECRET_EXPIRED)
    assert (world.topic.events, world.topic.alerts[-1].notifications) == ([NOTIFIED, NOTIFIED], 1)


def test_a_lost_entry_does_not_hide_the_next_incident() -> None:
    world = a_world("ads-a", "ads-b")
    attempt(world, "ads-a", SECRET_EXPIRED)
    del world.registry.entries["ads-a"]
    world.clock.advance(2 * DAY)
    attempt(world, "ads-b", SECRET_EXPIRED)
    assert [alert.notifications for alert in world.topic.alerts] == [1, 1]


def test_a_lost_table_of_incidents_does_not_hide_the_end() -> None:
    world = a_world("ads-a")
    attempt(world, "ads-a", SECRET_EXPIRED)
    world.incidents.stored.clear()
    correct(world, "ads-a")
    assert world.topic.events == [NOTIFIED, OVER]


def test_another_worker_notifies_people_if_the_claiming_credential_is_deleted() -> None:
    world = a_world("ads-a", "ads-b")
    world.topic.out_of_order = True
    for name in ("ads-a", "ads-b"):
        attempt(world, name, SECRET_EXPIRED)
    world.store.delete("ads-a")
    world.refresh("ads-a")
    world.topic.out_of_order = False
    for _ in range(2):
        world.clock.advance(TICK)
        attempt(world, "ads-b")
    assert (world.topic.events, len(world.authority.presented)) == ([NOTIFIED], 2)


def test_a_reminder_that_another_worker_is_sending_costs_no_second_call_of_microsoft() -> None:
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        attempt(world, name, SECRET_EXPIRED)
    world.clock.advance(REMINDER)
    world.calls.at("before", "topic.publish", lambda: attempt(world, "ads-b", SECRET_EXPIRED))
    attempt(world, "ads-a", SECRET_EXPIRED)
    attempt(world, "ads-b")
    assert (len(world.topic.alerts), len(world.authority.presented)) == (2, 4)


def test_a_paused_credential_that_is_deleted_leaves_the_registry() -> None:
    world = a_world("ads-a", "ads-b")
    attempt(world, "ads-a", SECRET_EXPIRED)
    pause(world, "ads-a")
    world.store.delete("ads-a")
    world.attempt_all()
    assert "ads-a" not in world.registry.entries


# --- Problems that stop no refresh ----------------------------------------------------------------------------------


def test_a_problem_that_stops_no_refresh_hides_no_risk() -> None:
    world = a_world(NAME)
    world.completion.ask_operator(NAME, STOPS_NO_REFRESH)
    for _ in range(8):
        attempt(world, NAME, NO_ANSWER)
    assert world.topic.events == [NOTIFIED, Event.REFRESH_AT_RISK]


def test_the_end_of_an_outage_does_not_end_a_problem_that_stops_no_refresh() -> None:
    world = a_world(NAME)
    world.completion.ask_operator(NAME, STOPS_NO_REFRESH)
    attempt(world, NAME, NO_ANSWER)
    attempt(world, NAME)
    assert world.topic.events == [NOTIFIED]


# --- A probe ----------------------------------------------------------------------------------------------------------


def test_the_reminder_is_sent_although_the_probe_fails_for_a_temporary_reason() -> None:
    world = a_world(NAME)
    attempt(world, NAME, REVOKED)
    for _ in range(3):
        attempt(world, NAME, refused(50196))
    assert ([alert.notifications for alert in world.topic.alerts], len(world.authority.presented)) == ([1, 2, 3, 4], 4)


def test_a_tag_that_could_not_be_set_is_set_with_the_next_tick() -> None:
    world = a_world(NAME)
    world.calls.at("before", "store.set_status_tags", failing(world, "store.set_status_tags", passing=False))
    attempt(world, NAME, REVOKED)
    world.clock.advance(TICK)
    world.dispatcher.tick()
    for message in list(world.queue.messages):
        world.refresh(message.credential)
    label = world.store.describe(NAME).status_tags
    assert (label and label.status, len(world.authority.presented)) == ("needs_consent", 1)


def test_a_risk_that_one_worker_could_not_publish_is_published_by_the_next() -> None:
    world = a_world("ads-a", "ads-b")
    first, second = world.registry.entries["ads-a"], world.registry.entries["ads-b"]
    world.topic.out_of_order = True
    with pytest.raises(AlertNotSentError):
        world.alerting.warn_of_risk(first, diagnose(NO_ANSWER), is_down=True)
    assert world.alerting.warn_of_risk(second, diagnose(NO_ANSWER), is_down=True).alert is None
    world.topic.out_of_order = False
    world.clock.advance(CLAIM)
    assert world.alerting.warn_of_risk(second, diagnose(NO_ANSWER), is_down=True).alert is not None
    assert world.topic.events == [Event.REFRESH_AT_RISK]
