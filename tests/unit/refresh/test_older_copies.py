"""A refresh token that the last refresh did not issue is searched in the versions of the secret."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.kind import Kind
from tests.fakes.memory_store import CURRENT, PENDING
from tests.fakes.world import DUE_AGE, NAME, TIMING, World
from token_refresher.base.errors import NotEnoughTimeError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.status import Status
from token_refresher.providers.authorization import SignInOptions
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

SETTLED = TIMING.lease
TAKING_OVER = SignInOptions(accepted_person=f"{DEPUTY.tenant_id}/{DEPUTY.object_id}")


@pytest.fixture
def world() -> World:
    """Return a world with a strict provider: presenting a spent token ends the sign-in."""
    world = World(Kind.STRICT)
    world.manage()
    return world


def rotations(world: World, number: int) -> None:
    """Refresh so many times, each when it is due."""
    for _ in range(number):
        assert world.refresh().result is Result.REFRESHED
        world.clock.advance(DUE_AGE)


def text_of(world: World, number: int) -> str:
    """Return the document of one of the versions, counted from the oldest."""
    return str(list(world.store.contents(NAME).values())[number])


@pytest.mark.parametrize("number", [pytest.param(1, id="one rotation"), pytest.param(30, id="more than are on record")])
def test_an_old_document_that_is_saved_again_gets_the_newest_tokens_after(world: World, number: int) -> None:
    """It keeps its own keys."""
    rotations(world, number)
    newest = world.current_refresh_token()
    world.store.edit(NAME, json.dumps({**json.loads(text_of(world, 0)), "note": "of the operator"}))
    world.refresh()
    assert Sensitive(newest).fingerprint in world.authority.presented
    assert ('"of the operator"' in world.store.current_text(NAME), world.entry().status) == (True, Status.HEALTHY)


@pytest.mark.parametrize("number", [pytest.param(1, id="one rotation"), pytest.param(30, id="more than are on record")])
def test_a_roll_back_gets_the_newest_tokens_in_a_new_version_after(world: World, number: int) -> None:
    """The new version has the newest tokens of the sign-in, and all other keys of the chosen document."""
    first = world.current_version()
    rotations(world, number)
    taken_back = world.current_version()
    world.store.move(NAME, CURRENT, first)
    world.refresh()
    assert world.current_version() not in {first, taken_back}
    assert (world.current_refresh_token(), world.entry().status) == (world.authority.newest, Status.HEALTHY)


def test_an_infrastructure_tool_that_keeps_restoring_the_first_document_ends_no_sign_in(world: World) -> None:
    first = world.store.current_text(NAME)
    for _ in range(5):
        rotations(world, 1)
        world.store.edit(NAME, first)
    world.refresh()
    assert world.entry().status is Status.HEALTHY


def take_over(world: World) -> str:
    """Let the owner sign in, and a deputy after them; return the owner's last version."""
    world.complete(world.go_and_return())
    world.clock.advance(DUE_AGE)
    world.refresh()
    before = world.current_version()
    world.complete(world.go_and_return(TAKING_OVER, person=DEPUTY))
    assert username(world) == DEPUTY.username
    return before


def username(world: World) -> str:
    identity = world.current().identity
    assert identity is not None
    return identity.username


def days_go_on(world: World) -> None:
    for _ in range(3):
        world.clock.advance(DUE_AGE)
        world.dispatcher.tick()
        world.refresh()


def test_an_undone_take_over_stays_undone_and_the_refreshes_go_on(world: World) -> None:
    before = take_over(world)
    world.store.move(NAME, CURRENT, before)
    days_go_on(world)
    assert (username(world), world.entry().status) == (OWNER.username, Status.HEALTHY)


def test_an_undone_take_over_stays_undone_although_the_registry_is_lost(world: World) -> None:
    before = take_over(world)
    world.store.move(NAME, CURRENT, before)
    world.registry.entries.clear()
    days_go_on(world)
    assert (username(world), world.entry().status) == (OWNER.username, Status.HEALTHY)


def test_an_undone_take_over_stays_undone_if_an_edit_moves_awsprevious(world: World) -> None:
    before = take_over(world)
    world.store.move(NAME, CURRENT, before)
    world.edit(note="of the operator")
    days_go_on(world)
    assert (username(world), world.entry().status) == (OWNER.username, Status.HEALTHY)


def test_undoing_the_roll_back_is_respected_as_well(world: World) -> None:
    before = take_over(world)
    deputys = world.current_version()
    world.store.move(NAME, CURRENT, before)
    days_go_on(world)
    world.store.move(NAME, CURRENT, deputys)
    days_go_on(world)
    assert (username(world), world.entry().status) == (DEPUTY.username, Status.HEALTHY)


