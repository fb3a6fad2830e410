"""Which credential events follow from a refresh, and that none is lost."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.fake_authority import LIFETIME
from tests.fakes.fake_bus import FakeBus
from tests.fakes.kind import Kind
from tests.fakes.outages import down
from tests.fakes.world import CONSUMER_PREFIX, DUE_AGE, NAME, World
from token_refresher.alerts import credential_event
from token_refresher.alerts.sending_registry import SEND_AGAIN
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result

REFRESHED, NEEDS_CONSENT, RECOVERED = (
    credential_event.Kind.REFRESHED,
    credential_event.Kind.NEEDS_CONSENT,
    credential_event.Kind.RECOVERED,
)
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World.with_bus()[0]


@pytest.fixture
def bus(world: World) -> FakeBus:
    assert world.bus is not None
    return world.bus


def details(bus: FakeBus) -> list[dict[str, Any]]:
    return [json.loads(event.to_json()) for event in bus.events]


def refresh_killed(world: World, moment: Any, call: str, number: int = 1) -> None:
    """Let the worker die at a call, and return when another worker may follow it."""
    world.calls.at(moment, call, kill, number=number)
    with pytest.raises(KilledError):
        world.refresh()
    world.clock.advance(timedelta(minutes=5))


def reject(world: World) -> None:
    """Let a refresh find that the grant was revoked."""
    world.manage()
    world.authority.failures.extend([REVOKED])
    assert world.refresh().result is Result.NEEDS_A_PERSON


# --- Good tokens -----------------------------------------------------------------------------------------------------


def test_each_refresh_is_one_event(world: World, bus: FakeBus) -> None:
    world.manage()
    for _ in range(3):
        world.refresh()
        world.clock.advance(DUE_AGE)
    assert bus.kinds == [REFRESHED] * 3
    assert len({event.idempotency_key for event in bus.events}) == 3


def test_the_event_says_which_version_pipelines_read_and_until_when_it_is_good(world: World, bus: FakeBus) -> None:
    world.manage()
    world.refresh()
    [detail] = details(bus)
    assert detail == {
        "credential": NAME,
        "status": "healthy",
        "version_id": world.current_version(),
        "idempotency_key": f"CredentialRefreshed/{NAME}/{world.current_version()}",
        "refreshed_at": f"{world.clock():%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{world.clock() + LIFETIME:%Y-%m-%dT%H:%M:%SZ}",
        "code": None,
        "cause": None,
        "at": f"{world.clock():%Y-%m-%dT%H:%M:%SZ}",
    }


def test_the_event_comes_when_the_tokens_are_current(world: World, bus: FakeBus) -> None:
    world.manage()
    seen: list[str] = []
    world.calls.at("before", "bus.send", lambda: seen.append(world.current_version()))
    world.refresh()
    assert seen == [event.entry.version_id for event in bus.events]


def test_without_rotation_a_refresh_is_an_event_as_well() -> None:
    world, bus = World.with_bus(World(Kind.NONE))
    world.manage()
    world.refresh()
    world.clock.advance(DUE_AGE)
    world.refresh()
    assert bus.kinds == [REFRESHED] * 2


def test_an_attempt_that_finds_nothing_due_sends_nothing(world: World, bus: FakeBus) -> None:
    world.manage()
    world.refresh()
    assert world.refresh().result is Result.NOT_DUE
    assert bus.kinds == [REFRESHED]


def test_an_edit_of_the_secret_is_no_event(world: World, bus: FakeBus) -> None:
    world.manage()
    world.refresh()
    world.edit(note="of the operator")
    assert world.refresh().result is Result.NOT_DUE
    assert bus.kinds == [REFRESHED]


@pytest.mark.parametrize("failure", [NO_ANSWER, SECRET_EXPIRED], ids=["that passes", "of the operator"])
def test_a_failure_that_needs_no_consent_is_no_event_and_neither_is_its_end_more_than_a_refresh(
    world: World, bus: FakeBus, failure: Any
) -> None:
    world.manage()
    world.authority.failures.extend([failure])
    world.refresh()
    assert bus.kinds == []
    world.clock.advance(DAY)
    assert world.refresh().result is Result.REFRESHED
    assert bus.kinds == [REFRESHED]


def test_tokens_with_less_scope_are_ready_and_hold_nobody_back(world: World, bus: FakeBus) -> None:
    world.manage(scope="ads.read msads.manage offline_access")
    world.authority.granted_scope = "ads.read"
    world.refresh()
    assert world.entry().status is Status.NEEDS_CONSENT
    assert [(detail["status"], detail["code"]) for detail in details(bus)] == [("needs_consent", None)]
    assert bus.kinds == [REFRESHED]


def test_without_a_bus_the_entry_keeps_nothing_of_events() -> None:
    world = World()
    world.manage()
    world.refresh()
    assert world.entry().sent_events.refreshed_at is None


# --- A secret for pipelines ------------------------------------------------------------------------------------------


def test_the_event_comes_when_the_secret_for_pipelines_has_the_token(world: World, bus: FakeBus) -> None:
    world.manage(publish_to="acme")
    world.refresh()
    assert bus.kinds == [REFRESHED]
    assert world.calls.log.index("consumers.create") < world.calls.log.index("bus.send")


def test_no_event_comes_before_the_token_could_be_published(world: World, bus: FakeBus) -> None:
    world.manage(publish_to="acme")
    down(world, "consumers.create")
    assert world.refresh().result is Result.REFRESHED
    assert bus.kinds == []
    world.calls.forget()
    world.clock.advance(timedelta(minutes=5))
    assert world.refresh().result is Result.NOT_DUE
    assert bus.kinds == [REFRESHED]


def test_no_event_comes_while_the_secret_for_pipelines_is_not_ours(world: World, bus: FakeBus) -> None:
    world.manage(publish_to="acme")
    world.consumers.edit(f"{CONSUMER_PREFIX}/acme", '{"of": "another team"}')
    world.refresh()
    assert (bus.kinds, world.entry().status) == ([], Status.NEEDS_OPERATOR)


# --- A grant that a person has to renew ------------------------------------------------------------------------------


def test_a_rejected_grant_holds_pipelines_back_once(world: World, bus: FakeBus) -> None:
    reject(world)
    for _ in range(3):
        world.clock.advance(DAY)
        world.authority.failures.extend([REVOKED])
        world.refresh()
    assert bus.kinds == [NEEDS_CONSENT]
    [detail] = details(bus)
    diagnosis = world.entry().diagnosis
    assert diagnosis is not None
    assert (detail["status"], detail["code"], detail["cause"]) == ("needs_consent", "50173", diagnosis.cause)


def test_a_credential_that_waits_for_its_first_consent_holds_pipelines_back(world: World, bus: FakeBus) -> None:
    world.store.create(NAME, json.dumps({"client_id": "client-of-the-operator"}))
    world.attempt_all()
    assert bus.kinds == [NEEDS_CONSENT]
    assert details(bus)[0]["status"] == "awaiting_consent"


def test_a_grant_that_works_again_releases_pipelines_with_its_new_token(world: World, bus: FakeBus) -> None:
    reject(world)
    world.refresh(request_id="request-1")
    assert bus.kinds == [NEEDS_CONSENT, REFRESHED, RECOVERED]
    world.clock.advance(DUE_AGE)
    world.refresh()
    assert bus.kinds[3:] == [REFRESHED]


def test_pipelines_are_not_held_back_if_a_consent_was_faster_than_the_refusal(world: World, bus: FakeBus) -> None:
    world.manage()
    world.authority.failures.extend([REVOKED])
    world.calls.at("before", "registry.save", world.consenting(), number=3)
    assert world.refresh().result is Result.OVERTAKEN
    assert bus.kinds == [REFRESHED]


def test_a_paused_credential_sends_nothing_and_goes_on_when_it_is_resumed(world: World, bus: FakeBus) -> None:
    reject(world)
    world.registry.save(world.entry().paused())
    world.clock.advance(DAY)
    assert world.refresh().result is Result.PAUSED
    assert bus.kinds == [NEEDS_CONSENT]
    world.registry.save(world.entry().resumed(world.clock()))
    world.refresh()
    assert bus.kinds == [NEEDS_CONSENT, REFRESHED, RECOVERED]


# --- At least once ---------------------------------------------------------------------------------------------------


def test_an_event_that_the_bus_did_not_take_is_sent_with_the_next_tick_and_without_an_exchange(
    world: World, bus: FakeBus
) -> None:
    world.manage()
    bus.is_down = True
    assert world.refresh().result is Result.REFRESHED
    assert (bus.kinds, world.entry().status) == ([], Status.HEALTHY)
    assert world.entry().next_action_at == world.clock() + SEND_AGAIN
    bus.is_down = False
    world.clock.advance(SEND_AGAIN)
    assert world.refresh().result is Result.NOT_DUE
    assert [event.entry.version_id for event in bus.events] == [world.current_version()]
    assert bus.kinds == [REFRESHED]
    assert world.entry().next_action_at > world.clock() + SEND_AGAIN  # type: ignore[operator] # It has a next action.


def test_an_event_that_the_bus_refuses_for_good_costs_no_attempt_and_the_next_refresh_sends_its_own(
    world: World, bus: FakeBus
) -> None:
    world.manage()
    bus.refuses = True
    assert world.refresh().result is Result.REFRESHED
    assert world.entry().next_action_at > world.clock() + SEND_AGAIN  # type: ignore[operator] # It has a next action.
    bus.refuses = False
    world.clock.advance(DUE_AGE)
    world.refresh()
    assert bus.kinds == [REFRESHED]


def test_a_need_that_the_bus_did_not_take_is_sent_with_the_next_tick_and_without_an_exchange(
    world: World, bus: FakeBus
) -> None:
    bus.is_down = True
    reject(world)
    assert world.entry().next_action_at == world.clock() + SEND_AGAIN
    bus.is_down = False
    world.clock.advance(SEND_AGAIN)
    world.calls.log.clear()
    world.refresh()
    assert bus.kinds == [NEEDS_CONSENT]
    assert world.calls.count("authority.refresh") == 0
    assert len(world.topic.alerts) == 1


def test_people_are_notified_although_the_bus_is_down(world: World, bus: FakeBus) -> None:
    bus.is_down = True
    reject(world)
    assert len(world.topic.alerts) == 1


@pytest.mark.parametrize(
    ("moment", "call", "number", "copies"),
    [
        pytest.param("after", "store.promote", 1, 1, id="before the event"),
        pytest.param("after", "bus.send", 1, 2, id="after the event, before it is recorded"),
        pytest.param("before", "registry.save", 2, 2, id="at the write that records it"),
        pytest.param("after", "registry.save", 2, 1, id="after that write"),
        pytest.param("after", "store.put_pending", 1, 1, id="before the promotion"),
    ],
)
def test_a_worker_that_dies_loses_no_event_and_a_copy_has_the_same_key(
    world: World, bus: FakeBus, moment: Any, call: str, number: int, copies: int
) -> None:
    world.manage()
    refresh_killed(world, moment, call, number)
    world.refresh()
    assert bus.kinds == [REFRESHED] * copies
    assert {event.entry.version_id for event in bus.events} == {world.current_version()}
    assert len({event.idempotency_key for event in bus.events}) == 1


@pytest.mark.parametrize("call", ["registry.save", "bus.send", "topic.publish"])
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_worker_that_dies_while_it_rejects_a_grant_loses_no_event(
    world: World, bus: FakeBus, call: str, number: int
) -> None:
    world.manage()
    world.authority.failures.extend([REVOKED] * 3)
    world.calls.at("after", call, kill, number=number)
    with suppress(KilledError):
        world.refresh()
    world.clock.advance(timedelta(minutes=5))
    world.refresh()
    assert set(bus.kinds) == {NEEDS_CONSENT}
    assert len({event.idempotency_key for event in bus.events}) == 1


def test_a_lost_registry_sends_the_event_of_the_current_token_again_under_the_same_key(
    world: World, bus: FakeBus
) -> None:
    world.manage()
    world.refresh()
    world.registry.entries.clear()
    world.refresh()
    assert bus.kinds == [REFRESHED] * 2
    assert len({event.idempotency_key for event in bus.events}) == 1
