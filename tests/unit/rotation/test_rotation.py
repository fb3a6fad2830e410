from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from tests.fakes.calls import Moment
from tests.fakes.memory_store import CURRENT, PENDING, PREVIOUS
from tests.fakes.outages import down, failing, outvoted
from tests.fakes.rotations import IDENTITY, Placing, a_grant, a_rival
from tests.fakes.world import NAME, World
from token_refresher.base.errors import (
    CredentialNotFoundError,
    GrantKeptError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.rotation.rotation import ESCROW_RESERVE, RECORD_RESERVE
from token_refresher.rotation.secret_store import successor
from token_refresher.rotation.token_family import CONSENT

UNKNOWN = '"of the operator": {"price": 1.10, "caf\\u00e9": [1,2 , 3]}'


EARLIER = replace(IDENTITY, consented_at=IDENTITY.consented_at - timedelta(days=1))
"""A consent of the day before."""


def a_consent(refresh_token: str, *, seconds: int) -> Grant:
    """Return the grant of a consent that was given so many seconds after the start."""
    identity = replace(IDENTITY, consented_at=IDENTITY.consented_at + timedelta(seconds=seconds))
    return a_grant(refresh_token, seconds=seconds).consented_by(identity)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


@pytest.fixture
def placing(world: World) -> Placing:
    return Placing(world)


def test_a_grant_becomes_the_current_version(world: World, placing: Placing) -> None:
    placing.place(a_grant("of-the-refresh"))
    assert world.current_refresh_token() == "of-the-refresh"


def test_the_new_version_has_the_successor_id_of_the_base(world: World, placing: Placing) -> None:
    placing.place(a_grant("of-the-refresh"))
    assert world.current_version() == placing.successor_id


def test_the_base_becomes_the_previous_version(world: World, placing: Placing) -> None:
    placing.place(a_grant("of-the-refresh"))
    assert world.store.labels(NAME)[PREVIOUS] == placing.base.version_id


def test_a_rotation_is_two_writes(world: World, placing: Placing) -> None:
    world.calls.log.clear()
    placing.place(a_grant("of-the-refresh"))
    assert world.calls.log == ["store.put_pending", "store.promote"]


def test_the_refresh_token_is_kept_when_the_answer_has_none(world: World, placing: Placing) -> None:
    before = world.current_refresh_token()
    placing.place(a_grant(None))
    assert world.current_refresh_token() == before


def test_unknown_keys_survive_byte_for_byte() -> None:
    world = World()
    world.manage()
    world.store.edit(NAME, f"{{{UNKNOWN}, {world.store.current_text(NAME)[1:]}")
    Placing(world).place(a_grant("of-the-refresh"))
    assert UNKNOWN in world.store.current_text(NAME)


def test_an_edit_of_an_unknown_key_between_the_writes_is_kept(world: World, placing: Placing) -> None:
    world.calls.at("before", "store.promote", world.editing(note="of the operator"))
    placing.place(a_grant("of-the-refresh"))
    assert '"note": "of the operator"' in world.store.current_text(NAME)


def test_the_newest_refresh_token_goes_on_top_of_an_edit_between_the_writes(world: World, placing: Placing) -> None:
    world.calls.at("before", "store.promote", world.editing(note="of the operator"))
    placing.place(a_grant("of-the-refresh"))
    assert world.current_refresh_token() == "of-the-refresh"


def test_an_import_of_another_refresh_token_between_the_writes_stands(world: World, placing: Placing) -> None:
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    placing.place(a_grant("of-the-refresh"))
    assert world.current_refresh_token() == "imported"


def test_a_refresh_token_that_was_removed_between_the_writes_stays_removed(world: World, placing: Placing) -> None:
    world.calls.at("before", "store.promote", lambda: world.edit(refresh_token=None))
    placing.place(a_grant("of-the-refresh"))
    assert world.current().refresh_token is None


def test_a_consent_replaces_an_import_between_its_writes(world: World, placing: Placing) -> None:
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    placing.place(a_grant("of-the-consent").consented_by(IDENTITY), CONSENT)
    assert world.current_refresh_token() == "of-the-consent"


@pytest.mark.parametrize("promoted", [pytest.param(True, id="promoted"), pytest.param(False, id="not promoted")])
@pytest.mark.parametrize(
    ("rival_seconds", "our_seconds", "winner"),
    [
        pytest.param(0, 1, "of-us", id="if this one was issued later"),
        pytest.param(1, 0, "of-the-rival", id="if the rival's was issued later"),
    ],
)
def test_of_two_refreshes_the_newest_issued_token_wins(
    world: World, placing: Placing, promoted: bool, rival_seconds: int, our_seconds: int, winner: str
) -> None:
    rival = a_rival(world, a_grant("of-the-rival", seconds=rival_seconds), promoted=promoted)
    world.calls.at("before", "store.put_pending", rival)
    placing.place(a_grant("of-us", seconds=our_seconds))
    assert world.current_refresh_token() == winner


@pytest.mark.parametrize("promoted", [pytest.param(True, id="promoted"), pytest.param(False, id="not promoted")])
@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(1, id="and was answered after it"),
        pytest.param(-1, id="and was answered before it"),
    ],
)
def test_a_consent_outranks_a_refresh_that_began_before_it(
    world: World, placing: Placing, promoted: bool, seconds: int
) -> None:
    consent = a_rival(world, a_grant("of-the-consent").consented_by(IDENTITY), promoted=promoted)
    world.calls.at("before", "store.put_pending", consent)
    placing.place(a_grant("of-the-refresh", seconds=seconds))
    assert world.current_refresh_token() == "of-the-consent"


