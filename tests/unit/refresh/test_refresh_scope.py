"""An answer grants less than the requested scope: its tokens are kept, and the user is notified."""

from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER
from tests.fakes.world import NAME, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

ADS = "https://ads.microsoft.com/ads.manage"
MANAGE = "https://ads.microsoft.com/msads.manage"
NOTIFIED, RECOVERED = Event.RECONSENT_REQUIRED, Event.RECOVERED


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(identity={"username": "ads-owner@example.com", "consented_at": to_rfc3339(world.clock())})
    return world


def attempt(world: World, scope: str = MANAGE) -> Result:
    """Advance to the next attempt, and refresh; Microsoft grants this scope."""
    world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
    world.authority.granted_scope = scope
    return world.refresh().result


def tags(world: World) -> tuple[str, str]:
    label = world.store.describe(NAME).status_tags
    assert label is not None
    return label.status, label.reason


def test_tokens_of_less_scope_are_current_before_anybody_is_notified(world: World) -> None:
    assert attempt(world, ADS) is Result.REFRESHED
    assert (world.current_refresh_token(), world.current().granted_scope) == (world.authority.newest, ADS)
    log = world.calls.log
    assert log.index("topic.publish") > log.index("store.promote")


def test_the_alert_has_a_link_and_the_missing_scope(world: World) -> None:
    attempt(world, ADS)
    (alert,) = world.topic.alerts
    assert (alert.event, alert.code) == (NOTIFIED, "less_scope")
    assert MANAGE in alert.cause
    assert alert.connect_url
    assert "is renewed" in alert.summary


def test_less_scope_is_notified_once_and_its_recovery_once(world: World) -> None:
    for scope in (ADS, ADS, ADS, MANAGE, MANAGE):
        attempt(world, scope)
    assert world.topic.events == [NOTIFIED, RECOVERED]


def test_people_are_reminded_at_growing_intervals(world: World) -> None:
    first = world.clock()
    while world.clock() < first + timedelta(days=5):
        attempt(world, ADS)
    assert world.topic.events == [NOTIFIED] * 3


def test_a_sign_in_for_the_whole_scope_ends_the_incident(world: World) -> None:
    attempt(world, ADS)
    world.authority.granted_scope = MANAGE
    world.consenting()()
    attempt(world)
    assert world.topic.events == [NOTIFIED, RECOVERED]
    assert tags(world) == ("healthy", "-")


def test_removing_the_missing_scope_from_the_document_ends_the_incident(world: World) -> None:
    attempt(world, ADS)
    world.edit(scope=f"{ADS} offline_access")
    world.clock.advance(timedelta(minutes=5))
    world.refresh()
    assert (world.topic.events, world.entry().status) == ([NOTIFIED, RECOVERED], Status.HEALTHY)


def test_a_credential_of_less_scope_is_refreshed_and_counted_as_always(world: World) -> None:
    for _ in range(10):
        assert attempt(world, ADS) is Result.REFRESHED
    assert world.current().expires_at == world.clock() + timedelta(hours=1)
    assert world.dispatcher.tick().due.worst == NAME


def test_the_status_and_the_tags_say_who_has_to_act_and_why(world: World) -> None:
    attempt(world, ADS)
    status, reason = tags(world)
    assert (world.entry().status, status) == (Status.NEEDS_CONSENT, "needs_consent")
    assert reason.startswith("less_scope: ")


def test_an_outage_does_not_end_the_incident_and_does_not_notify_it_again(world: World) -> None:
    attempt(world, ADS)
    world.authority.failures.append(NO_ANSWER)
    attempt(world, ADS)
    attempt(world, ADS)
    assert (world.topic.events, world.entry().status) == ([NOTIFIED], Status.NEEDS_CONSENT)


@pytest.mark.parametrize("scope", [MANAGE.upper(), f"{ADS} {MANAGE}", f"{MANAGE} openid"])
def test_a_granted_scope_that_is_only_written_differently_is_complete(world: World, scope: str) -> None:
    attempt(world, scope)
    assert (world.topic.alerts, world.entry().status) == ([], Status.HEALTHY)


def test_after_an_edit_of_scope_the_next_answer_decides(world: World) -> None:
    attempt(world)
    world.edit(scope=f"{MANAGE} {ADS} offline_access")
    assert world.refresh().result is Result.NOT_DUE
    assert world.topic.alerts == []
    attempt(world, MANAGE)
    assert world.topic.events == [NOTIFIED]


def test_an_edit_of_another_key_does_not_end_the_incident(world: World) -> None:
    attempt(world, ADS)
    world.edit(note="of the operator")
    world.clock.advance(timedelta(minutes=1))
    world.refresh()
    assert (world.topic.events, world.entry().status) == ([NOTIFIED], Status.NEEDS_CONSENT)


def test_an_alert_that_was_not_sent_is_sent_by_the_next_refresh(world: World) -> None:
    world.topic.out_of_order = True
    attempt(world, ADS)
    world.topic.out_of_order = False
    attempt(world, ADS)
    assert world.topic.events == [NOTIFIED]
