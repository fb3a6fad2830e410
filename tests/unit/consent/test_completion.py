"""The end of a consent: it is stored, recorded and announced."""

from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED, SECRET_EXPIRED
from tests.fakes.fake_authority import LIFETIME
from tests.fakes.manual_clock import START
from tests.fakes.outages import down
from tests.fakes.rotations import IDENTITY, a_grant
from tests.fakes.world import HEALTHY, NAME, TIMING, World
from token_refresher.base.deadline import Deadline
from token_refresher.base.errors import CredentialNotFoundError, GrantKeptError, ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import diagnose
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import THE_DEFAULT
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.rotation import Rotation, Version

GRANT = a_grant("of-the-consent").consented_by(IDENTITY)
BEFORE = ExchangeIntent.begin("version-0", Base("", None), START, None)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def a_rotation(world: World) -> Rotation:
    return Rotation(world.store, world.escrow, Deadline(world.time_left(timedelta(seconds=30)), world.sleep))


def connect(world: World) -> Version:
    rotation = a_rotation(world)
    with world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT) as attempt:
        return attempt.store_grant(GRANT)


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
    assert world.entry().next_action_at == GRANT.issued_at + LIFETIME - TIMING.margin


def test_a_consent_of_a_credential_that_no_tick_has_seen_is_recorded(world: World) -> None:
    world.registry.entries.clear()
    connect(world)
    assert world.entry().status is Status.HEALTHY


def test_a_consent_ends_an_incident(world: World) -> None:
    begin_incident(world)
    connect(world)
    assert (world.topic.events, world.entry().alert, world.entry().diagnosis) == ([Event.RECOVERED], None, None)


def test_a_consent_sets_the_status_tags(world: World) -> None:
    begin_incident(world)
    connect(world)
    assert world.store.status_tags(NAME) == HEALTHY


def test_a_consent_writes_no_status_tags_that_are_right_already(world: World) -> None:
    connect(world)
    assert world.calls.count("store.set_status_tags") == 0


def test_a_consent_is_stored_although_the_status_tags_cannot_be_set(world: World) -> None:
    begin_incident(world)
    down(world, "store.set_status_tags")
    connect(world)
    assert (world.current_refresh_token(), world.entry().status) == ("of-the-consent", Status.HEALTHY)


def test_a_consent_that_could_not_be_recorded_leaves_the_status_tags_to_the_next_refresh(world: World) -> None:
    begin_incident(world)
    world.calls.at("before", "registry.get", lambda: down(world, "registry.save"), number=2)
    connect(world)
    shown = world.store.status_tags(NAME)
    assert shown is not None
    assert shown.status == "needs_consent"
    world.calls.forget()
    world.refresh()
    assert world.store.status_tags(NAME) == HEALTHY


def test_the_entry_of_a_consent_replaces_one_that_was_written_meanwhile(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of a tick"))
    stored = connect(world)
    assert world.entry().version_id == stored.version_id


def test_an_entry_that_was_written_meanwhile_makes_no_second_alert(world: World) -> None:
    for number in (1, 2, 3):
        world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of a tick"), number=number)
    connect(world)
    assert world.topic.events == [Event.CONNECTED]


def test_a_consent_is_stored_although_its_alert_cannot_be_published(world: World) -> None:
    world.topic.out_of_order = True
    connect(world)
    assert (world.current_refresh_token(), world.entry().status) == ("of-the-consent", Status.HEALTHY)


def test_an_alert_that_cannot_be_published_leaves_the_incident_open(world: World) -> None:
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


def test_an_alert_that_cannot_be_published_opens_no_incident(world: World) -> None:
    world.topic.out_of_order = True
    connect(world)
    assert world.entry().alert is None


def test_a_consent_is_stored_on_top_of_a_faster_refresh(world: World) -> None:
    world.calls.at("before", "store.put_pending", world.refresh)
    connect(world)
    assert (world.current_refresh_token(), world.entry().version_id) == ("of-the-consent", world.current_version())


def test_a_consent_of_a_secret_that_is_deleted_meanwhile_is_recorded_nowhere(world: World) -> None:
    world.calls.at("before", "store.promote", lambda: world.store.delete(NAME))
    with pytest.raises(CredentialNotFoundError):
        connect(world)
    assert world.topic.alerts == []


def test_the_operator_is_notified_and_that_is_recorded(world: World) -> None:
    world.completion.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    alert = world.entry().alert
    assert alert is not None
    assert (world.topic.events, alert.event) == ([Event.OPERATOR_ACTION_REQUIRED], Event.OPERATOR_ACTION_REQUIRED)


def test_the_first_refresh_notifies_the_operator_of_a_credential_that_no_tick_has_seen(world: World) -> None:
    world.registry.entries.clear()
    world.completion.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    assert (world.topic.alerts, world.registry.entries) == ([], {})


def test_an_alert_to_the_operator_stops_no_refresh(world: World) -> None:
    before = world.entry()
    world.completion.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    assert world.entry().next_action_at == before.next_action_at


def test_an_alert_to_the_operator_ends_with_a_good_refresh(world: World) -> None:
    world.completion.ask_operator(NAME, diagnose(SECRET_EXPIRED))
    world.edit(client_secret="planted-new-client-secret")
    world.refresh()
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_the_intent_is_recorded_before_the_code_is_exchanged(world: World) -> None:
    token = world.current()
    rotation = a_rotation(world)
    with world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        intent = world.entry().intent
    assert intent is not None
    assert (intent.is_consent, intent.end, intent.base, intent.at) == (True, End.OPEN, Base.of(token), world.clock())


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(None, id="nothing"),
        pytest.param(BEFORE.ended(End.ROTATED), id="what a good refresh left"),
        pytest.param(BEFORE.ended(End.UNANSWERED), id="a doubt"),
    ],
)
def test_without_a_grant_the_intent_from_before_is_restored(world: World, before: ExchangeIntent | None) -> None:
    world.set_entry(intent=before)
    rotation = a_rotation(world)
    with world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        pass
    assert world.entry().intent == before