@pytest.mark.parametrize("promoted", [pytest.param(True, id="promoted"), pytest.param(False, id="not promoted")])
@pytest.mark.parametrize(
    "before",
    [
        pytest.param(None, id="without a consent before"),
        pytest.param(EARLIER, id="after an earlier consent, which the document of the refresh still names"),
    ],
)
def test_a_consent_goes_on_top_of_a_refresh_that_stored_the_same_successor_first(
    world: World, promoted: bool, before: Identity | None
) -> None:
    world.edit(identity=before.to_document() if before else None)
    placing = Placing(world)
    refresh = a_rival(world, a_grant("of-the-refresh", seconds=9), promoted=promoted)
    world.calls.at("before", "store.put_pending", refresh)
    placing.place(a_grant("of-the-consent").consented_by(IDENTITY), CONSENT)
    identity = world.current().identity
    assert (world.current_refresh_token(), identity) == ("of-the-consent", IDENTITY)


def test_a_consent_does_not_replace_a_later_one_that_is_current(world: World) -> None:
    world.edit(refresh_token="of-the-later-one", identity=IDENTITY.to_document())
    before = world.store.versions(NAME)
    placed = Placing(world).place(a_grant("of-the-earlier-one").consented_by(EARLIER), CONSENT)
    assert placed.credential.refresh_token == Sensitive("of-the-later-one")
    assert world.store.versions(NAME) == before


def test_a_consent_does_not_replace_a_later_one_that_comes_between_its_writes(world: World, placing: Placing) -> None:
    later = world.editing(refresh_token="of-the-later-one", identity=IDENTITY.to_document())
    world.calls.at("before", "store.promote", later)
    placing.place(a_grant("of-the-earlier-one").consented_by(EARLIER), CONSENT)
    assert world.current_refresh_token() == "of-the-later-one"


@pytest.mark.parametrize("promoted", [pytest.param(True, id="promoted"), pytest.param(False, id="not promoted")])
@pytest.mark.parametrize(
    ("theirs", "ours", "winner"),
    [
        pytest.param(0, 1, "of-us", id="if this one was given later"),
        pytest.param(1, 0, "of-the-rival", id="if the rival's was given later"),
    ],
)
def test_of_two_consents_the_later_one_wins(
    world: World, placing: Placing, promoted: bool, theirs: int, ours: int, winner: str
) -> None:
    rival = a_rival(world, a_consent("of-the-rival", seconds=theirs), promoted=promoted)
    world.calls.at("before", "store.put_pending", rival)
    placing.place(a_consent("of-us", seconds=ours), CONSENT)
    assert world.current_refresh_token() == winner


def test_a_worker_that_promotes_the_same_successor_first_changes_nothing(world: World, placing: Placing) -> None:
    world.calls.at(
        "before",
        "store.promote",
        lambda: world.store.promote(NAME, placing.successor_id, replacing=placing.base.version_id),
    )
    placed = placing.place(a_grant("of-the-refresh"))
    assert (placed.version_id, world.current_version()) == (placing.successor_id, placing.successor_id)


