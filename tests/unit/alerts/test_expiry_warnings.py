"""Expiry warnings come on their days, each once, and never stop a refresh."""

import json
from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import refused
from tests.fakes.kind import Kind
from tests.fakes.world import DUE_AGE, World, arrival
from token_refresher.base.clock import to_rfc3339
from token_refresher.consent.result import ConsentEndedError
from token_refresher.providers.authorization import SignInOptions
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

DAY = timedelta(days=1)
NAMES = ("ads-a", "ads-b", "ads-c")


def refreshed(world: World, *names: str) -> None:
    for name in names:
        assert world.refresh(name).result in {Result.REFRESHED, Result.NOT_DUE}


def a_world(left: timedelta, *names: str, kind: Kind = Kind.MICROSOFT) -> World:
    """Return a world whose credentials share an application with a client secret that ends after this time."""
    world = World(kind)
    for name in names:
        world.manage(name, client_secret_expires_at=to_rfc3339(world.clock() + left))
    return world


def days_pass(world: World, days: int, *names: str) -> None:
    """Refresh every day, as the schedule does more often."""
    for _ in range(days):
        world.clock.advance(DAY)
        refreshed(world, *names)


def warned_of(world: World) -> list[str]:
    return [alert.code for alert in world.topic.alerts if alert.event is Event.EXPIRY_WARNING]


def warned_at(world: World) -> list[datetime]:
    return [alert.at for alert in world.topic.alerts if alert.event is Event.EXPIRY_WARNING]


def test_people_are_warned_of_a_client_secret_four_times() -> None:
    world = a_world(40 * DAY, "ads-a")
    end = world.clock() + 40 * DAY
    days_pass(world, 40, "ads-a")
    assert [(end - at).days for at in warned_at(world)] == [30, 14, 7, 1]


def test_the_credentials_of_one_application_share_a_warning() -> None:
    world = a_world(40 * DAY, *NAMES)
    days_pass(world, 40, *NAMES)
    assert len(world.topic.alerts) == 4


def test_a_warning_names_all_credentials_of_the_application() -> None:
    world = a_world(20 * DAY, *NAMES)
    refreshed(world, *NAMES)
    world.clock.advance(7 * DAY)
    refreshed(world, *NAMES)
    assert world.topic.alerts[1].credentials == NAMES


def test_a_client_secret_that_is_first_seen_late_has_one_warning_for_that_day() -> None:
    world = a_world(5 * DAY, "ads-a")
    refreshed(world, "ads-a", "ads-a", "ads-a")
    assert len(world.topic.alerts) == 1


def test_a_new_client_secret_has_its_own_warnings() -> None:
    world = a_world(5 * DAY, "ads-a")
    refreshed(world, "ads-a")
    world.edit("ads-a", client_secret_expires_at=to_rfc3339(world.clock() + 6 * DAY))
    refreshed(world, "ads-a")
    assert len(world.topic.alerts) == 2


def test_there_is_no_warning_of_a_secret_without_a_known_end() -> None:
    world = World()
    world.manage("ads-a")
    days_pass(world, 3, "ads-a")
    assert world.topic.alerts == []


def test_a_warning_has_the_day_of_the_end() -> None:
    world = a_world(5 * DAY, "ads-a")
    end = world.clock() + 5 * DAY
    refreshed(world, "ads-a")
    assert (world.topic.alerts[0].event, world.topic.alerts[0].expires_at) == (Event.EXPIRY_WARNING, end)


def test_a_warning_that_could_not_be_published_is_published_with_the_next_attempt() -> None:
    world = a_world(5 * DAY, "ads-a")
    world.topic.out_of_order = True
    refreshed(world, "ads-a")
    world.topic.out_of_order = False
    world.clock.advance(DUE_AGE)
    refreshed(world, "ads-a")
    assert len(world.topic.alerts) == 1


def test_a_warning_is_no_incident() -> None:
    world = a_world(5 * DAY, "ads-a")
    refreshed(world, "ads-a")
    assert (world.entry("ads-a").alert, world.entry("ads-a").diagnosis) == (None, None)


def test_there_is_no_warning_of_a_refresh_token_that_is_replaced() -> None:
    world = World(Kind.MICROSOFT)
    world.manage("ads-a")
    days_pass(world, 100, "ads-a")
    assert world.topic.alerts == []


def test_people_are_warned_of_a_refresh_token_that_is_never_replaced_after_a_day_and_long_before_its_end() -> None:
    world = World(Kind.NONE)
    world.manage("ads-a")
    began = world.clock() - DUE_AGE
    days_pass(world, 89, "ads-a")
    assert [(at - began).days for at in warned_at(world)] == [1, 30, 60, 80]
    assert set(warned_of(world)) == {"refresh_token_age"}


@pytest.mark.parametrize("kind", [pytest.param(Kind.NONE, id="is never replaced")])
def test_each_refresh_token_has_its_own_warning(kind: Kind) -> None:
    """Two credentials of one application have two refresh tokens, that may have to be replaced by two people."""
    world = World(kind)
    for name in NAMES:
        world.manage(name)
    days_pass(world, 2, *NAMES)
    assert [alert.credential for alert in world.topic.alerts] == list(NAMES)


