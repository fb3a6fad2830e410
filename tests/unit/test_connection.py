from datetime import timedelta

import pytest

from tests.fakes.failures import REVOKED, SECRET_EXPIRED
from tests.fakes.rotations import IDENTITY, a_grant
from tests.fakes.world import NAME, TIMING, World
from token_refresher.alert import Event
from token_refresher.diagnosis import diagnose
from token_refresher.errors import CredentialNotFoundError
from token_refresher.registry import RegistryEntry, Status
from token_refresher.rotation import Rotation, Version

GRANT = a_grant("of-the-consent").consented_by(IDENTITY)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def connect(world: World) -> Version:
    state, version = Rotation(world.store).current(NAME)
    return world.connection.connect(state, version, GRANT)


def begin_incident(world: World) -> None:
    world.edit(identity=IDENTITY.to_document())
    world.authority.failures.append(REVOKED)
    world.refresh()
    world.topic.alerts.clear()


def test_a_consent_becomes_current(world: World) -> None:
    stored = connect(world)
    assert (world.current_refresh_token(), world.current_version()) == ("of-the-consent", stored.version_id)


def test_a_consent_is_recorded(world: World) -> None:
    stored = connect(world)
    entry = world.entry()
    assert (entry.status, entry.version_id, entry.identity) == (Status.HEALTHY, stored.version_id, IDENTITY)


def test_a_consent_is_refreshed_when_its_token_is_due(world: World) -> None:
    connect(world)
    assert world.entry().next_action_at == GRANT.expires_at - TIMING.margin


def test_a_consent_of_a_credential_that_no_tick_has_seen_is_recorded(world: World) -> None:
    world.registry.entries.clear()
    connect(world)
    assert world.entry().status is Status.HEALTHY


def test_a_consent_ends_an_incident(world: World) -> None:
    begin_incident(world)
    connect(world)
    assert (world.topic.events, world.entry().alert, world.entry().diagnosis) == ([Event.RECOVERED], None, None)


def test_a_record_that_moves_on_meanwhile_is_written_over(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of a tick"))
    stored = connect(world)
    assert world.entry().version_id == stored.version_id


def test_a_record_that_moves_on_meanwhile_tells_nobody_twice(world: World) -> None:
    for number in (1, 2, 3):
        world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of a tick"), number=number)
    connect(world)
    assert world.topic.events == [Event.CONNECTED]


def test_an_announcement_that_fails_does_not_cost_the_consent(world: World) -> None:
    world.topic.out_of_order = True
    connect(world)
    assert (world.current_refresh_token(), world.entry().status) == ("of-the-consent", Status.HEALTHY)


def test_an_announcement_that_fails_leaves_the_incident_open(world: World) -> None:
    begin_incident(world)
    world.topic.out_of_order = True
    connect(world)
    alert = world.entry().alert
    assert alert is not None
    assert alert.event is Event.RECONSENT_REQUIRED


def test_an_incident_that_was_left_open_is_closed_by_the_next_refresh(world: World) -> None:
    token = world.authority.open_family()
    begin_incident(world)
    world.topic.out_of_order = True
    connect(world)
    world.topic.out_of_order = False
    world.edit(refresh_token=token)
    world.clock.advance(timedelta(minutes=45))
    world.refresh()
    assert (world.topic.events, world.entry().alert) == ([Event.RECOVERED], None)


def test_an_announcement_that_fails_without_an_incident_opens_none(world: World) -> None:
    world.topic.out_of_order = True
    connect(world)
    assert world.entry().alert is None


def test_a_consent_goes_on_top_of_a_refresh_that_was_faster(world: World) -> None:
    world.calls.at("before", "store.put_pending", world.refresh)
    connect(world)
    assert (world.current_refresh_token(), world.entry().version_id) == ("of-the-consent", world.current_version())


def test_a_consent_of_a_secret_that_is_deleted_meanwhile_is_recorded_nowhere(world: World) -> None:
    world.calls.at("before", "store.promote", lambda: world.store.delete(NAME))
    with pytest.raises(CredentialNotFoundError):
        connect(world)
    assert world.topic.alerts == []


def test_the_operator_is_asked_and_that_is_recorded(world: World) -> None:
    world.connection.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    alert = world.entry().alert
    assert alert is not None
    assert (world.topic.events, alert.event) == ([Event.OPERATOR_ACTION_REQUIRED], Event.OPERATOR_ACTION_REQUIRED)


def test_the_operator_of_a_credential_that_no_tick_has_seen_is_left_to_the_refresh(world: World) -> None:
    world.registry.entries.clear()
    world.connection.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    assert (world.topic.alerts, world.registry.entries) == ([], {})


def test_asking_the_operator_does_not_stop_the_refreshes_of_what_works(world: World) -> None:
    before = world.entry()
    world.connection.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    assert world.entry().next_action_at == before.next_action_at


def test_asking_the_operator_ends_when_the_credential_is_refreshed(world: World) -> None:
    world.connection.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    world.edit(client_secret="planted-new-client-secret")
    world.refresh()
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_a_consent_knows_nothing_of_other_credentials(world: World) -> None:
    other = RegistryEntry.discovered("other", "version-1", world.clock())
    world.registry.entries["other"] = other
    connect(world)
    assert world.entry("other") == other