def test_a_secret_that_is_deleted_between_the_writes_is_not_found(world: World, placing: Placing) -> None:
    world.calls.at("before", "store.promote", lambda: world.store.delete(NAME))
    with pytest.raises(CredentialNotFoundError):
        placing.place(a_grant("of-the-refresh"))


def test_while_other_writers_are_faster_rounds_go_on_until_little_time_is_left(world: World, placing: Placing) -> None:
    outvoted(world, "store.promote")
    with pytest.raises(GrantKeptError):
        placing.place(a_grant("of-the-refresh"))
    assert RECORD_RESERVE < placing.rotation.patience.time_left() <= ESCROW_RESERVE


def test_a_grant_stays_pending_if_other_writers_are_always_faster(world: World, placing: Placing) -> None:
    outvoted(world, "store.promote")
    with pytest.raises(GrantKeptError, match="a pending version"):
        placing.place(a_grant("of-the-refresh"))
    pending = Credential.parse(str(world.store.contents(NAME)[world.store.labels(NAME)[PENDING]]))
    assert pending.refresh_token == Sensitive("of-the-refresh")


def test_a_grant_becomes_current_after_six_edits_that_were_faster(world: World, placing: Placing) -> None:
    outvoted(world, "store.promote", times=6)
    placing.place(a_grant("of-the-refresh"))
    assert (world.current_refresh_token(), '"note": 6' in world.store.current_text(NAME)) == ("of-the-refresh", True)


@pytest.mark.parametrize("moment", [pytest.param("before", id="before it"), pytest.param("after", id="after it")])
@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_a_write_that_fails_once_is_repeated(world: World, placing: Placing, call: str, moment: Moment) -> None:
    world.calls.at(moment, call, failing(world, call))
    placed = placing.place(a_grant("of-the-refresh"))
    assert (placed.version_id, world.current_version()) == (placing.successor_id, placing.successor_id)


@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_a_store_that_stays_down_is_tried_until_little_time_is_left(world: World, placing: Placing, call: str) -> None:
    down(world, call)
    with pytest.raises((GrantKeptError, ServiceUnavailableError)):
        placing.place(a_grant("of-the-refresh"))
    assert RECORD_RESERVE < placing.rotation.patience.time_left() <= ESCROW_RESERVE


@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_a_call_that_the_store_refuses_is_made_once(world: World, placing: Placing, call: str) -> None:
    down(world, call, passing=False)
    with pytest.raises((GrantKeptError, ServiceUnavailableError)):
        placing.place(a_grant("of-the-refresh"))
    assert world.calls.count(call) == 1


def test_a_grant_that_could_not_be_promoted_stays_pending(world: World, placing: Placing) -> None:
    down(world, "store.promote")
    with pytest.raises(GrantKeptError, match="a pending version"):
        placing.keep(a_grant("of-the-refresh"))
    assert (world.store.labels(NAME)[PENDING], world.escrow.kept) == (placing.successor_id, {})


@pytest.mark.parametrize(
    "passing", [pytest.param(True, id="because it is down"), pytest.param(False, id="because AWS refuses it")]
)
def test_a_grant_that_the_store_does_not_take_goes_into_escrow(
    world: World, placing: Placing, *, passing: bool
) -> None:
    down(world, "store.put_pending", passing=passing)
    with pytest.raises(GrantKeptError, match="escrow"):
        placing.keep(a_grant("of-the-refresh"))
    [escrowed] = world.escrow.of(NAME)
    assert (escrowed.grant, escrowed.base.presented, escrowed.arn) == (
        a_grant("of-the-refresh"),
        placing.base.credential.fingerprint,
        placing.state.arn,
    )


def test_a_grant_whose_rival_cannot_be_read_goes_into_escrow(world: World, placing: Placing) -> None:
    world.store.put_pending(NAME, placing.successor_id, world.document(refresh_token="of-the-rival"))
    down(world, "store.read")
    with pytest.raises(GrantKeptError, match="escrow"):
        placing.keep(a_grant("of-the-refresh", seconds=9))
    assert [one.grant for one in world.escrow.of(NAME)] == [a_grant("of-the-refresh", seconds=9)]


def test_a_write_to_the_escrow_that_fails_once_is_repeated(world: World, placing: Placing) -> None:
    down(world, "store.put_pending")
    world.calls.at("before", "escrow.put", failing(world, "escrow.put"))
    with pytest.raises(GrantKeptError):
        placing.keep(a_grant("of-the-refresh"))
    assert len(world.escrow.kept) == 1


