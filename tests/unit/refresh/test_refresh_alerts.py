"""A person is notified once per incident, reminded, and notified of the recovery; and never if nobody has to act."""

from datetime import timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED, SECRET_EXPIRED, throughout_an_attempt, unavailable
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.base.failure import ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.refresh.recorder import PROBE_AGAIN
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

SECOND = timedelta(seconds=1)
LONGEST = timedelta(minutes=10)
"""The token is valid for 15 minutes more, and a tick comes every 5: a longer pause may let it expire."""


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def attempt(world: World, failure: ProviderFailure | None, *, after: timedelta | None = None) -> None:
    """Advance to the next attempt, or by this time, and make an attempt."""
    due = world.entry().next_action_at
    if after is not None:
        world.clock.advance(after)
    elif due is not None:
        world.clock.now = max(world.clock.now, due)
    if failure is not None:
        world.authority.failures.extend(throughout_an_attempt(failure))
    world.refresh()


def touch(world: World) -> None:
    """Edit the secret, so that it is due at once."""
    world.edit(note=world.clock().isoformat())


@pytest.mark.parametrize("failure", [pytest.param(REVOKED, id="the user's"), pytest.param(SECRET_EXPIRED, id="theirs")])
def test_a_repeated_failure_notifies_nobody_again(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    touch(world)
    attempt(world, failure, after=REMINDER - SECOND)
    assert len(world.topic.alerts) == 1


@pytest.mark.parametrize("failure", [pytest.param(REVOKED, id="the user's"), pytest.param(SECRET_EXPIRED, id="theirs")])
def test_people_are_reminded_when_it_is_time(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    attempt(world, failure, after=REMINDER)
    assert len(world.topic.alerts) == 2


def test_people_are_reminded_of_the_first_consent(world: World) -> None:
    world.never_connect()
    attempt(world, None)
    attempt(world, None, after=REMINDER)
    assert world.topic.events == [Event.RECONSENT_REQUIRED] * 2


def test_another_incident_is_notified_at_once(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    attempt(world, REVOKED, after=SECOND)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECONSENT_REQUIRED]


def test_a_passing_failure_during_an_incident_notifies_nobody(world: World) -> None:
    attempt(world, REVOKED)
    world.clock.advance(timedelta(hours=2))
    touch(world)
    attempt(world, NO_ANSWER, after=SECOND)
    attempt(world, REVOKED)
    assert world.topic.events == [Event.RECONSENT_REQUIRED]


def test_people_are_warned_of_an_outage_that_outlasts_the_token(world: World) -> None:
    attempt(world, unavailable(429, retry_after=LONGEST))
    assert world.topic.events == [Event.REFRESH_AT_RISK]


def test_nobody_is_warned_of_an_outage_that_the_token_outlasts(world: World) -> None:
    attempt(world, unavailable(429, retry_after=LONGEST - SECOND))
    assert world.topic.events == []


def test_people_are_warned_of_an_outage_once(world: World) -> None:
    for _ in range(12):
        attempt(world, NO_ANSWER)
    assert world.topic.events == [Event.REFRESH_AT_RISK]


def test_people_are_warned_once_of_an_outage_with_several_errors(world: World) -> None:
    for _ in range(12):
        attempt(world, NO_ANSWER)
        attempt(world, unavailable(503))
        attempt(world, unavailable(429))
    assert world.topic.events == [Event.REFRESH_AT_RISK]


def test_a_warning_has_no_link_because_nobody_has_to_sign_in(world: World) -> None:
    attempt(world, unavailable(429, retry_after=timedelta(minutes=10)))
    assert world.topic.alerts[0].connect_url is None


def test_a_recovery_is_notified_once(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    for _ in range(3):
        attempt(world, None)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_a_recovery_is_notified_once_although_a_tick_finds_the_new_version_first(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    world.calls.at("after", "store.promote", world.dispatcher.tick)
    attempt(world, None, after=SECOND)
    attempt(world, None, after=timedelta(minutes=1))
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_an_outage_without_an_alert_ends_without_one(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world, None)
    assert world.topic.alerts == []


def test_an_unconfirmed_refusal_ends_without_an_alert(world: World) -> None:
    attempt(world, AMBIGUOUS)
    attempt(world, AMBIGUOUS)
    attempt(world, None)
    assert world.topic.alerts == []


def test_a_second_incident_after_the_first_is_notified_again(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    attempt(world, None)
    attempt(world, SECRET_EXPIRED)
    assert world.topic.events == [
        Event.OPERATOR_ACTION_REQUIRED,
        Event.RECOVERED,
        Event.OPERATOR_ACTION_REQUIRED,
    ]


def silence(world: World, failure: ProviderFailure | None) -> None:
    """Make an attempt while the topic is down."""
    world.topic.out_of_order = True
    attempt(world, failure)
    world.topic.out_of_order = False


def test_an_alert_that_was_not_sent_is_not_in_the_entry(world: World) -> None:
    silence(world, REVOKED)
    assert world.entry().alert is None


def test_an_alert_that_was_not_sent_is_sent_by_the_next_run(world: World) -> None:
    silence(world, REVOKED)
    attempt(world, None)
    assert world.topic.events == [Event.RECONSENT_REQUIRED]


def test_an_alert_that_was_not_sent_costs_no_second_exchange(world: World) -> None:
    """The grant is still rejected, so only the notification is tried again."""
    world.topic.out_of_order = True
    attempt(world, REVOKED)
    for _ in range(12):
        attempt(world, None)
    assert (len(world.authority.presented), world.entry().status) == (1, Status.NEEDS_CONSENT)


def test_a_reminder_that_was_not_sent_is_sent_after_one_probe(world: World) -> None:
    attempt(world, REVOKED)
    silence(world, REVOKED)
    attempt(world, None)
    assert (len(world.topic.alerts), len(world.authority.presented)) == (2, 2)


def test_a_failure_whose_alert_was_not_sent_is_tried_again_when_the_secret_changes(world: World) -> None:
    silence(world, SECRET_EXPIRED)
    touch(world)
    attempt(world, None, after=SECOND)
    assert (world.entry().status, world.topic.alerts) == (Status.HEALTHY, [])


def test_a_warning_that_was_not_sent_is_sent_by_the_next_run(world: World) -> None:
    silence(world, unavailable(429, retry_after=timedelta(minutes=10)))
    attempt(world, unavailable(429))
    assert world.topic.events == [Event.REFRESH_AT_RISK]


def test_a_probe_without_an_answer_leaves_the_credential_as_it_was(world: World) -> None:
    attempt(world, REVOKED)
    before = world.entry()
    attempt(world, NO_ANSWER)
    after = world.entry()
    assert (after.status, after.diagnosis, after.alert) == (before.status, before.diagnosis, before.alert)


def test_a_probe_without_an_answer_is_made_again_after_an_hour(world: World) -> None:
    attempt(world, REVOKED)
    attempt(world, NO_ANSWER)
    assert world.entry().next_action_at == world.clock() + PROBE_AGAIN


def test_a_recovery_that_was_not_sent_is_sent_by_the_next_run(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    silence(world, None)
    attempt(world, None)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_a_recovery_that_was_not_sent_costs_no_second_exchange(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    world.authority.presented.clear()
    silence(world, None)
    attempt(world, None)
    assert len(world.authority.presented) == 1


def test_consumers_have_the_new_token_although_the_recovery_cannot_be_sent(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    touch(world)
    silence(world, None)
    assert world.current().refreshed_at == world.clock()


def test_a_consent_ends_the_incident_that_the_refresh_began(world: World) -> None:
    attempt(world, REVOKED)
    world.consenting()()
    assert world.refresh().result is Result.NOT_DUE
    assert world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECOVERED]
    assert world.registry.entries[NAME].alert is None