YEAR = 365 * DAY


def a_world_of(provider: str, consented: timedelta = timedelta(0), kind: Kind = Kind.MICROSOFT) -> World:
    """Return a world with one credential of a provider, to which a person consented so long ago."""
    world = World(kind, entry=builtin(provider) if provider == "atlassian" else None)
    world.provider_entry = builtin(provider)
    world.manage("ads-a", consented_at=to_rfc3339(world.clock() - consented), client_id="app-1")
    return world


def sign_in(world: World, link: str) -> None:
    """Sign in as the person who gets the link does."""
    invite = link.rpartition("invite=")[2]
    departure = world.consent.start("ads-a", invite, SignInOptions())
    state, code = world.authority.sign_in(departure.authorize_url)
    world.complete(arrival(state, departure.cookie, code))


@pytest.mark.parametrize(
    "kind", [pytest.param(Kind.NONE, id="is the same for a year"), pytest.param(Kind.MICROSOFT, id="is replaced")]
)
def test_people_are_warned_of_the_end_of_a_sign_in_that_no_refresh_moves(kind: Kind) -> None:
    world = a_world_of("linkedin", 320 * DAY, kind)
    end = world.clock() + 45 * DAY
    days_pass(world, 45, "ads-a")
    assert [(end - at).days for at in warned_at(world)] == [30, 14, 7, 1]
    assert set(warned_of(world)) == {"refresh_token_expires_at"}
    assert world.current("ads-a").refresh_token_expires_at == end


def test_the_warning_has_the_day_and_a_link_with_which_a_person_signs_in_before_anything_stops() -> None:
    world = a_world_of("atlassian", 340 * DAY)
    end = world.clock() + 25 * DAY
    refreshed(world, "ads-a")
    [warning] = world.topic.alerts
    sent = json.loads(warning.to_json())
    assert (sent["event"], sent["expires_at"]) == ("expiry_warning", to_rfc3339(end))
    sign_in(world, sent["connect_url"])
    assert world.topic.events[-1] is Event.CONNECTED
    assert world.current("ads-a").refresh_token_expires_at == world.clock() + YEAR


def test_a_new_consent_starts_the_warnings_anew() -> None:
    world = a_world_of("atlassian", 364 * DAY)
    refreshed(world, "ads-a")
    sign_in(world, world.topic.alerts[0].connect_url or "")
    end = world.clock() + YEAR
    world.topic.alerts.clear()
    days_pass(world, 365, "ads-a")
    assert [(end - at).days for at in warned_at(world)] == [30, 14, 7, 1]


def test_a_link_that_has_done_its_work_does_nothing_more() -> None:
    world = a_world_of("atlassian", 364 * DAY)
    refreshed(world, "ads-a")
    link = world.topic.alerts[0].connect_url or ""
    sign_in(world, link)
    with pytest.raises(ConsentEndedError):
        sign_in(world, link)


def test_of_a_sign_in_that_has_ended_the_refusal_tells() -> None:
    world = a_world_of("linkedin", 364 * DAY)
    refreshed(world, "ads-a")
    world.clock.advance(DAY)
    world.authority.failures.append(refused(None))
    assert world.refresh("ads-a").result is Result.NEEDS_A_PERSON
    assert world.topic.events == [Event.EXPIRY_WARNING, Event.RECONSENT_REQUIRED]


def test_whoever_has_to_sign_in_already_is_not_warned() -> None:
    world = a_world_of("linkedin", 334 * DAY)
    refreshed(world, "ads-a")
    world.topic.alerts.clear()
    for _ in range(30):
        world.clock.advance(DAY)
        world.authority.failures.append(refused(None))
        world.refresh("ads-a")
    assert set(world.topic.events) == {Event.RECONSENT_REQUIRED}


def test_an_end_that_each_refresh_moves_gives_no_warning() -> None:
    world = a_world_of("pinterest", 59 * DAY)
    days_pass(world, 120, "ads-a")
    assert world.topic.alerts == []
    assert world.current("ads-a").refresh_token_expires_at is None


def test_an_operator_writes_the_end_of_an_imported_token() -> None:
    world = World(Kind.MICROSOFT)
    world.manage("ads-a", refresh_token_expires_at=to_rfc3339(world.clock() + 5 * DAY))
    refreshed(world, "ads-a")
    assert [alert.code for alert in world.topic.alerts] == ["refresh_token_expires_at"]
    assert world.current("ads-a").refresh_token_expires_at == world.clock() + 5 * DAY


@pytest.mark.parametrize("provider", ["google", "snapchat", "zoho"])
def test_no_provider_is_blamed_for_a_refresh_token_that_it_never_replaces(provider: str) -> None:
    world = a_world_of(provider, kind=Kind.NONE)
    days_pass(world, 100, "ads-a")
    assert world.topic.alerts == []


def test_the_end_of_a_sign_in_is_in_the_registry_without_a_look_into_the_secret() -> None:
    world = a_world_of("linkedin", 100 * DAY)
    refreshed(world, "ads-a")
    assert world.entry("ads-a").refresh_token_expires_at == world.clock() + 265 * DAY