def test_an_ordinary_refresh_does_not_list_the_versions(world: World) -> None:
    rotations(world, 3)
    assert world.calls.count("store.history") == 0


def test_after_a_loss_of_the_registry_the_versions_are_listed_once_and_none_is_read(world: World) -> None:
    rotations(world, 3)
    world.registry.entries.clear()
    world.calls.log.clear()
    rotations(world, 2)
    assert (world.calls.count("store.history"), world.calls.count("store.read")) == (1, 1)


def test_the_versions_are_listed_once_for_an_imported_token(world: World) -> None:
    rotations(world, 3)
    world.edit(refresh_token=world.authority.open_family())
    rotations(world, 3)
    assert world.calls.count("store.history") == 1


def test_a_token_is_not_presented_if_the_versions_cannot_be_read_in_time(world: World) -> None:
    rotations(world, 3)
    presented = len(world.authority.presented)
    world.store.edit(NAME, text_of(world, 0))
    world.calls.at("after", "store.history", lambda: world.clock.advance(TIMING.longest_run))
    with pytest.raises(NotEnoughTimeError):
        world.refresh()
    assert len(world.authority.presented) == presented


def test_versions_that_are_no_credential_documents_are_skipped(world: World) -> None:
    first = world.store.current_text(NAME)
    rotations(world, 2)
    world.store.edit(NAME, b"\x00")
    world.store.edit(NAME, "no document")
    world.store.edit(NAME, first)
    world.refresh()
    assert world.entry().status is Status.HEALTHY


def test_a_newest_token_that_is_spent_is_not_made_current_again(world: World) -> None:
    first = world.store.current_text(NAME)
    rotations(world, 1)
    spent = world.current().fingerprint
    lineage = (*world.entry().lineage, Sensitive("what is in no version any more").fingerprint)
    world.set_entry(lineage=lineage)
    world.store.edit(NAME, first)
    world.clock.advance(SETTLED)
    world.refresh()
    assert spent not in {world.current().fingerprint, *world.authority.presented[1:]}


# --- An edit that removes the refresh token -----------------------------------------------------------------------


def removed(world: World, **changes: Any) -> tuple[str, str]:
    """Let an edit remove the refresh token; return the version that has it, and the one that does not."""
    rotations(world, 1)
    before = world.current_version()
    after = world.edit(refresh_token=None, **changes)
    world.refresh()
    return before, after


def test_the_alert_says_that_an_edit_removed_the_refresh_token(world: World) -> None:
    before, after = removed(world)
    (alert,) = world.topic.alerts
    assert alert.event is Event.OPERATOR_ACTION_REQUIRED
    assert f"took refresh_token out of the document (version {after})" in alert.cause
    assert f"Version {before} still has it." in alert.cause
    assert "2026-01-31" in alert.cause


def test_the_alert_has_the_command_that_restores_the_refresh_token(world: World) -> None:
    before, after = removed(world)
    (alert,) = world.topic.alerts
    assert f"--version-stage AWSCURRENT --move-to-version-id {before} --remove-from-version-id {after}" in alert.action


def test_the_command_of_the_alert_restores_the_refresh_token(world: World) -> None:
    before, _ = removed(world)
    world.store.move(NAME, CURRENT, before)
    assert world.refresh().result in {Result.REFRESHED, Result.NOT_DUE}
    assert world.entry().status is Status.HEALTHY


def test_a_document_that_never_had_a_refresh_token_waits_for_its_first_consent(world: World) -> None:
    world.never_connect()
    world.edit(note="of the operator")
    world.refresh()
    assert world.entry().status is Status.AWAITING_CONSENT


# --- A pending version of another process -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x00", id="that is binary"),
        pytest.param("no document", id="that is no credential document"),
        pytest.param('{"client_id": "of-another", "refresh_token": "of-another"}', id="that is a credential document"),
    ],
)
def test_a_pending_version_of_another_process(world: World, content: str | bytes) -> None:
    """It stops no refresh after an exchange without an answer, and the outcome names it."""
    rotations(world, 1)
    foreign = world.store.stage(NAME, content)
    intent = world.entry().intent
    assert intent is not None
    world.set_entry(intent=replace(intent, end=type(intent.end).UNANSWERED))
    outcome = world.refresh()
    assert (outcome.result, outcome.foreign_pending) == (Result.REFRESHED, foreign)
    assert (world.topic.alerts, world.entry().status) == ([], Status.HEALTHY)


def test_a_refresh_takes_awspending_from_a_foreign_version_that_its_id_still_reads(world: World) -> None:
    foreign = world.store.stage(NAME, "of another process")
    world.refresh()
    assert world.store.labels(NAME)[PENDING] == world.current_version()
    assert world.store.contents(NAME)[foreign] == "of another process"
