"""Recovery makes current what an interrupted attempt left behind, without another exchange."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.memory_store import CURRENT, PENDING
from tests.fakes.outages import down, failing, outvoted
from tests.fakes.rotations import IDENTITY, Placing, a_grant
from tests.fakes.world import NAME, World
from token_refresher.base.errors import GrantKeptError, ServiceUnavailableError
from token_refresher.credential.grant import Grant
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.escrow import EscrowedGrant
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.recovery import Recovery
from token_refresher.rotation.rotation import ESCROW_RESERVE, Version
from token_refresher.rotation.secret_store import SecretState, successor, successors
from token_refresher.rotation.unfinished import Unfinished

FOREIGN = "00000000-0000-4000-8000-000000000009"
"""The ID of a version that another tool wrote."""


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


class Scene:
    """An exchange that was interrupted, and what it left behind."""

    def __init__(self, world: World, *, is_consent: bool = False) -> None:
        self.world = world
        before = Placing(world)
        self.rotation = before.rotation
        self.began_on = before.base
        self.successor_id = before.successor_id
        self.intent = ExchangeIntent.begin(
            before.base.version_id, Base.of(before.base.credential), world.clock(), None, is_consent=is_consent
        )
        self._base = before.base

    def store(self, grant: Grant) -> None:
        """Store a grant as the pending successor of the version that it began on."""
        self.world.store.put_pending(NAME, self.successor_id, self._base.credential.with_grant(grant).dump())

    def keep(self, grant: Grant, *, attempt: str = "attempt-1", arn: str | None = None) -> None:
        """Put a grant into escrow."""
        arn = arn or self.world.store.describe(NAME).arn
        self.world.escrow.put(EscrowedGrant(NAME, arn, attempt, self.intent.base, grant))

    def recover(
        self,
        intent: ExchangeIntent | None = None,
        lineage: tuple[str, ...] = (),
        *,
        read_escrow: bool = False,
        without_intent: bool = False,
    ) -> tuple[SecretState, Version, bool]:
        world = self.world
        recovery = Recovery(world.store, world.escrow, self.rotation, timedelta(0))
        known = None if without_intent else intent or self.intent
        state = world.store.describe(NAME)
        entry = replace(RegistryEntry.discovered(NAME, self.began_on.version_id, world.clock()), intent=known)
        unfinished = Unfinished.of(state, entry.intent, entry.version_id, entry.refreshed_at)
        return recovery.recover(state, unfinished, known, lineage, read_escrow=read_escrow)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


# --- Nothing was left behind --------------------------------------------------------------------------------------


def test_if_nothing_was_left_behind_nothing_changes(world: World, scene: Scene) -> None:
    before = world.store.contents(NAME)
    _, version, recovered = scene.recover(read_escrow=True)
    assert (version.version_id, recovered, world.store.contents(NAME)) == (scene.began_on.version_id, False, before)


def test_without_a_reason_the_escrow_is_not_read(world: World, scene: Scene) -> None:
    world.calls.log.clear()
    scene.recover()
    assert not [call for call in world.calls.log if call.startswith("escrow")]


# --- A pending successor ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known", [pytest.param(True, id="with its intent"), pytest.param(False, id="without an intent")]
)
def test_a_pending_successor_is_promoted(world: World, scene: Scene, *, known: bool) -> None:
    scene.store(a_grant("stored"))
    state, version, recovered = scene.recover(without_intent=not known)
    assert (world.current_refresh_token(), state.current, version.version_id, state.pending, recovered) == (
        "stored",
        scene.successor_id,
        scene.successor_id,
        None,
        True,
    )


def test_a_pending_version_of_another_tool_is_left_alone(world: World, scene: Scene) -> None:
    world.store.put_pending(NAME, FOREIGN, world.document(refresh_token="foreign"))
    assert not scene.recover(without_intent=True)[2]
    assert world.current_version() == scene.began_on.version_id


def test_a_pending_successor_that_is_no_credential_never_becomes_current(world: World, scene: Scene) -> None:
    world.store.put_pending(NAME, scene.successor_id, "no document")
    assert not scene.recover()[2]
    assert world.current_version() == scene.began_on.version_id


def test_a_pending_successor_is_not_promoted_if_an_operator_saves_a_version_first(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    state = world.store.describe(NAME)
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    recovery = Recovery(world.store, world.escrow, scene.rotation, timedelta(0))
    recovery.recover(state, Unfinished(scene.intent.since), scene.intent, (), read_escrow=False)
    assert world.current_refresh_token() == "imported"


def test_a_promotion_that_fails_once_is_repeated(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.calls.at("before", "store.promote", failing(world, "store.promote"))
    assert scene.recover()[2]


def test_a_promotion_without_an_answer_is_found_to_have_taken_effect(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.calls.at("after", "store.promote", failing(world, "store.promote"))
    scene.recover()
    assert world.current_refresh_token() == "stored"


def test_a_store_that_stays_down_is_tried_until_little_time_is_left(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    down(world, "store.promote")
    with pytest.raises(ServiceUnavailableError):
        scene.recover()
    assert scene.rotation.patience.time_left() <= ESCROW_RESERVE
    assert world.store.labels(NAME)[PENDING] == scene.successor_id


# --- An orphan: a grant that was stored over a version that is no longer current ------------------------------------


@pytest.mark.parametrize("known", [pytest.param(End.OPEN), pytest.param(End.KEPT), pytest.param(End.UNANSWERED)])
def test_an_orphan_goes_on_top_of_the_edit(world: World, scene: Scene, known: End) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    _, _, recovered = scene.recover(scene.intent.ended(known))
    assert (world.current_refresh_token(), recovered) == ("stored", True)


def test_the_edit_keeps_its_keys_when_an_orphan_goes_on_top_of_it(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    scene.recover()
    assert json.loads(world.store.current_text(NAME))["note"] == "of the operator"


def test_an_orphan_is_found_by_its_staging_label_after_a_second_edit_and_a_second_kill(
    world: World, scene: Scene
) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="first")
    world.calls.at("after", "store.put_pending", kill)
    with pytest.raises(KilledError):
        scene.recover()
    world.edit(note="second")
    scene.recover()
    assert (world.current_refresh_token(), '"second"' in world.store.current_text(NAME)) == ("stored", True)


def test_an_orphan_is_found_by_its_id_if_another_version_has_its_staging_label(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    world.store.put_pending(NAME, FOREIGN, world.document(age=timedelta(hours=2), refresh_token="foreign"))
    scene.recover()
    assert world.current_refresh_token() == "stored"


@pytest.mark.parametrize(
    ("end", "found"),
    [
        pytest.param(End.OPEN, True, id="whose end is not recorded: is recovered"),
        pytest.param(End.UNANSWERED, True, id="that got no answer: is recovered"),
        pytest.param(End.ROTATED, False, id="that came to its end: is not"),
    ],
)
def test_an_orphan_of_the_exchange_before(world: World, scene: Scene, end: End, *, found: bool) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    now = world.clock() + timedelta(minutes=5)
    intent = ExchangeIntent.begin(world.current_version(), scene.intent.base, now, scene.intent.ended(end))
    assert scene.recover(intent)[2] is found


@pytest.mark.parametrize(
    ("edit", "current"),
    [
        pytest.param({"refresh_token": "imported"}, "imported", id="a token that the operator imported"),
        pytest.param({"refresh_token": None}, None, id="a token that the operator took away"),
    ],
)
def test_an_orphan_does_not_replace(world: World, scene: Scene, edit: dict[str, Any], current: str | None) -> None:
    scene.store(a_grant("stored"))
    world.edit(**edit)
    _, version, recovered = scene.recover()
    token = version.credential.refresh_token
    assert (token.reveal() if token else None, recovered) == (current, False)


@pytest.mark.parametrize(
    "age",
    [
        pytest.param(timedelta(hours=2), id="older than what is current"),
        pytest.param(timedelta(minutes=10), id="newer than what is current"),
        pytest.param(timedelta(seconds=1), id="one second older than the exchange"),
    ],
)
def test_a_pending_version_is_no_orphan_if_its_tokens_are_older_than_the_exchange(
    world: World, scene: Scene, age: timedelta
) -> None:
    other = successor(world.store.arn(NAME), "a version of before")
    world.store.put_pending(NAME, other, world.document(age=age, refresh_token="old"))
    world.edit(note="of the operator")
    assert not scene.recover()[2]


def test_a_version_that_is_no_credential_does_not_hide_an_orphan(world: World, scene: Scene) -> None:
    world.store.put_pending(NAME, scene.successor_id, "no document")
    second = list(successors(world.store.arn(NAME), scene.began_on.version_id))[1]
    world.store.put_pending(NAME, second, scene.began_on.credential.with_grant(a_grant("stored")).dump())
    world.store.stage(NAME, b"another version has the staging label now")
    world.edit(note="of the operator")
    assert scene.recover()[2]
    assert world.current_refresh_token() == "stored"


def test_an_orphan_of_a_consent_replaces_a_refresh_that_finished_in_between(world: World) -> None:
    scene = Scene(world, is_consent=True)
    scene.store(a_grant("of-the-consent").consented_by(IDENTITY))
    world.edit(refresh_token="refreshed", refreshed_at="2026-01-31T09:00:09Z")
    scene.recover()
    assert world.current_refresh_token() == "of-the-consent"


def test_an_orphan_of_a_refresh_does_not_count_as_the_consent_that_its_document_names(world: World) -> None:
    world.edit(identity=IDENTITY.to_document())
    scene = Scene(world)
    scene.store(a_grant("stored"))
    world.edit(refresh_token="refreshed", refreshed_at="2026-01-31T09:00:09Z", identity=None)
    scene.recover()
    assert world.current_refresh_token() == "refreshed"


def test_an_orphan_that_could_not_be_promoted_in_time_is_recovered_later(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    outvoted(world, "store.promote")
    with pytest.raises(GrantKeptError):
        scene.recover()
    world.calls.forget()
    Scene.recover(scene)
    assert world.current_refresh_token() == "stored"


# --- The escrow ---------------------------------------------------------------------------------------------------


def test_a_grant_in_escrow_becomes_current_and_is_removed_there(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    _, version, recovered = scene.recover(read_escrow=True)
    assert (world.current_refresh_token(), version.version_id, recovered, world.escrow.kept) == (
        "escrowed",
        world.current_version(),
        True,
        {},
    )


def test_a_grant_in_escrow_becomes_current_without_an_intent(world: World, scene: Scene) -> None:
    """The registry is an index, and can be lost."""
    scene.keep(a_grant("escrowed"))
    scene.recover(read_escrow=True, without_intent=True)
    assert world.current_refresh_token() == "escrowed"


def test_a_grant_in_escrow_goes_on_top_of_an_edit(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    world.edit(note="of the operator")
    scene.recover(read_escrow=True)
    assert '"of the operator"' in world.store.current_text(NAME)


def test_the_newest_of_several_grants_in_escrow_becomes_current(world: World, scene: Scene) -> None:
    for number, seconds in enumerate((3, 9, 1)):
        scene.keep(a_grant(f"escrowed-{seconds}", seconds=seconds), attempt=f"attempt-{number}")
    scene.recover(read_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("escrowed-9", {})


def test_a_consent_in_escrow_outranks_a_later_refresh_there(world: World, scene: Scene) -> None:
    scene.keep(a_grant("of-the-refresh", seconds=9), attempt="attempt-1")
    scene.keep(a_grant("of-the-consent").consented_by(IDENTITY), attempt="attempt-2")
    scene.recover(read_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("of-the-consent", {})


def test_a_grant_of_a_deleted_secret_with_the_same_name_is_removed(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"), arn="arn:of-the-deleted-one")
    assert not scene.recover(read_escrow=True)[2]
    assert world.escrow.kept == {}


def test_a_grant_in_escrow_is_removed_if_the_operator_imported_another_token(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    world.edit(refresh_token="imported")
    scene.recover(read_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("imported", {})


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["escrow.of", "store.put_pending", "store.promote", "escrow.remove"])
def test_a_grant_in_escrow_survives_a_kill_at_any_step(world: World, scene: Scene, call: str, moment: Moment) -> None:
    scene.keep(a_grant("escrowed"))
    world.calls.at(moment, call, kill)
    with pytest.raises(KilledError):
        scene.recover(read_escrow=True)
    scene.recover(read_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("escrowed", {})


@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_a_grant_in_escrow_stays_there_while_the_store_is_down(world: World, scene: Scene, call: str) -> None:
    scene.keep(a_grant("escrowed"))
    down(world, call)
    with pytest.raises((GrantKeptError, ServiceUnavailableError)):
        scene.recover(read_escrow=True)
    assert len(world.escrow.kept) == 1


def test_an_escrow_that_cannot_be_read_stops_the_recovery(world: World, scene: Scene) -> None:
    """Otherwise an exchange would present a refresh token that the grant in escrow has replaced."""
    down(world, "escrow.of")
    with pytest.raises(ServiceUnavailableError):
        scene.recover(read_escrow=True)


def test_a_removal_that_fails_once_is_repeated(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    world.calls.at("before", "escrow.remove", failing(world, "escrow.remove"))
    scene.recover(read_escrow=True)
    assert world.escrow.kept == {}


@pytest.mark.parametrize(
    "passing", [pytest.param(True, id="because it is down"), pytest.param(False, id="because AWS refuses it")]
)
def test_a_grant_that_cannot_be_removed_from_escrow_still_becomes_current(
    world: World, scene: Scene, *, passing: bool
) -> None:
    scene.keep(a_grant("escrowed"))
    down(world, "escrow.remove", passing=passing)
    assert scene.recover(read_escrow=True)[2]
    assert (world.current_refresh_token(), len(world.escrow.kept)) == ("escrowed", 1)


def test_a_current_grant_that_is_still_in_escrow_is_not_written_again(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    down(world, "escrow.remove", passing=False)
    scene.recover(read_escrow=True)
    before = world.store.versions(NAME)
    assert not scene.recover(read_escrow=True)[2]
    assert world.store.versions(NAME) == before


def test_a_roll_back_stands_if_the_promotion_before_it_got_no_answer(world: World, scene: Scene) -> None:
    """The second call would be accepted: the version that it replaces is current again."""
    scene.store(a_grant("left-behind"))

    def lose_the_answer() -> None:
        world.store.move(NAME, CURRENT, scene.began_on.version_id)
        raise ServiceUnavailableError("store.promote", "InternalServiceError", passing=True)

    world.calls.at("after", "store.promote", lose_the_answer)
    scene.recover()
    assert world.current_version() != scene.successor_id
