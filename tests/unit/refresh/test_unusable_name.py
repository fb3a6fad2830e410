"""A name that fits into no link stops no refresh; the operator is notified of it if a person would have to sign in."""

from datetime import timedelta

import pytest

from tests.fakes.failures import REVOKED, SECRET_EXPIRED
from tests.fakes.world import NAME, World
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result
from token_refresher.rotation.secret_store import NAMELESS

UNUSABLE = [NAMELESS, "a/../b", "./a", "..", "a//b", "/a", "a/"]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("name", UNUSABLE)
def test_while_its_tokens_are_good_it_is_refreshed_and_nobody_is_notified(world: World, name: str) -> None:
    world.manage(name)
    assert world.refresh(name).result is Result.REFRESHED
    assert (world.entry(name).status, world.topic.alerts) == (Status.HEALTHY, [])


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("document", ["{}", "no JSON", '{"client_id": "of-the-operator"}'])
def test_a_credential_that_needs_a_person_notifies_the_operator_once_of_its_name(
    world: World, name: str, document: str
) -> None:
    world.store.create(name, document)
    for _ in range(3):
        world.dispatcher.tick()
        world.refresh(name)
        world.clock.advance(timedelta(minutes=5))
    assert world.entry(name).status is Status.NEEDS_OPERATOR
    [alert] = world.topic.alerts
    assert (alert.event, alert.credential, alert.code) == (Event.OPERATOR_ACTION_REQUIRED, name, "unusable_name")
    assert "name" in alert.cause
    assert alert.connect_url is None


def test_a_rejected_grant_notifies_the_operator_because_no_link_would_work(world: World) -> None:
    world.manage("a/../b")
    world.authority.failures.append(REVOKED)
    world.refresh("a/../b")
    assert [(alert.event, alert.code) for alert in world.topic.alerts] == [
        (Event.OPERATOR_ACTION_REQUIRED, "unusable_name")
    ]


def test_a_failure_that_the_operator_can_fix_under_this_name_keeps_its_diagnosis(world: World) -> None:
    world.manage("a/../b")
    world.authority.failures.append(SECRET_EXPIRED)
    world.refresh("a/../b")
    [alert] = world.topic.alerts
    assert alert.code != "unusable_name"


def test_a_usable_name_changes_no_diagnosis(world: World) -> None:
    world.manage()
    world.authority.failures.append(REVOKED)
    world.refresh(NAME)
    assert [alert.event for alert in world.topic.alerts] == [Event.RECONSENT_REQUIRED]