def test_an_error_is_raised_if_neither_the_store_nor_the_escrow_takes_the_grant(world: World, placing: Placing) -> None:
    down(world, "store.put_pending")
    down(world, "escrow.put")
    with pytest.raises(ServiceUnavailableError):
        placing.keep(a_grant("of-the-refresh"))
    assert placing.rotation.patience.time_left() <= RECORD_RESERVE


def test_a_version_that_cannot_be_read_yet_is_read_again(world: World, placing: Placing) -> None:
    """Secrets Manager is eventually consistent: a staging label may be visible before its version."""

    def unseen() -> NoReturn:
        raise VersionNotFoundError(NAME)

    world.calls.at("before", "store.promote", world.editing(note="of the operator"))
    world.calls.at("before", "store.read", unseen)
    placing.place(a_grant("of-the-refresh"))
    assert world.current_refresh_token() == "of-the-refresh"


def test_a_grant_that_is_current_already_is_not_written_again(world: World, placing: Placing) -> None:
    placing.place(a_grant("of-the-refresh"))
    again = Placing(world)
    world.calls.log.clear()
    again.place(a_grant("of-the-refresh"))
    assert world.calls.log == []


def test_a_consent_that_was_stored_and_not_promoted_outranks_a_refresh_with_another_base(
    world: World, placing: Placing
) -> None:
    """An edit is between the two: the consent is pending over the version before it, the refresh goes on top of it."""
    world.calls.at("before", "store.put_pending", lambda: world.edit(note="of the operator"))
    consent = a_rival(world, a_grant("of-the-consent").consented_by(IDENTITY), promoted=False)
    world.calls.at("before", "store.put_pending", consent)
    placing.place(a_grant("of-the-refresh", seconds=9))
    assert world.current_refresh_token() == "of-the-consent"
    assert '"note": "of the operator"' in world.store.current_text(NAME)


@pytest.mark.parametrize(
    ("arn", "version_id"),
    [
        pytest.param("arn:other", "version-1", id="of another secret"),
        pytest.param("arn:one", "version-2", id="of another version"),
    ],
)
def test_a_successor_id_is_not_that(arn: str, version_id: str) -> None:
    assert successor(arn, version_id) != successor("arn:one", "version-1")


def test_a_successor_id_never_changes() -> None:
    """A new release must find the pending versions of the release before."""
    assert successor("arn:one", "version-1") == "9e707e26-bf4c-5af0-9e68-dc8eca9b1197"


@pytest.mark.parametrize(
    "is_tagged", [pytest.param(True, id="with staging labels"), pytest.param(False, id="without staging labels")]
)
def test_a_version_that_an_operator_took_back_is_not_promoted_when_its_id_collides(
    world: World, *, is_tagged: bool
) -> None:
    before = Placing(world)
    rolled_back = before.place(a_grant("rolled-back"))
    world.store.move(NAME, CURRENT, before.base.version_id)
    if not is_tagged:
        world.store.remove_label(NAME, PENDING)
        world.store.remove_label(NAME, PREVIOUS)
    placed = Placing(world).place(a_grant("new", seconds=9))
    assert placed.version_id not in {before.base.version_id, rolled_back.version_id}
    assert world.current_refresh_token() == "new"


def test_a_roll_back_stands_if_the_promotion_before_it_got_no_answer(world: World, placing: Placing) -> None:
    """The second call would be accepted: the version that it replaces is current again."""
    rolled_back = placing.successor_id

    def lose_the_answer() -> NoReturn:
        world.store.move(NAME, CURRENT, placing.base.version_id)
        raise ServiceUnavailableError("store.promote", "InternalServiceError", passing=True)

    world.calls.at("after", "store.promote", lose_the_answer)
    placed = placing.place(a_grant("of-the-refresh"))
    assert placed.version_id not in {placing.base.version_id, rolled_back}
    assert world.current_refresh_token() == "of-the-refresh"
    assert world.store.labels(NAME)[PREVIOUS] == placing.base.version_id


def test_after_each_roll_back_to_a_version_its_next_successor_has_a_new_id(world: World) -> None:
    first = Placing(world)
    found = []
    for number in range(5):
        found.append(Placing(world).place(a_grant(f"new-{number}", seconds=number)).version_id)
        world.store.move(NAME, CURRENT, first.base.version_id)
    assert len(set(found)) == len(found)
