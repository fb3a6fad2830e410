from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.outages import down, failing
from tests.fakes.world import HEALTHY, NAME, TIMING, World
from token_refresher.base.deadline import Deadline
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result
from token_refresher.registry.status_tags import RESERVE, TRIED_FOR, StatusTagWriter

REVOKED_TAGS = replace(HEALTHY, status="needs_consent", reason="50173: revoked")


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(is_tagged=False)
    return world


def show(world: World, time_left: timedelta = TIMING.longest_run) -> bool:
    writer = StatusTagWriter(world.store, Deadline(world.time_left(time_left), world.sleep))
    return writer.show(world.store.describe(NAME), world.entry()).is_shown


# --- One write ----------------------------------------------------------------------------------------------------


def test_the_status_tags_agree_with_the_entry(world: World) -> None:
    assert show(world)
    assert world.store.status_tags(NAME) == HEALTHY


def test_status_tags_that_agree_already_are_not_written_again(world: World) -> None:
    show(world)
    assert show(world)
    assert world.calls.count("store.set_status_tags") == 1


def test_status_tags_that_a_person_changed_are_corrected(world: World) -> None:
    show(world)
    world.store.tag(NAME, **REVOKED_TAGS.to_tags())
    show(world)
    assert world.store.status_tags(NAME) == HEALTHY


def test_other_tags_stay(world: World) -> None:
    world.store.tag(NAME, team="of the operator")
    show(world)
    assert world.store.tags(NAME)["team"] == "of the operator"


def test_a_throttled_call_is_repeated(world: World) -> None:
    world.calls.at("before", "store.set_status_tags", failing(world, "store.set_status_tags"))
    assert show(world)
    assert world.store.status_tags(NAME) == HEALTHY


def test_a_call_that_keeps_failing_is_given_up_after_seconds_and_reported(world: World) -> None:
    began_at = world.clock.now
    down(world, "store.set_status_tags")
    assert not show(world)
    assert world.clock.now - began_at <= TRIED_FOR + timedelta(seconds=2)


def test_a_call_that_is_denied_is_made_once(world: World) -> None:
    down(world, "store.set_status_tags", passing=False)
    assert not show(world)
    assert world.calls.count("store.set_status_tags") == 1


def test_with_little_time_left_no_call_is_made(world: World) -> None:
    assert not show(world, RESERVE)
    assert world.calls.count("store.set_status_tags") == 0


def test_a_secret_that_is_deleted_meanwhile_has_no_status_tags(world: World) -> None:
    world.calls.at("before", "store.set_status_tags", lambda: world.store.delete(NAME))
    assert not show(world)


# --- In an attempt ------------------------------------------------------------------------------------------------


def test_the_first_attempt_for_a_healthy_credential_sets_the_status_tags(world: World) -> None:
    assert world.refresh().is_shown
    assert (world.store.status_tags(NAME), world.calls.count("store.set_status_tags")) == (HEALTHY, 1)


def test_the_first_attempt_sets_the_status_tags_if_no_refresh_is_due(world: World) -> None:
    world.set_entry(next_action_at=world.clock() + timedelta(minutes=5))
    assert world.refresh().result is Result.NOT_DUE
    assert world.store.status_tags(NAME) == HEALTHY


def test_several_good_refreshes_set_the_status_tags_once(world: World) -> None:
    for _ in range(3):
        world.refresh()
        world.clock.advance(timedelta(minutes=45))
    assert world.calls.count("store.set_status_tags") == 1


def test_status_tags_cost_no_version(world: World) -> None:
    world.refresh()
    assert len(world.store.versions(NAME)) == 2


def test_the_status_tags_are_set_after_the_entry_is_written(world: World) -> None:
    world.refresh()
    assert world.calls.log[-2:] == ["registry.save", "store.set_status_tags"]


def test_a_rejected_grant_is_in_the_status_tags_with_its_reason(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.refresh()
    shown, diagnosis = world.store.status_tags(NAME), world.entry().diagnosis
    assert shown is not None
    assert diagnosis is not None
    assert (shown.status, shown.reason.partition(":")[0]) == ("needs_consent", diagnosis.code)


def test_an_expired_client_secret_is_in_the_status_tags_as_needs_operator(world: World) -> None:
    world.authority.failures.append(SECRET_EXPIRED)
    world.refresh()
    shown = world.store.status_tags(NAME)
    assert shown is not None
    assert shown.status == "needs_operator"


def test_the_status_tags_do_not_quote_a_malformed_document(world: World) -> None:
    world.store.edit(NAME, '{"client_id": 17, "client_secret": "planted-client-secret"}')
    world.refresh()
    shown = world.store.status_tags(NAME)
    assert shown is not None
    assert shown.status == "needs_operator"
    assert "planted" not in shown.reason


def test_the_status_tag_of_a_new_secret_is_awaiting_consent(world: World) -> None:
    world.never_connect()
    world.refresh()
    shown = world.store.status_tags(NAME)
    assert shown is not None
    assert shown.status == "awaiting_consent"


def test_a_failed_attempt_that_is_soon_repeated_sets_no_status_tags(world: World) -> None:
    world.store.tag(NAME, **HEALTHY.to_tags())
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    assert (world.entry().status, world.calls.count("store.set_status_tags")) == (Status.RETRYING, 0)


def test_the_status_tags_are_healthy_after_an_incident(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.refresh()
    world.edit(refresh_token=world.authority.open_family())
    world.refresh()
    assert world.store.status_tags(NAME) == HEALTHY


@pytest.mark.parametrize(
    "passing", [pytest.param(True, id="for a while"), pytest.param(False, id="without the permission")]
)
def test_a_refresh_succeeds_if_the_status_tags_cannot_be_set(world: World, passing: bool) -> None:
    down(world, "store.set_status_tags", passing=passing)
    outcome = world.refresh()
    assert (outcome.result, outcome.is_shown) == (Result.REFRESHED, False)
    assert (world.current_refresh_token(), world.entry().status) == (world.authority.newest, Status.HEALTHY)


def test_status_tags_that_could_not_be_set_are_set_in_the_next_attempt(world: World) -> None:
    down(world, "store.set_status_tags")
    world.refresh()
    world.calls.forget()
    assert world.refresh().is_shown
    assert world.store.status_tags(NAME) == HEALTHY


def test_the_status_tags_stay_if_the_entry_cannot_be_written(world: World) -> None:
    world.calls.at("after", "store.promote", lambda: down(world, "registry.save"))
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert world.store.status_tags(NAME) is None
