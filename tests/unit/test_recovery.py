"""What others left behind becomes current, without another exchange."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.memory_store import PENDING
from tests.fakes.outages import down, failing, outvoted
from tests.fakes.rotations import IDENTITY, Placing, a_grant
from tests.fakes.world import NAME, World
from token_refresher.errors import GrantKeptError, MalformedCredentialError, ServiceUnavailableError
from token_refresher.escrow import EscrowedGrant
from token_refresher.grant import Grant
from token_refresher.intent import Base, End, Intent
from token_refresher.recovery import Recovery
from token_refresher.rotation import ESCROW_RESERVE, Version
from token_refresher.secret_store import SecretState
from token_refresher.sensitive import Sensitive

STORED = Sensitive("stored").fingerprint
FOREIGN = "00000000-0000-4000-8000-000000000009"
"""The id of a version that is nobody's successor."""


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


class Scene:
    """An exchange that began, ended uncleanly, and what was left of it."""

    def __init__(self, world: World, *, is_consent: bool = False) -> None:
        self.world = world
        before = Placing(world)
        self.rotation = before.rotation
        self.began_on = before.base
        self.successor_id = before.successor_id
        self.intent = Intent.begin(
            before.base.version_id, Base.of(before.base.credential), world.clock(), None, is_consent=is_consent
        )
        self._base = before.base

    def store(self, grant: Grant) -> None:
        """Store a grant over the version that it began on, as it would have been promoted next."""
        self.world.store.put_pending(NAME, self.successor_id, self._base.credential.with_grant(grant).dump())

    def keep(self, grant: Grant, *, attempt: str = "attempt-1", arn: str | None = None) -> None:
        """Put a grant into escrow."""
        arn = arn or self.world.store.describe(NAME).arn
        self.world.escrow.put(EscrowedGrant(NAME, arn, attempt, self.intent.base, grant))

    def recover(
        self,
        intent: Intent | None = None,
        lineage: tuple[str, ...] = (),
        *,
        look_into_escrow: bool = False,
        without_intent: bool = False,
    ) -> tuple[SecretState, Version, bool]:
        world = self.world
        recovery = Recovery(world.store, world.escrow, self.rotation, timedelta(0))
        known = None if without_intent else intent or self.intent
        return recovery.recover(world.store.describe(NAME), known, lineage, look_into_escrow=look_into_escrow)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


# --- Nothing was left ---------------------------------------------------------------------------------------------


def test_where_nothing_was_left_nothing_changes(world: World, scene: Scene) -> None:
    before = world.store.contents(NAME)
    _, version, recovered = scene.recover(look_into_escrow=True)
    assert (version.version_id, recovered, world.store.contents(NAME)) == (scene.began_on.version_id, False, before)


def test_the_escrow_is_not_asked_without_a_reason(world: World, scene: Scene) -> None:
    world.calls.log.clear()
    scene.recover()
    assert not [call for call in world.calls.log if call.startswith("escrow")]


# --- A pending successor ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [pytest.param(True, id="and is known of"), pytest.param(False, id="by whoever")])
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


def test_a_pending_version_of_somebody_else_is_left_alone(world: World, scene: Scene) -> None:
    world.store.put_pending(NAME, FOREIGN, world.document(refresh_token="foreign"))
    assert not scene.recover(without_intent=True)[2]
    assert world.current_version() == scene.began_on.version_id


def test_a_pending_successor_that_is_no_credential_never_becomes_current(world: World, scene: Scene) -> None:
    world.store.put_pending(NAME, scene.successor_id, "no document")
    with pytest.raises(MalformedCredentialError, match="AWSPENDING"):
        scene.recover()
    assert world.current_version() == scene.began_on.version_id


