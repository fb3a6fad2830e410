"""Whoever connects a credential is named to the people who get the alerts, whatever happens in that moment."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED, refused
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.outages import down
from tests.fakes.world import World
from token_refresher.alert import Event
from token_refresher.authorize_request import Wish
from token_refresher.consent import Arrival

TAKING_OVER = Wish(accepted_person=f"{DEPUTY.tenant_id}/{DEPUTY.object_id}")


@pytest.fixture
def world() -> World:
    """A credential that works, with nothing wrong that people know of."""
    world = World.waiting()
    world.consenting(person=OWNER)()
    world.topic.alerts.clear()
    world.clock.advance(timedelta(minutes=1))
    return world


def without_sns(world: World, back: Arrival) -> None:
    world.topic.out_of_order = True
    world.complete(back)
    world.topic.out_of_order = False


def into_escrow(world: World, back: Arrival) -> None:
    down(world, "store.put_pending")
    world.complete(back)
    world.calls.forget()


def stored_and_not_promoted(world: World, back: Arrival) -> None:
    down(world, "store.promote")
    world.complete(back)
    world.calls.forget()


def killed_at(moment: str, call: str) -> Callable[[World, Arrival], None]:
    def consent(world: World, back: Arrival) -> None:
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
        pytest.param(killed_at("before", "topic.publish"), id="the function dies before it tells"),
    ],
)
def test_a_take_over_of_a_credential_that_works_is_told_by_name_once(
    world: World, consent: Callable[[World, Arrival], None]
) -> None:
    consent(world, world.go_and_return(TAKING_OVER, person=DEPUTY))
    look_three_times(world)
    assert world.topic.events == [Event.CONNECTED]
    assert DEPUTY.username in world.topic.alerts[0].summary
    assert not world.entry().unannounced


def test_a_take_over_that_could_not_be_recorded_is_told_once_more_rather_than_never(world: World) -> None:
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


def test_a_tick_between_the_promotion_and_the_record_tells_nothing_twice(world: World) -> None:
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


def test_trouble_that_comes_again_after_a_consent_that_was_told_late_is_told_again(world: World) -> None:
    """What people knew of ended with the consent."""
    for _ in range(2):
        back = world.go_and_return(TAKING_OVER, person=DEPUTY)
        world.authority.failures.append(refused(70011, "invalid_scope"))
        assert world.complete(back).operator_told
        without_sns(world, world.go_and_return(TAKING_OVER, person=DEPUTY))
        look_three_times(world)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED] * 2
    assert world.entry().alert is None


def test_a_registry_that_is_rebuilt_announces_nobody_anew(world: World) -> None:
    world.registry.entries.clear()
    world.dispatcher.tick()
    world.refresh()
    assert world.topic.alerts == []
