import json
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER
from tests.fakes.fake_authority import LIFETIME
from tests.fakes.kind import Kind
from tests.fakes.world import NAME, TIMING, World
from token_refresher.aws.registry_item import to_item
from token_refresher.base.errors import NotEnoughTimeError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result
from token_refresher.rotation.intent import End
from token_refresher.rotation.secret_store import NO_VERSION, successor

YOUNG = timedelta(minutes=10)
UNKNOWN = '"of the operator": {"price": 1.10, "caf\\u00e9": [1,2 , 3]}'
WRITES = {"store.put_pending", "store.promote"}


@pytest.fixture
def world() -> World:
    return World()


def test_a_due_credential_gets_a_new_access_token(world: World) -> None:
    world.manage()
    assert world.refresh().result is Result.REFRESHED
    assert world.current().access_token == Sensitive("access-1")


def test_a_steady_refresh_makes_six_calls_to_aws(world: World) -> None:
    """Two are writes of the secret. The process has read the circuit a moment ago, for another credential."""
    world.manage("other")
    world.manage()
    world.refresh()
    world.clock.now = world.entry().next_action_at or world.clock()
    refresher = world.refresher
    assert refresher.refresh("other", lambda: TIMING.longest_run).result is Result.REFRESHED
    world.calls.log.clear()
    assert refresher.refresh(NAME, lambda: TIMING.longest_run).result is Result.REFRESHED
    assert world.calls.log == [
        "registry.get",
        "store.current",
        "registry.save",
        "authority.refresh",
        "store.put_pending",
        "store.promote",
        "registry.save",
    ]


def test_a_steady_refresh_with_an_event_bus_sends_its_event_in_one_more_call(world: World) -> None:
    """It sends the event when the tokens are current, and the last write, which there is anyway, records it."""
    World.with_bus(world)
    world.manage("other")
    world.manage()
    world.refresh()
    world.clock.now = world.entry().next_action_at or world.clock()
    refresher = world.refresher
    assert refresher.refresh("other", lambda: TIMING.longest_run).result is Result.REFRESHED
    world.calls.log.clear()
    assert refresher.refresh(NAME, lambda: TIMING.longest_run).result is Result.REFRESHED
    assert world.calls.log == [
        "registry.get",
        "store.current",
        "registry.save",
        "authority.refresh",
        "store.put_pending",
        "store.promote",
        "bus.send",
        "registry.save",
    ]


def test_a_first_refresh_looks_at_the_staging_labels_and_at_the_circuit_as_well(world: World) -> None:
    world.manage()
    world.refresh()
    assert world.calls.log == [
        "registry.get",
        "store.describe",
        "store.read",
        "circuits.get",
        "registry.save",
        "authority.refresh",
        "store.put_pending",
        "store.promote",
        "registry.save",
    ]


def test_a_refresh_makes_the_newest_refresh_token_current(world: World) -> None:
    world.manage()
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest


def test_a_refresh_presents_the_current_refresh_token(world: World) -> None:
    token = world.manage()
    world.refresh()
    assert world.authority.presented == [Sensitive(token).fingerprint]


def test_the_refresh_token_is_kept_when_the_answer_has_none() -> None:
    world = World(Kind.NONE)
    token = world.manage()
    world.refresh()
    assert world.current_refresh_token() == token


def test_unknown_keys_survive_a_refresh_byte_for_byte(world: World) -> None:
    world.manage()
    world.store.edit(NAME, f"{{{UNKNOWN}, {world.store.current_text(NAME)[1:]}")
    world.refresh()
    assert UNKNOWN in world.store.current_text(NAME)


def test_a_refreshed_credential_is_healthy(world: World) -> None:
    world.manage()
    world.refresh()
    entry = world.entry()
    assert (entry.status, entry.version_id, entry.failures) == (Status.HEALTHY, world.current_version(), 0)


