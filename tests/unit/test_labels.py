from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.outages import down, failing
from tests.fakes.world import HEALTHY, NAME, TIMING, World
from token_refresher.errors import ServiceUnavailableError
from token_refresher.labels import RESERVE, TRIED_FOR, Labels
from token_refresher.outcome import Result
from token_refresher.patience import Patience
from token_refresher.status import Status

SICK = replace(HEALTHY, status="needs_consent", reason="50173: revoked")


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(is_labelled=False)
    return world


def show(world: World, time_left: timedelta = TIMING.longest_run) -> bool:
    labels = Labels(world.store, Patience(world.time_left(time_left), world.sleep))
    return labels.show(world.store.describe(NAME), world.entry())


# --- One label ----------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_shown(world: World) -> None:
    assert show(world)
    assert world.store.shown(NAME) == HEALTHY


def test_what_is_shown_already_is_not_written_again(world: World) -> None:
    show(world)
    assert show(world)
    assert world.calls.count("store.label") == 1


def test_a_tag_that_somebody_changed_is_put_right(world: World) -> None:
    show(world)
    world.store.tag(NAME, **SICK.to_tags())
    show(world)
    assert world.store.shown(NAME) == HEALTHY


def test_tags_of_others_stay(world: World) -> None:
    world.store.tag(NAME, team="of the operator")
    show(world)
    assert world.store.tags(NAME)["team"] == "of the operator"


def test_a_call_that_is_throttled_is_made_again(world: World) -> None:
    world.calls.at("before", "store.label", failing(world, "store.label"))
    assert show(world)
    assert world.store.shown(NAME) == HEALTHY


def test_a_call_that_goes_on_failing_costs_a_moment_and_is_reported(world: World) -> None:
    began_at = world.clock.now
    down(world, "store.label")
    assert not show(world)
    assert world.clock.now - began_at <= TRIED_FOR + timedelta(seconds=2)


def test_a_call_that_is_denied_is_made_once(world: World) -> None:
    down(world, "store.label", passing=False)
    assert not show(world)
    assert world.calls.count("store.label") == 1


def test_with_little_time_left_nothing_is_begun(world: World) -> None:
    assert not show(world, RESERVE)
    assert world.calls.count("store.label") == 0


def test_a_secret_that_is_deleted_meanwhile_shows_nothing(world: World) -> None:
    world.calls.at("before", "store.label", lambda: world.store.delete(NAME))
    assert not show(world)


# --- At each look -------------------------------------------------------------------------------------------------


def test_the_first_look_at_a_healthy_secret_labels_it(world: World) -> None:
    assert world.refresh().is_shown
    assert (world.store.shown(NAME), world.calls.count("store.label")) == (HEALTHY, 1)


def test_the_first_look_labels_a_secret_that_is_not_due(world: World) -> None:
    world.set_entry(next_action_at=world.clock() + timedelta(minutes=5))
    assert world.refresh().result is Result.NOT_DUE
    assert world.store.shown(NAME) == HEALTHY


def test_refresh_after_refresh_the_label_is_written_once(world: World) -> None:
    for _ in range(3):
        world.refresh()
        world.clock.advance(timedelta(minutes=45))
    assert world.calls.count("store.label") == 1


def test_a_label_costs_no_version(world: World) -> None:
    world.refresh()
    assert len(world.store.versions(NAME)) == 2


def test_the_label_comes_after_the_record(world: World) -> None:
    world.refresh()
    assert world.calls.log[-2:] == ["registry.save", "store.label"]


def test_a_dead_grant_is_shown_with_its_reason(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.refresh()
    shown, diagnosis = world.store.shown(NAME), world.entry().diagnosis
    assert shown is not None
    assert diagnosis is not None
    assert (shown.status, shown.reason.partition(":")[0]) == ("needs_consent", diagnosis.code)


def test_what_the_operator_has_to_do_is_shown(world: World) -> None:
    world.authority.failures.append(SECRET_EXPIRED)
    world.refresh()
    shown = world.store.shown(NAME)
    assert shown is not None
    assert shown.status == "needs_operator"


def test_a_malformed_document_is_shown_and_not_quoted(world: World) -> None:
    world.store.edit(NAME, '{"client_id": 17, "client_secret": "planted-client-secret"}')
    world.refresh()
    shown = world.store.shown(NAME)
    assert shown is not None
    assert shown.status == "needs_operator"
    assert "planted" not in shown.reason


def test_a_new_secret_is_shown_to_wait_for_its_consent(world: World) -> None:
    world.edit(refresh_token=None)
    world.refresh()
    shown = world.store.shown(NAME)
    assert shown is not None
    assert shown.status == "awaiting_consent"


def test_an_attempt_that_is_made_again_soon_writes_nothing(world: World) -> None:
    world.store.tag(NAME, **HEALTHY.to_tags())
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    assert (world.entry().status, world.calls.count("store.label")) == (Status.RETRYING, 0)


def test_an_incident_that_is_over_is_shown_to_be_over(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.refresh()
    world.edit(refresh_token=world.authority.open_family())
    world.refresh()
    assert world.store.shown(NAME) == HEALTHY


@pytest.mark.parametrize(
    "passing", [pytest.param(True, id="for a while"), pytest.param(False, id="for want of a right")]
)
def test_a_label_that_cannot_be_written_is_in_the_way_of_nothing(world: World, passing: bool) -> None:
    down(world, "store.label", passing=passing)
    outcome = world.refresh()
    assert (outcome.result, outcome.is_shown) == (Result.REFRESHED, False)
    assert (world.current_refresh_token(), world.entry().status) == (world.authority.newest, Status.HEALTHY)


def test_a_label_that_could_not_be_written_is_written_at_the_next_look(world: World) -> None:
    down(world, "store.label")
    world.refresh()
    world.calls.forget()
    assert world.refresh().is_shown
    assert world.store.shown(NAME) == HEALTHY


def test_a_registry_that_cannot_be_written_leaves_the_label_as_it_is(world: World) -> None:
    world.calls.at("after", "store.promote", lambda: down(world, "registry.save"))
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert world.store.shown(NAME) is None
