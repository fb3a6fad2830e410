"""People are told although workers die, credentials go away, and services of AWS are down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED, refused
from tests.fakes.outages import down, failing
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.alert import Event
from token_refresher.diagnosis import diagnose
from token_refresher.errors import AlertNotSentError
from token_refresher.incident import CLAIM
from token_refresher.outcome import Result
from token_refresher.status import Status

TICK = timedelta(minutes=5)
DAY = timedelta(days=1)
TOLD, OVER = Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED
BESIDE = diagnose(refused(50194, "invalid_request"))
"""What a consent meets whose tenant does not fit the application; refreshes go on."""

SECRET_WRONG = refused(7000215, "invalid_client")


def a_world(*names: str) -> World:
    world = World()
    for name in names:
        world.manage(name)
    return world


def look(world: World, name: str, failure: object = None) -> Result:
    """Look at a credential once, when it is due."""
    due = world.entry(name).next_action_at
    world.clock.now = max(world.clock.now, due) if due else world.clock.now
    if failure is not None:
        world.authority.failures.append(failure)  # type: ignore[arg-type] # One of the failures above.
    return world.refresh(name).result


def mend(world: World, name: str) -> None:
    world.edit(name, client_secret="planted-new-client-secret")
    assert world.refresh(name).result is Result.REFRESHED


def pause(world: World, name: str) -> None:
    entry = world.registry.entries[name]
    world.registry.entries[name] = replace(entry, status=Status.PAUSED, next_action_at=None)


def test_what_is_wrong_is_recorded_before_anybody_is_told() -> None:
    """So whoever dies while telling is followed by one who tells, and asks nobody for it."""
    world = a_world(NAME)
    world.calls.at("before", "topic.publish", kill)
    with pytest.raises(KilledError):
        look(world, NAME, REVOKED)
    assert (world.entry().status, world.entry().untold) == (Status.NEEDS_CONSENT, True)
    look(world, NAME)
    assert (world.topic.events, len(world.authority.presented)) == ([Event.RECONSENT_REQUIRED], 1)


def test_a_consent_that_comes_first_leaves_nothing_to_tell() -> None:
    world = a_world(NAME)
    world.calls.at("before", "registry.save", world.consenting(), number=3)
    look(world, NAME, REVOKED)
    assert world.topic.events == [Event.CONNECTED]


@pytest.mark.parametrize("call", ["incidents.get", "incidents.save", "registry.of_application"])
def test_a_dead_grant_is_asked_about_once_although_nobody_can_be_told(call: str) -> None:
    world = a_world(NAME)
    down(world, call)
    for _ in range(5):
        look(world, NAME, None if world.authority.presented else SECRET_EXPIRED)
    assert (len(world.authority.presented), world.topic.events) == (1, [])
    world.calls.forget()
    look(world, NAME)
    assert (len(world.authority.presented), world.topic.events) == (1, [TOLD])


# --- An incident whose credentials go away --------------------------------------------------------------------------


def test_another_code_for_the_same_client_secret_is_the_same_incident() -> None:
    """Microsoft calls an expired secret a wrong one, once somebody has deleted it."""
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        look(world, name, SECRET_EXPIRED)
    for name in ("ads-a", "ads-b"):
        look(world, name, SECRET_WRONG)
    assert (world.topic.events, world.topic.alerts[-1].told) == ([TOLD, TOLD], 2)


def test_nothing_is_said_to_be_over_because_something_else_is_wrong() -> None:
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        look(world, name, SECRET_EXPIRED)
        world.edit(name, note="touched")
        look(world, name, refused(700016, "unauthorized_client"))
    assert OVER not in world.topic.events


def test_one_that_is_paused_does_not_hold_up_the_end() -> None:
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        look(world, name, SECRET_EXPIRED)
    pause(world, "ads-a")
    mend(world, "ads-b")
    assert world.topic.events == [TOLD, OVER]


def test_one_that_is_paused_does_not_swallow_the_next_incident() -> None:
    world = a_world("ads-a", "ads-b")
    look(world, "ads-a", SECRET_EXPIRED)
    pause(world, "ads-a")
    world.clock.advance(2 * DAY)
    world.edit("ads-b", note="touched")
    look(world, "ads-b", SECRET_EXPIRED)
    assert (world.topic.events, world.topic.alerts[-1].told) == ([TOLD, TOLD], 1)


def test_a_lost_entry_does_not_swallow_the_next_incident() -> None:
    world = a_world("ads-a", "ads-b")
    look(world, "ads-a", SECRET_EXPIRED)
    del world.registry.entries["ads-a"]
    world.clock.advance(2 * DAY)
    look(world, "ads-b", SECRET_EXPIRED)
    assert [alert.told for alert in world.topic.alerts] == [1, 1]


def test_a_lost_table_of_incidents_does_not_swallow_the_end() -> None:
    world = a_world("ads-a")
    look(world, "ads-a", SECRET_EXPIRED)
    world.incidents.stored.clear()
    mend(world, "ads-a")
    assert world.topic.events == [TOLD, OVER]


def test_the_others_are_told_where_the_one_that_was_telling_is_gone() -> None:
    world = a_world("ads-a", "ads-b")
    world.topic.out_of_order = True
    for name in ("ads-a", "ads-b"):
        look(world, name, SECRET_EXPIRED)
    world.store.delete("ads-a")
    world.refresh("ads-a")
    world.topic.out_of_order = False
    for _ in range(2):
        world.clock.advance(TICK)
        look(world, "ads-b")
    assert (world.topic.events, len(world.authority.presented)) == ([TOLD], 2)


def test_a_reminder_that_another_one_is_sending_costs_no_second_look_at_microsoft() -> None:
    world = a_world("ads-a", "ads-b")
    for name in ("ads-a", "ads-b"):
        look(world, name, SECRET_EXPIRED)
    world.clock.advance(REMINDER)
    world.calls.at("before", "topic.publish", lambda: look(world, "ads-b", SECRET_EXPIRED))
    look(world, "ads-a", SECRET_EXPIRED)
    look(world, "ads-b")
    assert (len(world.topic.alerts), len(world.authority.presented)) == (2, 4)


def test_a_paused_credential_that_is_deleted_is_forgotten() -> None:
    world = a_world("ads-a", "ads-b")
    look(world, "ads-a", SECRET_EXPIRED)
    pause(world, "ads-a")
    world.store.delete("ads-a")
    world.dispatcher.tick()
    assert "ads-a" not in world.registry.entries


# --- Beside good refreshes -------------------------------------------------------------------------------------------


def test_what_is_wrong_beside_good_refreshes_hides_no_risk() -> None:
    world = a_world(NAME)
    world.connection.ask_operator(NAME, BESIDE)
    for _ in range(8):
        look(world, NAME, NO_ANSWER)
    assert world.topic.events == [TOLD, Event.REFRESH_AT_RISK]


def test_an_outage_that_ends_does_not_end_what_is_wrong_beside() -> None:
    world = a_world(NAME)
    world.connection.ask_operator(NAME, BESIDE)
    look(world, NAME, NO_ANSWER)
    look(world, NAME)
    assert world.topic.events == [TOLD]


# --- A probe ----------------------------------------------------------------------------------------------------------


def test_a_probe_that_microsoft_answers_with_something_that_passes_is_followed_by_the_reminder() -> None:
    world = a_world(NAME)
    look(world, NAME, REVOKED)
    for _ in range(3):
        look(world, NAME, refused(50196))
    assert ([alert.told for alert in world.topic.alerts], len(world.authority.presented)) == ([1, 2, 3, 4], 4)


def test_a_tag_that_could_not_be_set_is_set_with_the_next_tick() -> None:
    world = a_world(NAME)
    world.calls.at("before", "store.label", failing(world, "store.label", passing=False))
    look(world, NAME, REVOKED)
    world.clock.advance(TICK)
    world.dispatcher.tick()
    for message in list(world.queue.messages):
        world.refresh(message.credential)
    label = world.store.describe(NAME).label
    assert (label and label.status, len(world.authority.presented)) == ("needs_consent", 1)


def test_a_risk_that_another_one_could_not_tell_is_told_by_the_next() -> None:
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