def test_after_an_error_the_intent_from_before_is_restored(world: World) -> None:
    rotation = a_rotation(world)
    with pytest.raises(LookupError), world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        raise LookupError
    assert world.entry().intent is None


def test_a_process_that_dies_restores_nothing(world: World) -> None:
    """The code may be used up, and its tokens may be anywhere."""
    rotation = a_rotation(world)
    with pytest.raises(KilledError), world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        kill()
    assert world.entry().intent is not None


def test_an_entry_that_another_process_wrote_meanwhile_is_kept(world: World) -> None:
    rotation = a_rotation(world)
    with world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        world.set_entry(version_id="of a tick")
    assert (world.entry().version_id, world.entry().intent) == ("of a tick", None)


def test_without_a_registry_nothing_begins(world: World) -> None:
    down(world, "registry.save")
    rotation = a_rotation(world)
    with pytest.raises(ServiceUnavailableError), world.completion.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        pytest.fail("the code would be used up")


def test_a_consent_is_stored_although_the_registry_goes_down_meanwhile(world: World) -> None:
    world.calls.at("before", "registry.get", lambda: down(world, "registry.save"), number=2)
    connect(world)
    assert world.current_refresh_token() == "of-the-consent"


def test_the_next_refresh_records_a_consent_that_could_not_be_recorded(world: World) -> None:
    world.calls.at("before", "registry.get", lambda: down(world, "registry.save"), number=2)
    stored = connect(world)
    world.calls.forget()
    assert world.refresh().result is Result.NOT_DUE
    assert (world.entry().version_id, world.entry().identity) == (stored.version_id, IDENTITY)


def test_a_consent_that_could_not_be_made_current_is_due_at_once(world: World) -> None:
    down(world, "store.put_pending")
    with pytest.raises(GrantKeptError):
        connect(world)
    intent = world.entry().intent
    assert intent is not None
    assert (intent.end, intent.is_consent, world.entry().next_action_at) == (End.KEPT, True, world.clock())


def test_people_are_notified_of_a_kept_consent_when_it_becomes_current(world: World) -> None:
    begin_incident(world)
    down(world, "store.put_pending")
    with pytest.raises(GrantKeptError):
        connect(world)
    assert world.topic.events == []
    world.calls.forget()
    assert world.refresh().result is Result.RECOVERED
    assert world.topic.events == [Event.RECOVERED]


def test_a_kept_consent_is_safe_although_it_could_not_be_recorded(world: World) -> None:
    down(world, "store.put_pending")
    world.calls.at("after", "escrow.put", lambda: down(world, "registry.save"))
    with pytest.raises(GrantKeptError):
        connect(world)
    world.calls.forget()
    assert world.refresh(escrowed=True).result is Result.RECOVERED
    assert world.current_refresh_token() == "of-the-consent"


def test_a_consent_spends_no_refresh_token(world: World) -> None:
    """The one before it belongs to another sign-in, and may be brought back."""
    connect(world)
    assert world.entry().spent == ()


def test_a_consent_changes_no_other_credential(world: World) -> None:
    other = RegistryEntry.discovered("other", "version-1", world.clock())
    world.registry.entries["other"] = other
    connect(world)
    assert world.entry("other") == other
