"""What consumers read follows each refresh and each consent; a failure to publish fails neither."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED, unavailable
from tests.fakes.outages import down
from tests.fakes.world import CONSUMER_PREFIX, NAME, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.failure import ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result
from token_refresher.rotation.publication import Publication

SECRET = f"{CONSUMER_PREFIX}/analytics/acme"
TICK = timedelta(minutes=5)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(publish_to="analytics/acme", account_id="1234567", customer_id="7654321", note="of the operator")
    return world


def published(world: World) -> dict[str, Any]:
    return world.consumers.document(SECRET)


def next_refresh(world: World) -> Result:
    world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
    return world.refresh().result


def test_consumers_read_the_new_token_and_what_belongs_to_it(world: World) -> None:
    world.refresh()
    current = world.current()
    assert current.access_token is not None
    assert current.expires_at is not None
    assert published(world) == {
        "prefix": "token-refresher",
        "credential": NAME,
        "status": "healthy",
        "access_token": current.access_token.reveal(),
        "token_type": "Bearer",
        "expires_at": to_rfc3339(current.expires_at),
        "expires_at_epoch": current.expires_at.timestamp(),
        "refreshed_at": to_rfc3339(world.clock()),
        "scope": current.granted_scope,
        "account_id": "1234567",
        "customer_id": "7654321",
        "generation": 1,
    }


def test_consumers_never_read_a_refresh_token_or_a_client_secret(world: World) -> None:
    world.edit(developer_token="planted-developer-token", publish_developer_token=True)
    world.refresh()
    text = "".join(world.consumers.versions[SECRET].values())
    assert world.current_refresh_token() not in text
    assert "planted-client-secret" not in text
    assert published(world)["developer_token"] == "planted-developer-token"


def test_the_developer_token_is_published_only_if_the_operator_wants_it(world: World) -> None:
    world.edit(developer_token="planted-developer-token")
    world.refresh()
    assert "developer_token" not in published(world)


def test_a_steady_refresh_publishes_with_one_more_call(world: World) -> None:
    world.refresh()
    world.clock.now = world.entry().next_action_at or world.clock()
    world.calls.log.clear()
    assert world.refresh().result is Result.REFRESHED
    assert [call for call in world.calls.log if call.startswith("consumers.")] == ["consumers.put"]
    assert world.calls.log.index("store.promote") < world.calls.log.index("consumers.put")
    assert world.calls.log.index("consumers.put") < len(world.calls.log) - 1
    assert world.calls.log[-1] == "registry.save"
    assert published(world)["generation"] == 2


def test_without_publish_to_nothing_is_published() -> None:
    world = World()
    world.manage()
    world.refresh()
    assert not [call for call in world.calls.log if call.startswith("consumers.")]


def test_a_consent_publishes(world: World) -> None:
    world.consenting()()
    token = world.current().access_token
    assert token is not None
    assert published(world)["access_token"] == token.reveal()


@pytest.mark.parametrize("call", ["consumers.create", "consumers.put"])
def test_a_failure_to_publish_fails_no_refresh_and_the_next_attempt_publishes(world: World, call: str) -> None:
    if call == "consumers.put":
        world.refresh()
        world.clock.now = world.entry().next_action_at or world.clock()
    down(world, call)
    assert world.refresh().result is Result.REFRESHED
    assert (world.entry().status, world.topic.events) == (Status.HEALTHY, [])
    world.calls.forget()
    world.clock.advance(TICK)
    exchanges = len(world.authority.presented)
    world.attempt_all()
    token = world.current().access_token
    assert token is not None
    assert (published(world)["access_token"], len(world.authority.presented)) == (token.reveal(), exchanges)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["consumers.put", "store.promote", "registry.save"])
def test_a_worker_that_dies_leaves_nothing_unpublished(world: World, call: str, moment: Any) -> None:
    world.refresh()
    world.clock.now = world.entry().next_action_at or world.clock()
    world.calls.at(moment, call, kill, number=2 if call == "registry.save" else 1)
    with pytest.raises(KilledError):
        world.refresh()
    world.calls.forget()
    world.clock.advance(TICK)
    world.attempt_all()
    token = world.current().access_token
    assert token is not None
    assert published(world)["access_token"] == token.reveal()


def test_consumers_read_why_a_token_is_not_renewed(world: World) -> None:
    world.refresh()
    token = published(world)["access_token"]
    world.authority.failures.append(REVOKED)
    next_refresh(world)
    seen = published(world)
    assert (seen["status"], seen["access_token"]) == ("needs_consent", token)
    assert seen["reason"].startswith("50173: ")
    world.consenting()()
    assert (published(world)["status"], "reason" in published(world)) == ("healthy", False)


def pause(world: World) -> None:
    """Pause the credential as the command does, which asks for an attempt."""
    world.registry.save(world.entry().paused())
    assert world.refresh().result is Result.PAUSED


def resume(world: World) -> None:
    world.registry.save(world.entry().resumed(world.clock()))


def test_consumers_read_that_a_credential_is_paused_and_that_it_is_resumed(world: World) -> None:
    world.refresh()
    token = published(world)["access_token"]
    pause(world)
    assert (published(world)["status"], published(world)["access_token"]) == ("paused", token)
    resume(world)
    assert world.refresh().result is Result.NOT_DUE
    assert (published(world)["status"], published(world)["access_token"]) == ("healthy", token)
    assert len(world.authority.presented) == 1


def test_a_pause_is_published_once(world: World) -> None:
    world.refresh()
    pause(world)
    generation, entry = published(world)["generation"], world.entry()
    assert world.refresh().result is Result.PAUSED
    assert (published(world)["generation"], world.entry()) == (generation, entry)


def test_what_the_operator_changes_during_a_pause_is_published(world: World) -> None:
    world.refresh()
    pause(world)
    world.edit(publish_to="acme")
    world.refresh()
    moved = world.consumers.document(f"{CONSUMER_PREFIX}/acme")
    assert (moved["status"], world.consumers.deleted) == ("paused", {SECRET})


def test_a_consent_during_a_pause_gives_consumers_the_token_and_leaves_the_status(world: World) -> None:
    world.refresh()
    pause(world)
    world.consenting()()
    token = world.current().access_token
    assert token is not None
    assert (published(world)["access_token"], published(world)["status"]) == (token.reveal(), "paused")


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        pytest.param(unavailable(), "healthy", id="what passes"),
        pytest.param(REVOKED, "needs_consent", id="a rejected grant"),
    ],
)
def test_after_a_pause_consumers_read_the_status_before_it_although_the_attempt_fails(
    world: World, failure: ProviderFailure, status: str
) -> None:
    world.refresh()
    world.authority.failures.append(failure)
    next_refresh(world)
    assert published(world)["status"] == status
    pause(world)
    assert published(world)["status"] == "paused"
    resume(world)
    world.authority.failures.append(unavailable())
    assert world.refresh().result is Result.RETRY_LATER
    assert published(world)["status"] == status


def test_a_pause_that_cannot_be_published_is_delivered_again(world: World) -> None:
    world.refresh()
    world.registry.save(world.entry().paused())
    down(world, "consumers.put")
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    world.calls.forget()
    assert world.refresh().result is Result.PAUSED
    assert published(world)["status"] == "paused"


@pytest.mark.parametrize("call", ["consumers.put", "registry.save"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_while_it_publishes_a_pause_leaves_no_status_behind(
    world: World, call: str, moment: Any
) -> None:
    world.refresh()
    world.registry.save(world.entry().paused())
    world.calls.at(moment, call, kill)
    with pytest.raises(KilledError):
        world.refresh()
    world.calls.forget()
    resume(world)
    world.refresh()
    assert published(world)["status"] == "healthy"


def test_a_resumption_that_is_faster_than_the_worker_is_what_consumers_read_at_last(world: World) -> None:
    world.refresh()
    world.registry.save(world.entry().paused())
    world.calls.at("before", "consumers.put", lambda: resume(world))
    assert world.refresh().result is Result.OVERTAKEN
    assert world.refresh().result is Result.NOT_DUE
    assert published(world)["status"] == "healthy"


def test_a_paused_document_that_is_malformed_changes_nothing_for_consumers(world: World) -> None:
    world.refresh()
    before = published(world)
    world.registry.save(world.entry().paused())
    world.edit(client_id=None)
    assert world.refresh().result is Result.PAUSED
    assert published(world) == before


FOREIGN = [
    pytest.param('{"user": "db"}', id="a secret of another program"),
    pytest.param('{"credential": "another", "access_token": "its"}', id="a secret of another credential"),
]


@pytest.mark.parametrize("text", FOREIGN)
def test_a_secret_of_somebody_else_needs_the_operator_and_is_not_overwritten(world: World, text: str) -> None:
    world.consumers.edit(SECRET, text)
    assert world.refresh().result is Result.REFRESHED
    assert world.consumers.current(SECRET).text == text
    assert (world.entry().status, world.topic.events) == (Status.NEEDS_OPERATOR, [Event.OPERATOR_ACTION_REQUIRED])
    # Refreshes go on, and people are notified once.
    for _ in range(3):
        assert next_refresh(world) is Result.REFRESHED
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_another_name_ends_the_incident(world: World) -> None:
    world.consumers.edit(SECRET, '{"user": "db"}')
    world.refresh()
    world.edit(publish_to="acme")
    world.refresh()
    assert (world.entry().status, world.topic.events[-1]) == (Status.HEALTHY, Event.RECOVERED)
    assert world.consumers.document(f"{CONSUMER_PREFIX}/acme")["credential"] == NAME


def test_a_name_in_the_managed_prefix_is_refused(world: World) -> None:
    world.edit(publish_to=f"token-refresher/{NAME}")
    world.refresh()
    assert world.entry().status is Status.NEEDS_OPERATOR
    assert world.consumers.versions == {}


def test_a_right_that_is_missing_needs_the_operator(world: World) -> None:
    def denied() -> None:
        raise ServiceUnavailableError("secretsmanager.CreateSecret", "AccessDeniedException", passing=False)

    world.calls.at("before", "consumers.create", denied)
    assert world.refresh().result is Result.REFRESHED
    diagnosis = world.entry().diagnosis
    assert diagnosis is not None
    assert "secretsmanager.CreateSecret" in diagnosis.cause


def test_an_edit_is_published_without_an_exchange(world: World) -> None:
    world.refresh()
    world.edit(account_id="7777777")
    world.refresh()
    assert (published(world)["account_id"], len(world.authority.presented)) == ("7777777", 1)


def test_a_credential_that_publishes_no_longer_loses_its_secret(world: World) -> None:
    world.refresh()
    world.edit(publish_to=None)
    world.refresh()
    assert (world.consumers.deleted, world.entry().publications) == ({SECRET}, ())


def test_the_secret_goes_with_its_credential(world: World) -> None:
    world.refresh()
    world.store.delete(NAME)
    world.attempt_all()
    assert world.consumers.deleted == {SECRET}


def test_the_pointer_of_a_renamed_credential_is_kept_fresh_until_its_time_is_over(world: World) -> None:
    old, until = "token-refresher/old-name", world.clock() + timedelta(hours=2)
    world.consumers.edit(old, '{"moved_to": "token-refresher/search-ads", "access_token": "access-0"}')
    world.set_entry(publications=(Publication(old, until=until),))
    while world.clock() < until:
        next_refresh(world)
        token = world.current().access_token
        assert token is not None
        seen = world.consumers.document(old)
        assert world.clock() >= until or (seen["access_token"], seen["moved_to"]) == (
            token.reveal(),
            f"token-refresher/{NAME}",
        )
    assert old not in {one.secret for one in world.entry().publications}
    assert old not in world.consumers.deleted