def test_a_pending_successor_is_left_to_whoever_moves_current_first(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    state = world.store.describe(NAME)
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    recovery = Recovery(world.store, world.escrow, scene.rotation, timedelta(0))
    recovery.recover(state, scene.intent, (), look_into_escrow=False)
    assert world.current_refresh_token() == "imported"


def test_a_promotion_that_fails_once_is_repeated(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.calls.at("before", "store.promote", failing(world, "store.promote"))
    assert scene.recover()[2]


def test_a_promotion_that_took_effect_and_went_unanswered_is_no_harm(world: World, scene: Scene) -> None:
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
def test_an_orphan_is_carried_over_to_the_edit(world: World, scene: Scene, known: End) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    _, _, recovered = scene.recover(scene.intent.ended(known))
    assert (world.current_refresh_token(), recovered) == ("stored", True)


def test_the_edit_keeps_its_keys_when_an_orphan_is_carried_over(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    scene.recover()
    assert json.loads(world.store.current_text(NAME))["note"] == "of the operator"


def test_an_orphan_is_found_by_its_label_after_a_second_edit_and_a_second_death(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="first")
    world.calls.at("after", "store.put_pending", kill)
    with pytest.raises(KilledError):
        scene.recover()
    world.edit(note="second")
    scene.recover()
    assert (world.current_refresh_token(), '"second"' in world.store.current_text(NAME)) == ("stored", True)


def test_an_orphan_is_found_by_its_id_where_somebody_else_took_the_label(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    world.store.put_pending(NAME, FOREIGN, world.document(age=timedelta(hours=2), refresh_token="foreign"))
    scene.recover()
    assert world.current_refresh_token() == "stored"


@pytest.mark.parametrize(
    ("end", "found"),
    [
        pytest.param(End.OPEN, True, id="whose end nobody recorded: is found"),
        pytest.param(End.UNANSWERED, True, id="that got no answer: is found"),
        pytest.param(End.ROTATED, False, id="that came to its end: is none"),
    ],
)
def test_an_orphan_of_the_exchange_before(world: World, scene: Scene, end: End, *, found: bool) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    now = world.clock() + timedelta(minutes=5)
    intent = Intent.begin(world.current_version(), scene.intent.base, now, scene.intent.ended(end))
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
        pytest.param(timedelta(seconds=1), id="of a second before"),
    ],
)
def test_a_pending_version_from_before_the_exchange_is_none_of_its_orphans(
    world: World, scene: Scene, age: timedelta
) -> None:
    world.store.put_pending(NAME, FOREIGN, world.document(age=age, refresh_token="old"))
    world.edit(note="of the operator")
    assert not scene.recover()[2]


def test_an_orphan_that_is_no_credential_is_told_of_and_not_passed_over(world: World, scene: Scene) -> None:
    world.store.put_pending(NAME, scene.successor_id, "no document")
    world.edit(note="of the operator")
    with pytest.raises(MalformedCredentialError, match="AWSPENDING"):
        scene.recover()


def saved_from_an_old_copy(scene: Scene, **changes: Any) -> None:
    """Let a rotation finish, and the operator save a page that was opened before it."""
    world, old = scene.world, scene.world.store.current_text(NAME)
    scene.store(a_grant("stored"))
    world.store.promote(NAME, scene.successor_id, replacing=scene.began_on.version_id)
    fields = {**json.loads(old), "note": "of the operator", **changes}
    world.store.edit(NAME, json.dumps(fields))


def test_a_spent_token_that_an_edit_put_back_is_replaced_by_what_was_made_of_it(world: World, scene: Scene) -> None:
    saved_from_an_old_copy(scene)
    scene.recover(scene.intent.ended(End.ROTATED), lineage=(scene.intent.base.presented, STORED))
    assert (world.current_refresh_token(), '"of the operator"' in world.store.current_text(NAME)) == ("stored", True)


def test_a_token_from_before_that_was_not_spent_stands_where_an_edit_put_it(world: World, scene: Scene) -> None:
    saved_from_an_old_copy(scene, refresh_token="imported")
    _, _, recovered = scene.recover(scene.intent.ended(End.ROTATED), lineage=(scene.intent.base.presented, STORED))
    assert (world.current_refresh_token(), recovered) == ("imported", False)


def test_a_token_of_another_sign_in_stands_where_an_edit_put_it(world: World, scene: Scene) -> None:
    """To bring back an older consent is a decision."""
    saved_from_an_old_copy(scene)
    before = world.current_refresh_token()
    _, _, recovered = scene.recover(scene.intent.ended(End.ROTATED), lineage=(STORED,))
    assert (world.current_refresh_token(), recovered) == (before, False)


def test_a_pending_version_that_is_not_the_last_of_the_lineage_is_not_brought_back(world: World, scene: Scene) -> None:
    saved_from_an_old_copy(scene)
    lineage = (scene.intent.base.presented, STORED, Sensitive("of somebody else").fingerprint)
    assert not scene.recover(scene.intent.ended(End.ROTATED), lineage)[2]


def test_an_orphan_of_a_consent_replaces_a_refresh_that_finished_in_between(world: World) -> None:
    scene = Scene(world, is_consent=True)
    scene.store(a_grant("of-the-consent").consented_by(IDENTITY))
    world.edit(refresh_token="refreshed", refreshed_at="2026-01-31T09:00:09Z")
    scene.recover()
    assert world.current_refresh_token() == "of-the-consent"


def test_an_orphan_of_a_refresh_is_not_taken_for_the_consent_that_its_document_names(world: World) -> None:
    world.edit(identity=IDENTITY.to_document())
    scene = Scene(world)
    scene.store(a_grant("stored"))
    world.edit(refresh_token="refreshed", refreshed_at="2026-01-31T09:00:09Z", identity=None)
    scene.recover()
    assert world.current_refresh_token() == "refreshed"


def test_an_orphan_that_cannot_be_promoted_in_time_stays_where_it_can_be_found(world: World, scene: Scene) -> None:
    scene.store(a_grant("stored"))
    world.edit(note="of the operator")
    outvoted(world, "store.promote")
    with pytest.raises(GrantKeptError):
        scene.recover()
    world.calls.forget()
    Scene.recover(scene)
    assert world.current_refresh_token() == "stored"


# --- The escrow ---------------------------------------------------------------------------------------------------


def test_what_is_in_escrow_becomes_current_and_leaves_it(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    _, version, recovered = scene.recover(look_into_escrow=True)
    assert (world.current_refresh_token(), version.version_id, recovered, world.escrow.kept) == (
        "escrowed",
        world.current_version(),
        True,
        {},
    )


def test_what_is_in_escrow_needs_no_record(world: World, scene: Scene) -> None:
    """The registry is an index, and can be lost."""
    scene.keep(a_grant("escrowed"))
    scene.recover(look_into_escrow=True, without_intent=True)
    assert world.current_refresh_token() == "escrowed"


def test_what_is_in_escrow_keeps_the_edits(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    world.edit(note="of the operator")
    scene.recover(look_into_escrow=True)
    assert '"of the operator"' in world.store.current_text(NAME)


def test_of_several_in_escrow_the_newest_becomes_current(world: World, scene: Scene) -> None:
    for number, seconds in enumerate((3, 9, 1)):
        scene.keep(a_grant(f"escrowed-{seconds}", seconds=seconds), attempt=f"attempt-{number}")
    scene.recover(look_into_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("escrowed-9", {})


def test_of_a_consent_and_a_later_refresh_in_escrow_the_consent_becomes_current(world: World, scene: Scene) -> None:
    scene.keep(a_grant("of-the-refresh", seconds=9), attempt="attempt-1")
    scene.keep(a_grant("of-the-consent").consented_by(IDENTITY), attempt="attempt-2")
    scene.recover(look_into_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("of-the-consent", {})


def test_what_is_in_escrow_for_a_secret_of_the_same_name_before_is_thrown_away(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"), arn="arn:of-the-deleted-one")
    assert not scene.recover(look_into_escrow=True)[2]
    assert world.escrow.kept == {}


def test_what_is_in_escrow_is_thrown_away_where_the_operator_imported_another_token(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    world.edit(refresh_token="imported")
    scene.recover(look_into_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("imported", {})


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["escrow.of", "store.put_pending", "store.promote", "escrow.remove"])
def test_what_is_in_escrow_survives_a_death_at_any_step(world: World, scene: Scene, call: str, moment: Moment) -> None:
    scene.keep(a_grant("escrowed"))
    world.calls.at(moment, call, kill)
    with pytest.raises(KilledError):
        scene.recover(look_into_escrow=True)
    scene.recover(look_into_escrow=True)
    assert (world.current_refresh_token(), world.escrow.kept) == ("escrowed", {})


@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_what_is_in_escrow_stays_there_while_the_store_is_down(world: World, scene: Scene, call: str) -> None:
    scene.keep(a_grant("escrowed"))
    down(world, call)
    with pytest.raises((GrantKeptError, ServiceUnavailableError)):
        scene.recover(look_into_escrow=True)
    assert len(world.escrow.kept) == 1


def test_an_escrow_that_cannot_be_looked_into_stops_the_recovery(world: World, scene: Scene) -> None:
    """What may be there must not be overtaken by an exchange with a spent token."""
    down(world, "escrow.of")
    with pytest.raises(ServiceUnavailableError):
        scene.recover(look_into_escrow=True)


def test_a_removal_that_fails_once_is_repeated(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    world.calls.at("before", "escrow.remove", failing(world, "escrow.remove"))
    scene.recover(look_into_escrow=True)
    assert world.escrow.kept == {}


@pytest.mark.parametrize("passing", [pytest.param(True, id="which stays down"), pytest.param(False, id="for good")])
def test_an_escrow_that_cannot_be_emptied_stands_in_nobody_s_way(world: World, scene: Scene, *, passing: bool) -> None:
    scene.keep(a_grant("escrowed"))
    down(world, "escrow.remove", passing=passing)
    assert scene.recover(look_into_escrow=True)[2]
    assert (world.current_refresh_token(), len(world.escrow.kept)) == ("escrowed", 1)


def test_what_is_left_in_escrow_and_is_current_is_made_so_no_second_time(world: World, scene: Scene) -> None:
    scene.keep(a_grant("escrowed"))
    down(world, "escrow.remove", passing=False)
    scene.recover(look_into_escrow=True)
    before = world.store.versions(NAME)
    assert not scene.recover(look_into_escrow=True)[2]
    assert world.store.versions(NAME) == before
