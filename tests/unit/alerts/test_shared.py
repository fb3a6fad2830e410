"""An incident of several credentials: one alert, whichever fails first, and one message when it is over."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.world import REMINDER, World
from token_refresher.alerts.incident import CLAIM
from token_refresher.base.errors import AlertNotSentError
from token_refresher.credential.status import Status
from token_refresher.refresh.circuit import THRESHOLD
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

NAMES = ("ads-a", "ads-b", "ads-c")
NOTIFIED = Event.OPERATOR_ACTION_REQUIRED


def a_world(names: tuple[str, ...] = NAMES) -> World:
    world = World()
    for name in names:
        world.manage(name)
    return world


def refused(world: World, *names: str) -> None:
    """Let Microsoft refuse the application of these credentials, one after the other."""
    for name in names:
        world.authority.failures.append(SECRET_EXPIRED)
        assert world.refresh(name).result is Result.NEEDS_A_PERSON


def corrected(world: World, *names: str) -> None:
    """Put a good client secret into these credentials, and let them be refreshed."""
    for name in names:
        world.edit(name, client_secret="planted-new-client-secret")
        assert world.refresh(name).result is Result.REFRESHED


def test_fifty_credentials_of_one_application_are_one_message() -> None:
    names = tuple(f"ads-{number:02}" for number in range(50))
    world = a_world(names)
    refused(world, *names)
    assert world.topic.events == [NOTIFIED]


def test_each_of_them_waits_for_the_operator() -> None:
    world = a_world()
    refused(world, *NAMES)
    assert {world.entry(name).status for name in NAMES} == {Status.NEEDS_OPERATOR}


def test_the_first_message_names_the_credentials_that_will_fail_next() -> None:
    world = a_world()
    refused(world, "ads-b")
    assert world.topic.alerts[0].credentials == ("ads-b", "ads-a", "ads-c")
    assert "It has stopped for: ads-b." in world.topic.alerts[0].stopped
    assert "ads-a, ads-c" in world.topic.alerts[0].stopped


def test_a_reminder_names_all_that_have_stopped() -> None:
    world = a_world()
    refused(world, *NAMES)
    world.clock.advance(REMINDER)
    refused(world, *NAMES)
    assert (world.topic.events, world.topic.alerts[1].credentials) == ([NOTIFIED, NOTIFIED], NAMES)


def test_reminders_come_once_for_all_credentials() -> None:
    world = a_world()
    refused(world, *NAMES)
    for days in (1, 3, 7, 7):
        world.clock.advance(timedelta(days=days))
        refused(world, *reversed(NAMES))
    assert [alert.notifications for alert in world.topic.alerts] == [1, 2, 3, 4, 5]


def test_all_of_them_are_probed_with_the_same_reminder() -> None:
    world = a_world()
    refused(world, "ads-a")
    world.clock.advance(timedelta(hours=1))
    refused(world, "ads-b")
    assert world.entry("ads-a").next_action_at == world.entry("ads-b").next_action_at


def test_two_applications_are_two_messages() -> None:
    world = a_world(("ads-a",))
    world.manage("ads-b", client_id="another-client")
    refused(world, "ads-a", "ads-b")
    assert world.topic.events == [NOTIFIED, NOTIFIED]


APP = "0000aaaa-11bb-cccc-dd22-eeeeee333333"


def test_one_application_in_two_spellings_is_one_message() -> None:
    """The console and Terraform write a client id in capitals; Microsoft calls it the same."""
    world = a_world(())
    world.manage("ads-a", client_id=APP)
    world.manage("ads-b", client_id=APP.upper())
    refused(world, "ads-a", "ads-b")
    assert [alert.credentials for alert in world.topic.alerts] == [("ads-a", "ads-b")]


def test_an_incident_that_an_earlier_version_wrote_in_capitals_is_left_without_a_false_all_clear() -> None:
    world = a_world(())
    for name in NAMES:
        world.manage(name, client_id=APP.upper())
    refused(world, *NAMES)
    (own,) = world.incidents.stored
    former = own.replace(APP, APP.upper())
    world.incidents.stored[former] = replace(world.incidents.stored.pop(own), id=former)
    for name, entry in world.registry.entries.items():
        assert entry.alert is not None
        alert = replace(entry.alert, incident=former)
        world.registry.entries[name] = replace(entry, client_id=APP.upper(), alert=alert)
    world.clock.advance(REMINDER)
    refused(world, *NAMES)
    assert world.topic.events == [NOTIFIED, NOTIFIED]
    corrected(world, *NAMES)
    assert world.topic.events == [NOTIFIED, NOTIFIED, Event.RECOVERED]
    assert world.incidents.stored[former].over_at is not None


def test_an_incident_is_over_when_its_last_credential_works_and_not_before() -> None:
    world = a_world()
    refused(world, *NAMES)
    corrected(world, "ads-a", "ads-c")
    assert world.topic.events == [NOTIFIED]
    corrected(world, "ads-b")
    assert world.topic.events == [NOTIFIED, Event.RECOVERED]
    assert world.topic.alerts[-1].credentials == NAMES


def test_an_incident_that_is_over_keeps_no_credential() -> None:
    world = a_world()
    refused(world, *NAMES)
    corrected(world, *NAMES)
    [incident] = world.incidents.stored.values()
    assert (incident.is_over, incident.members, incident.notifications) == (True, (), 0)
    assert {world.entry(name).alert for name in NAMES} == {None}


def test_the_same_failure_after_the_end_is_a_new_alert() -> None:
    world = a_world()
    refused(world, *NAMES)
    corrected(world, *NAMES)
    world.clock.advance(timedelta(hours=1))
    refused(world, "ads-a")
    assert world.topic.events == [NOTIFIED, Event.RECOVERED, NOTIFIED]


def test_a_credential_that_fails_while_the_end_is_published_is_a_new_alert() -> None:
    """People read that it is over, so a later failure needs a new alert."""
    world = a_world()
    refused(world, "ads-a")
    world.calls.at("after", "topic.publish", lambda: refused(world, "ads-b"), number=1)
    corrected(world, "ads-a")
    assert world.topic.events == [NOTIFIED, Event.RECOVERED, NOTIFIED]
    assert next(iter(world.incidents.stored.values())).affected == ("ads-b",)


def test_a_credential_whose_user_has_to_sign_in_leaves_the_incident_of_the_operator() -> None:
    world = a_world()
    refused(world, *NAMES)
    world.edit("ads-a", client_secret="planted-new-client-secret")
    world.authority.failures.append(REVOKED)
    world.refresh("ads-a")
    assert next(iter(world.incidents.stored.values())).affected == ("ads-b", "ads-c")
    assert world.topic.events == [NOTIFIED, Event.RECONSENT_REQUIRED]


def test_a_deleted_credential_does_not_delay_the_end() -> None:
    world = a_world()
    refused(world, *NAMES)
    world.store.delete("ads-a")
    world.dispatcher.tick()
    assert world.refresh("ads-a").result is Result.FORGOTTEN
    corrected(world, "ads-b", "ads-c")
    assert world.topic.events == [NOTIFIED, Event.RECOVERED]


def test_deleting_the_last_failing_credential_ends_the_incident() -> None:
    world = a_world()
    refused(world, *NAMES)
    corrected(world, "ads-b", "ads-c")
    world.store.delete("ads-a")
    world.refresh("ads-a")
    assert world.topic.events == [NOTIFIED, Event.RECOVERED]


def test_deleting_the_only_credential_ends_the_incident_without_a_message() -> None:
    world = a_world(("ads-a",))
    refused(world, "ads-a")
    world.store.delete("ads-a")
    world.refresh("ads-a")
    assert (world.topic.events, [one.is_over for one in world.incidents.stored.values()]) == ([NOTIFIED], [True])


# --- At least once, and rarely twice ----------------------------------------------------------------------------


def test_two_credentials_that_fail_at_the_same_moment_are_one_message() -> None:
    world = a_world()
    world.calls.at("before", "topic.publish", lambda: refused(world, "ads-b"))
    refused(world, "ads-a")
    assert world.topic.events == [NOTIFIED]


def test_a_message_that_was_not_sent_is_sent_by_the_next_attempt() -> None:
    world = a_world()
    world.topic.out_of_order = True
    refused(world, "ads-a")
    world.topic.out_of_order = False
    world.clock.advance(timedelta(minutes=5))
    world.refresh("ads-a")
    assert (world.topic.events, len(world.authority.presented)) == ([NOTIFIED], 1)


def test_a_worker_that_died_while_it_published_publishes_with_its_next_run() -> None:
    world = a_world()
    world.authority.failures.append(SECRET_EXPIRED)
    world.calls.at("before", "topic.publish", kill)
    with pytest.raises(KilledError):
        world.refresh("ads-a")
    world.clock.advance(timedelta(minutes=6))
    refused(world, "ads-a")
    assert world.topic.events == [NOTIFIED]


def test_another_worker_publishes_if_the_first_never_comes_back() -> None:
    world = a_world()
    world.authority.failures.append(SECRET_EXPIRED)
    world.calls.at("before", "topic.publish", kill)
    with pytest.raises(KilledError):
        world.refresh("ads-a")
    world.clock.advance(CLAIM)
    refused(world, "ads-b")
    assert world.topic.events == [NOTIFIED]


def test_an_end_that_could_not_be_published_is_published_by_the_next_attempt() -> None:
    world = a_world(("ads-a",))
    refused(world, "ads-a")
    world.topic.out_of_order = True
    corrected(world, "ads-a")
    world.topic.out_of_order = False
    world.clock.advance(timedelta(minutes=5))
    world.refresh("ads-a")
    assert (world.topic.events, world.entry("ads-a").alert) == ([NOTIFIED, Event.RECOVERED], None)


@given(order=st.permutations(NAMES), correcting=st.permutations(NAMES), dies=st.integers(1, 12))
def test_people_are_notified_of_the_beginning_and_the_end_whichever_worker_dies_and_when(
    order: list[str], correcting: list[str], dies: int
) -> None:
    world = a_world()
    calls = ("incidents.get", "incidents.save", "topic.publish")
    for call, moment in itertools.product(calls, ("before", "after")):
        world.calls.at(moment, call, kill, number=dies)  # type: ignore[arg-type] # A literal, of a product.
    for name in order:
        _until_it_ends(world, name, SECRET_EXPIRED)
    for name in correcting:
        world.edit(name, client_secret="planted-new-client-secret")
        _until_it_ends(world, name, None)
    assert (NOTIFIED in world.topic.events, world.topic.events[-1]) == (True, Event.RECOVERED)
    assert all(incident.is_over for incident in world.incidents.stored.values())


def _until_it_ends(world: World, name: str, failure: object) -> None:
    """Deliver a message until its worker survives, as the queue and the ticks do."""
    for _ in range(12):
        try:
            if failure is not None:
                world.authority.failures.append(SECRET_EXPIRED)
            world.refresh(name)
        except KilledError:
            world.authority.failures.clear()
            world.clock.advance(timedelta(minutes=6))
            world.dispatcher.tick()
        else:
            world.authority.failures.clear()
            return
    raise AssertionError("no worker survived")


# --- An authority that is down -------------------------------------------------------------------------------------


def test_an_outage_of_the_authority_is_one_warning_and_one_end() -> None:
    names = tuple(f"ads-{number:02}" for number in range(12))
    world = a_world(names)
    for _ in range(6):
        for name in names:
            world.authority.failures.append(NO_ANSWER)
            world.refresh(name)
            world.authority.failures.clear()
        world.clock.advance(timedelta(minutes=5))
    assert len(world.topic.events) == 1
    assert len(world.topic.alerts[0].credentials) >= 1
    world.clock.advance(timedelta(minutes=15))
    for name in names:
        world.refresh(name)
    world.clock.advance(timedelta(minutes=15))
    for name in names:
        world.refresh(name)
    assert world.topic.events == [Event.REFRESH_AT_RISK, Event.RECOVERED]


def test_a_credential_that_fails_alone_is_warned_of_alone() -> None:
    world = a_world(tuple(f"ads-{number}" for number in range(THRESHOLD + 1)))
    for _ in range(8):
        world.authority.failures.append(NO_ANSWER)
        world.refresh("ads-0")
        world.clock.advance(timedelta(minutes=5))
    assert (world.topic.events, world.topic.alerts[0].credentials) == ([Event.REFRESH_AT_RISK], ())


def test_a_topic_that_takes_nothing_stops_no_refresh() -> None:
    world = a_world()
    world.topic.out_of_order = True
    refused(world, "ads-a")
    with pytest.raises(AlertNotSentError):
        world.topic.publish(world.alerting.messages.recovered(world.entry("ads-a"), world.clock()))