def test_the_spent_token_stays_in_the_entry(world: World) -> None:
    token = world.manage()
    world.refresh()
    intent = world.entry().intent
    assert intent is not None
    assert (intent.end, intent.base.presented) == (End.ROTATED, Sensitive(token).fingerprint)


def test_without_rotation_no_token_is_spent() -> None:
    world = World(Kind.NONE)
    world.manage()
    world.refresh()
    assert world.entry().intent is None


def test_the_next_attempt_is_the_margin_and_the_jitter_before_the_expiry(world: World) -> None:
    world.manage()
    world.refresh()
    assert world.entry().next_action_at == world.clock() + LIFETIME - TIMING.margin - TIMING.jitter


def test_the_outcome_names_the_tokens_by_fingerprints(world: World) -> None:
    token = world.manage()
    outcome = world.refresh()
    assert (outcome.presented, outcome.issued) == (
        Sensitive(token).fingerprint,
        Sensitive(world.authority.newest).fingerprint,
    )


def test_without_rotation_the_outcome_names_one_token_twice() -> None:
    world = World(Kind.NONE)
    world.manage()
    outcome = world.refresh()
    assert outcome.issued == outcome.presented


def test_refresh_after_refresh_every_token_is_presented_once() -> None:
    world = World(Kind.STRICT)
    world.manage()
    for _ in range(5):
        world.refresh()
        world.clock.advance(timedelta(minutes=45))
    assert len(set(world.authority.presented)) == 5


def test_the_secret_is_not_written_if_the_credential_is_not_due(world: World) -> None:
    world.manage(age=YOUNG)
    world.set_entry(next_action_at=world.clock())
    assert world.refresh().result is Result.NOT_DUE
    assert not WRITES & set(world.calls.log)


def test_the_refresh_token_is_not_presented_if_it_is_not_due(world: World) -> None:
    world.manage(age=YOUNG)
    world.set_entry(next_action_at=world.clock())
    world.refresh()
    assert world.authority.presented == []


def test_a_credential_without_an_entry_gets_one(world: World) -> None:
    world.manage(age=YOUNG)
    world.registry.entries.clear()
    world.refresh()
    assert world.entry().status is Status.HEALTHY


def test_a_pending_successor_is_promoted_without_an_exchange(world: World) -> None:
    world.manage()
    state = world.store.describe(NAME)
    stored = world.document(age=timedelta(0), refresh_token="stored")
    world.store.put_pending(NAME, successor(state.arn, world.current_version()), stored)
    assert world.refresh().result is Result.RECOVERED
    assert (world.current_refresh_token(), world.authority.presented) == ("stored", [])


def test_an_imported_refresh_token_is_used_at_once(world: World) -> None:
    token = world.authority.open_family()
    imported = {"client_id": "client-of-the-operator", "refresh_token": token}
    world.store.create(NAME, json.dumps(imported))
    assert world.refresh().result is Result.REFRESHED


def test_without_enough_time_no_token_is_presented(world: World) -> None:
    world.manage()
    with pytest.raises(NotEnoughTimeError):
        world.refresh(time_left=TIMING.exchange - timedelta(seconds=1))
    assert world.authority.presented == []


def test_without_enough_time_the_entry_does_not_change(world: World) -> None:
    world.manage()
    before = world.entry()
    with pytest.raises(NotEnoughTimeError):
        world.refresh(time_left=TIMING.exchange - timedelta(seconds=1))
    assert world.entry() == before


def test_with_just_enough_time_the_token_is_refreshed(world: World) -> None:
    world.manage()
    assert world.refresh(time_left=TIMING.exchange).result is Result.REFRESHED


def test_the_intent_is_written_before_the_token_is_presented(world: World) -> None:
    token = world.manage()
    version_id = world.current_version()
    seen = []
    world.calls.at("before", "authority.refresh", lambda: seen.append(world.entry().intent))
    world.refresh()
    assert seen[0] is not None
    assert (seen[0].version_id, seen[0].base.presented, seen[0].end) == (
        version_id,
        Sensitive(token).fingerprint,
        End.OPEN,
    )


