import pytest

from tests.fakes.memory_store import PENDING, PREVIOUS
from tests.fakes.rotations import IDENTITY, Placing, a_grant, a_rival
from tests.fakes.world import NAME, World
from token_refresher.credential import Credential
from token_refresher.errors import CredentialNotFoundError, MalformedCredentialError, RotationContendedError
from token_refresher.rotation import CONSENT
from token_refresher.secret_store import successor
from token_refresher.sensitive import Sensitive

UNKNOWN = '"of the operator": {"price": 1.10, "caf\\u00e9": [1,2 , 3]}'


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


def test_a_grant_becomes_the_successor_of_the_version_it_was_made_from(world: World, placing: Placing) -> None:
    placing.place(a_grant("of-the-refresh"))
    assert world.current_version() == placing.successor_id


def test_the_version_before_becomes_the_previous_one(world: World, placing: Placing) -> None:
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


def test_an_edit_between_the_writes_does_not_cost_the_newest_refresh_token(world: World, placing: Placing) -> None:
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
        pytest.param(0, 1, "of-us", id="and ours was issued after it"),
        pytest.param(1, 0, "of-the-rival", id="and ours was issued before it"),
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
        pytest.param(1, id="although the refresh was answered later"),
        pytest.param(-1, id="which was answered later"),
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
def test_a_consent_goes_on_top_of_a_refresh_that_was_faster(world: World, placing: Placing, promoted: bool) -> None:
    world.calls.at(
        "before", "store.put_pending", a_rival(world, a_grant("of-the-refresh", seconds=9), promoted=promoted)
    )
    placing.place(a_grant("of-the-consent").consented_by(IDENTITY), CONSENT)
    assert world.current_refresh_token() == "of-the-consent"


def test_a_helper_that_promotes_our_successor_first_changes_nothing(world: World, placing: Placing) -> None:
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


def test_a_fight_is_given_up_after_five_rounds(world: World, placing: Placing) -> None:
    for number in range(1, 6):
        world.calls.at("before", "store.promote", world.editing(note=number), number=number)
    with pytest.raises(RotationContendedError):
        placing.place(a_grant("of-the-refresh"))


def test_a_given_up_fight_leaves_the_grant_pending(world: World, placing: Placing) -> None:
    for number in range(1, 6):
        world.calls.at("before", "store.promote", world.editing(note=number), number=number)
    with pytest.raises(RotationContendedError):
        placing.place(a_grant("of-the-refresh"))
    pending = Credential.parse(str(world.store.contents(NAME)[world.store.labels(NAME)[PENDING]]))
    assert pending.refresh_token == Sensitive("of-the-refresh")


def test_a_pending_successor_is_promoted(world: World, placing: Placing) -> None:
    a_rival(world, a_grant("stored"), promoted=False)()
    assert placing.rotation.finish_pending(world.store.describe(NAME))
    assert world.current_refresh_token() == "stored"


def test_without_a_pending_version_there_is_nothing_to_finish(world: World, placing: Placing) -> None:
    assert not placing.rotation.finish_pending(placing.state)


def test_a_pending_version_of_somebody_else_is_left_alone(world: World, placing: Placing) -> None:
    world.store.put_pending(NAME, "00000000-0000-4000-8000-000000000009", world.document(refresh_token="foreign"))
    assert not placing.rotation.finish_pending(world.store.describe(NAME))
    assert world.current_version() == placing.base.version_id


def test_a_pending_version_that_is_no_credential_never_becomes_current(world: World, placing: Placing) -> None:
    world.store.put_pending(NAME, placing.successor_id, "no document")
    with pytest.raises(MalformedCredentialError):
        placing.rotation.finish_pending(world.store.describe(NAME))
    assert world.current_version() == placing.base.version_id


def test_a_pending_successor_is_left_to_whoever_moves_current_first(world: World, placing: Placing) -> None:
    a_rival(world, a_grant("stored"), promoted=False)()
    state = world.store.describe(NAME)
    world.calls.at("before", "store.promote", world.editing(note="of the operator"))
    assert not placing.rotation.finish_pending(state)


@pytest.mark.parametrize(
    ("arn", "version_id"),
    [
        pytest.param("arn:other", "version-1", id="of another secret"),
        pytest.param("arn:one", "version-2", id="of another version"),
    ],
)
def test_a_successor_id_is_no_other_ones(arn: str, version_id: str) -> None:
    assert successor(arn, version_id) != successor("arn:one", "version-1")


def test_a_successor_id_never_changes() -> None:
    """A new release must find the pending versions of the one before."""
    assert successor("arn:one", "version-1") == "9e707e26-bf4c-5af0-9e68-dc8eca9b1197"
