"""The alert of a consent names the person, whatever happens at the same moment."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED, refused
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.outages import down
from tests.fakes.world import World
from token_refresher.consent.service import AuthorizationResponse
from token_refresher.providers.authorization import SignInOptions
from token_refresher.registry.open_alert import Event

TAKING_OVER = SignInOptions(accepted_person=f"{DEPUTY.tenant_id}/{DEPUTY.object_id}")


@pytest.fixture
def world() -> World:
    """A credential that works and has no open alert."""
    world = World.waiting()
    world.consenting(person=OWNER)()
    world.topic.alerts.clear()
    world.clock.advance(timedelta(minutes=1))
    return world


def without_sns(world: World, back: AuthorizationResponse) -> None:
    world.topic.out_of_order = True
    world.complete(back)
    world.topic.out_of_order = False


def into_escrow(world: World, back: AuthorizationResponse) -> None:
    down(world, "store.put_pending")
    world.complete(back)
    world.calls.forget()


def stored_and_not_promoted(world: World, back: AuthorizationResponse) -> None:
    down(world, "store.promote")
    world.complete(back)
    world.calls.forget()


def killed_at(moment: str, call: str) -> Callable[[World, AuthorizationResponse], None]:
    def consent(world: World, back: AuthorizationResponse) -> None:
        world.calls.at("before" if moment == "before" else "after", call, kill)
        with pytest.raises(KilledError):
            world.complete(back)
        world.clock.advance(timedelta(minutes=2))

    return consent


def look_three_times(world: World) -> None:
    for _ in range(3):
        world.dispatcher.tick()
        world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
        world.refresh(escrowed=True)
    identity = world.current().identity
    assert identity
    assert identity.username == DEPUTY.username


@pytest.mark.parametrize(
    "consent",
    [
        pytest.param(lambda world, back: world.complete(back), id="nothing fails"),
        pytest.param(without_sns, id="SNS is down"),
        pytest.param(into_escrow, id="the tokens wait in escrow"),
        pytest.param(stored_and_not_promoted, id="the tokens wait as a pending version"),
        pytest.param(killed_at("after", "store.put_pending"), id="the function dies before the promotion"),
        pytest.param(killed_at("after", "store.promote"), id="the function dies after the promotion"),
        pytest.param(killed_at("before", "topic.publish"), id="the function dies before it publishes"),
    ],
)
def test_people_are_notified_once_of_a_take_over_and_by_whom(
    world: World, consent: Callable[[World, AuthorizationResponse], None]
) -> None:
    consent(world, world.go_and_return(TAKING_OVER, person=DEPUTY))
    look_three_times(world)
    assert world.topic.events == [Event.CONNECTED]
    assert DEPUTY.username in world.topic.alerts[0].summary
    assert not world.entry().unannounced


def test_people_are_notified_twice_rather_than_never_of_a_take_over_that_could_not_be_recorded(world: World) -> None:
    back = world.go_and_return(TAKING_OVER, person=DEPUTY)
    world.calls.at("after", "store.promote", lambda: down(world, "registry.save"))
    world.complete(back)
    world.calls.forget()
    world.clock.advance(timedelta(minutes=2))
    look_three_times(world)
    assert world.topic.events == [Event.CONNECTED, Event.CONNECTED]


def tick(world: World) -> None:
    world.dispatcher.tick()
    world.refresh()


def test_a_tick_between_the_promotion_and_the_record_makes_no_second_alert(world: World) -> None:
    back = world.go_and_return(TAKING_OVER, person=DEPUTY)
    world.calls.at("after", "store.promote", lambda: tick(world))
    world.complete(back)
    look_three_times(world)
    assert world.topic.events == [Event.CONNECTED]


def test_a_tick_in_that_moment_leaves_the_end_of_an_incident_to_the_consent(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.clock.advance(timedelta(minutes=50))
    world.refresh()
    back = world.go_and_return(TAKING_OVER, person=DEPUTY)
    world.calls.at("after", "store.promote", lambda: tick(world))
    world.complete(back)
    look_three_times(world)
    assert world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECOVERED]


def test_a_failure_after_a_consent_with_a_late_alert_is_a_new_alert(world: World) -> None:
    """The consent ended the incident that people knew of."""
    for _ in range(2):
        back = world.go_and_return(TAKING_OVER, person=DEPUTY)
        world.authority.failures.append(refused(70011, "invalid_scope"))
        assert world.complete(back).operator_notified
        without_sns(world, world.go_and_return(TAKING_OVER, person=DEPUTY))
        look_three_times(world)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED] * 2
    assert world.entry().alert is None


def test_a_rebuilt_registry_makes_no_alert(world: World) -> None:
    world.registry.entries.clear()
    world.dispatcher.tick()
    world.refresh()
    assert world.topic.alerts == []
