"""Sign-ins that fail, in parallel and at bad moments: they leave nothing behind, and delay no refresh."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED, SECRET_EXPIRED, refused
from tests.fakes.fake_authority import OWNER
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.result import ConsentOutcome
from token_refresher.consent.service import AuthorizationResponse
from token_refresher.credential.status import Status
from token_refresher.providers.refusal_facts import refusal_facts
from token_refresher.registry.issuer import THE_DEFAULT
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

ANOTHER_PERSON = {"username": "somebody-else@example.com", "tenant_id": "tenant", "object_id": "object"}
CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'


@pytest.fixture
def world() -> World:
    """A credential that works."""
    world = World.waiting()
    world.consenting(person=OWNER)()
    world.topic.alerts.clear()
    return world


def is_held_up(world: World) -> bool:
    """Tell whether a refresh that is due now would wait for a sign-in."""
    intent = world.entry().intent
    return intent is not None and intent.may_be_under_way(world.clock(), TIMING.lease)


def made_up(world: World) -> AuthorizationResponse:
    """Come back with a forged code."""
    return replace(world.go_and_return(), code=Sensitive("planted-made-up-code"))


def forged(world: World, error: str, description: str) -> AuthorizationResponse:
    """Come back with a forged error."""
    failure = refusal_facts(400, {"error": error, "error_description": description})
    return replace(world.go_and_return(), code=None, failure=failure)


# --- Side by side ---------------------------------------------------------------------------------------------------


def test_two_sign_ins_that_fail_within_one_another_leave_nothing_open(world: World) -> None:
    outer, inner = made_up(world), made_up(world)
    world.calls.at("before", "authority.redeem", lambda: world.complete(inner))
    world.complete(outer)
    assert not is_held_up(world)


def test_two_sign_ins_that_fail_one_after_the_other_leave_nothing_open(world: World) -> None:
    first, second = made_up(world), made_up(world)
    attempts = world.completion
    rotation = world.consent.rotations.within(world.time_left(timedelta(seconds=30)))
    with attempts.begin(rotation, *rotation.current(NAME), THE_DEFAULT):
        world.calls.at("before", "authority.redeem", lambda: world.complete(first), number=2)
        world.complete(second)
    assert not is_held_up(world)


def test_a_flood_of_forged_codes_delays_no_refresh(world: World) -> None:
    """Two sign-ins overlap every minute; a tick comes every five minutes."""
    results = set()
    for minute in range(60):
        outer, inner = made_up(world), made_up(world)
        world.calls.at("before", "authority.redeem", lambda inner=inner: world.complete(inner))  # type: ignore[misc] # It returns nothing that is looked at.
        world.complete(outer)
        world.clock.advance(timedelta(seconds=30))
        if minute % 5 == 0:
            world.dispatcher.tick()
            results.add(world.refresh().result)
        world.clock.advance(timedelta(seconds=30))
    assert results == {Result.NOT_DUE, Result.REFRESHED}


def test_a_refused_sign_in_records_its_claims_challenge_and_nothing_else(world: World) -> None:
    before, back = world.entry(), world.go_and_return()
    world.authority.failures.append(replace(refused(50076, "interaction_required"), claims=CLAIMS))
    world.complete(back)
    assert replace(world.entry(), claims="", revision=before.revision) == before
    assert world.entry().claims == CLAIMS


def test_an_edit_that_no_tick_has_seen_is_still_detected_after_a_failed_sign_in(world: World) -> None:
    """The refresh has to try again, and detects the edit by the version."""
    world.set_entry(next_action_at=world.clock() + timedelta(minutes=40))
    world.edit(note="edited")
    world.complete(made_up(world))
    assert world.entry().next_action_at == world.clock()


def test_the_next_tick_does_not_end_an_incident_that_a_sign_in_found_after_an_edit(world: World) -> None:
    world.edit(client_secret="planted-wrong-client-secret")
    back = world.go_and_return()
    world.authority.failures.append(SECRET_EXPIRED)
    world.complete(back)
    world.clock.advance(timedelta(minutes=2))
    world.dispatcher.tick()
    world.refresh()
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]
    assert world.entry().diagnosis is not None


@pytest.mark.parametrize("call", ["store.promote", "store.put_pending"])
def test_a_kept_consent_survives_a_failed_sign_in_and_an_edit(world: World, call: str) -> None:
    """People are notified of it, although the entry held another intent meanwhile."""
    world.clock.advance(timedelta(minutes=1))
    down(world, call)
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED_SOON
    kept = world.authority.newest
    world.calls.forget()
    world.complete(made_up(world))
    world.edit(note="edited")
    world.clock.advance(timedelta(minutes=2))
    for _ in range(2):
        world.dispatcher.tick()
        world.refresh(escrowed=True)
    assert (world.current_refresh_token(), world.topic.events) == (kept, [Event.CONNECTED])


def test_a_consent_that_died_does_not_report_a_reuse_of_the_refresh_token(world: World) -> None:
    """A code presents no refresh token."""
    world.calls.at("before", "authority.redeem", kill)
    with pytest.raises(KilledError):
        world.complete(world.go_and_return())
    world.clock.advance(timedelta(minutes=50))
    world.authority.failures.append(REVOKED)
    world.refresh()
    diagnosis = world.entry().diagnosis
    assert diagnosis
    assert "used once more" not in diagnosis.cause


# --- What a visitor writes into the address -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "description"),
    [
        pytest.param("invalid_client", "AADSTS7000222: x", id="an expired client secret"),
        pytest.param("invalid_client", "AADSTS50011: x", id="a redirect URI that is not registered"),
        pytest.param("access_denied", "AADSTS90094: x", id="the consent of an administrator"),
        pytest.param("invalid_request", "", id="a fault of the app"),
    ],
)
def test_an_error_from_the_browser_makes_no_alert(world: World, error: str, description: str) -> None:
    before = world.entry()
    result = world.complete(forged(world, error, description))
    assert (result.ending, result.operator_notified) == (ConsentOutcome.OPERATOR_NEEDED, False)
    assert (world.topic.alerts, world.entry()) == ([], before)


def test_claims_that_microsoft_may_have_refused_are_not_sent_again(world: World) -> None:
    world.set_entry(claims=CLAIMS)
    world.complete(forged(world, "invalid_request", "AADSTS9002313: x"))
    assert world.entry().claims == ""


def test_claims_stay_if_the_person_did_not_accept(world: World) -> None:
    world.set_entry(claims=CLAIMS)
    world.complete(forged(world, "access_denied", "AADSTS65004: x"))
    assert world.entry().claims == CLAIMS


def test_claims_end_with_an_edit(world: World) -> None:
    """They may be of another tenant, or of another application."""
    world.set_entry(claims=CLAIMS)
    world.edit(tenant="organizations")
    world.refresh()
    assert world.entry().claims == ""


# --- Bad moments ----------------------------------------------------------------------------------------------------


def test_a_code_is_not_exchanged_if_there_is_no_time_to_store_its_tokens(world: World) -> None:
    before, back = world.entry(), world.go_and_return()
    for call in ("consents.take", "consents.remember", "registry.get", "registry.save"):
        world.calls.at("after", call, lambda: world.clock.advance(timedelta(seconds=3)))
    result = world.complete(back)
    assert (result.ending, world.calls.count("authority.redeem")) == (ConsentOutcome.STORE_DOWN, 1)
    assert world.entry().intent == before.intent


@pytest.mark.parametrize("table", ["incidents.get", "incidents.save", "registry.save"])
def test_the_page_has_the_cause_although_the_operator_cannot_be_notified(world: World, table: str) -> None:
    back = world.go_and_return()
    world.authority.failures.append(SECRET_EXPIRED)
    world.calls.at("after", "authority.redeem", lambda: None)
    world.calls.at("before", "authority.redeem", lambda: down(world, table))
    result = world.complete(back)
    assert (result.ending, result.code) == (ConsentOutcome.OPERATOR_NEEDED, "7000222")


def test_a_paused_credential_is_not_put_on_the_schedule_by_a_sign_in(world: World) -> None:
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    world.complete(made_up(world))
    assert world.entry().next_action_at is None
    down(world, "store.put_pending")
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED_SOON
    assert world.entry().next_action_at is None


@pytest.mark.parametrize(
    "ahead",
    [pytest.param(timedelta(seconds=2), id="by a clock that is ahead"), pytest.param(timedelta(days=1), id="by hand")],
)
def test_a_consent_wins_over_one_that_is_dated_in_the_future(world: World, ahead: timedelta) -> None:
    identity = {**ANOTHER_PERSON, "consented_at": to_rfc3339(world.clock() + ahead)}
    identity |= {"tenant_id": OWNER.tenant_id, "object_id": OWNER.object_id}
    world.edit(identity=identity)
    back = world.go_and_return()
    assert world.complete(back).ending is ConsentOutcome.CONNECTED
    assert world.current_refresh_token() == world.authority.newest
    assert world.current().consent_generation > identity["consented_at"]


def test_a_consent_that_lost_to_a_later_one_is_not_reported_as_connected(world: World) -> None:
    back = world.go_and_return()
    later = world.clock() + timedelta(seconds=5)

    def another_person_is_faster() -> None:
        world.edit(
            identity={**ANOTHER_PERSON, "consented_at": to_rfc3339(later)},
            refresh_token="planted-token-of-another",
        )

    world.calls.at("before", "store.put_pending", another_person_is_faster)
    result = world.complete(back)
    assert (result.ending, result.previous_username) == (ConsentOutcome.ALREADY_DONE, "somebody-else@example.com")
    assert world.topic.alerts == []