def test_the_value_of_a_paused_credential_is_not_read(world: World) -> None:
    """The secret is described, because an entry whose secret is gone is forgotten, paused or not."""
    world.manage()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    assert world.refresh().result is Result.PAUSED
    assert world.calls.log == ["registry.get", "store.describe"]


def test_a_deleted_secret_is_forgotten(world: World) -> None:
    world.manage()
    world.store.delete(NAME)
    assert world.refresh().result is Result.FORGOTTEN
    assert world.registry.entries == {}


@pytest.mark.parametrize("call", ["store.read", "store.put_pending", "store.promote"])
def test_a_secret_that_is_deleted_during_the_refresh_is_forgotten(world: World, call: str) -> None:
    world.manage()
    world.calls.at("before", call, lambda: world.store.delete(NAME))
    assert world.refresh().result is Result.FORGOTTEN
    assert world.registry.entries == {}


def test_a_double_message_changes_nothing(world: World) -> None:
    world.manage()
    world.refresh()
    entry, versions = world.entry(), world.store.versions(NAME)
    assert world.refresh().result is Result.NOT_DUE
    assert (world.entry(), world.store.versions(NAME)) == (entry, versions)


def test_a_late_message_about_a_failure_changes_nothing(world: World) -> None:
    world.manage()
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    entry = world.entry()
    assert world.refresh().result is Result.NOT_DUE
    assert world.entry() == entry


@pytest.mark.parametrize(
    "document",
    [
        pytest.param('{"client_id": "of-the-operator"}', id="that waits for its first consent"),
        pytest.param('{"client_id": ""}', id="that is malformed"),
    ],
)
def test_a_double_message_does_not_postpone_the_reminder_about_a_credential(world: World, document: str) -> None:
    world.store.create(NAME, document)
    world.refresh()
    entry = world.entry()
    world.clock.advance(timedelta(hours=1))
    world.refresh()
    assert world.entry() == entry


def test_an_edit_that_changes_no_token_does_not_cost_an_exchange(world: World) -> None:
    world.manage(age=YOUNG)
    world.edit(note="of the operator")
    assert world.refresh().result is Result.NOT_DUE
    assert world.entry().version_id == world.current_version()


def test_a_secret_without_a_value_needs_its_operator(world: World) -> None:
    world.store.create_without_value(NAME)
    world.refresh()
    assert (world.entry().status, world.entry().version_id) == (Status.NEEDS_OPERATOR, NO_VERSION)


def test_a_secret_that_gets_its_value_later_is_refreshed(world: World) -> None:
    world.store.create_without_value(NAME)
    world.refresh()
    world.store.edit(NAME, world.document(refresh_token=world.authority.open_family()))
    assert world.refresh().result is Result.REFRESHED


@pytest.mark.parametrize(
    "failures", [pytest.param(0, id="after a good refresh"), pytest.param(1, id="after a failed one")]
)
def test_the_entry_never_holds_a_token(world: World, failures: int) -> None:
    world.manage(developer_token="planted-developer-token", previous_client_secret="planted-before")
    world.authority.failures.extend([NO_ANSWER] * failures)
    entries = []
    world.calls.at("before", "authority.refresh", lambda: entries.append(world.entry()))
    world.refresh()
    text = json.dumps([to_item(entry) for entry in [*entries, world.entry()]], default=str)
    document = json.loads(world.store.current_text(NAME))
    secrets = ["refresh_token", "access_token", "client_secret", "previous_client_secret", "developer_token"]
    assert [key for key in secrets if document[key] in text] == []


def test_a_name_with_slashes_is_a_name_like_any_other(world: World) -> None:
    name = "team/market/search-ads"
    world.manage(name)
    assert world.refresh(name).result is Result.REFRESHED
