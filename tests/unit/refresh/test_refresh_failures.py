"""What follows from a failed refresh: who has to act, and when the next attempt is."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.failures import (
    AMBIGUOUS,
    CORRELATION_ID,
    NO_ANSWER,
    REVOKED,
    SECRET_EXPIRED,
    refused,
    throughout_an_attempt,
    unavailable,
)
from tests.fakes.world import DUE_AGE, NAME, REMINDER, TIMING, World
from token_refresher.alerts.alert import Alert
from token_refresher.base.backoff import confirmation_delay
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.failure import ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def attempt(world: World, failure: ProviderFailure) -> None:
    """Advance to the next attempt, and let it fail."""
    due = world.entry().next_action_at
    world.clock.now = max(world.clock.now, due) if due else world.clock.now
    world.authority.failures.extend(throughout_an_attempt(failure))
    world.refresh()


def only_alert(world: World) -> Alert:
    assert len(world.topic.alerts) == 1
    return world.topic.alerts[0]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(NO_ANSWER, id="no answer"),
        pytest.param(unavailable(503), id="an error of the provider"),
        pytest.param(unavailable(429), id="too many requests"),
        pytest.param(refused(999999, "something_new"), id="an unknown code"),
    ],
)
def test_a_passing_failure_is_retried_and_notifies_nobody(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    assert (world.entry().status, world.topic.alerts) == (Status.RETRYING, [])


def test_a_passing_failure_does_not_change_the_secret(world: World) -> None:
    before = world.store.contents(NAME)
    attempt(world, NO_ANSWER)
    assert world.store.contents(NAME) == before


def test_the_pause_doubles_from_failure_to_failure(world: World) -> None:
    pauses = []
    for _ in range(3):
        attempt(world, NO_ANSWER)
        next_action_at = world.entry().next_action_at
        assert next_action_at is not None
        pauses.append((next_action_at - world.clock()).total_seconds())
    assert pauses == [60, 120, 240]


def test_no_pause_lets_a_valid_token_expire(world: World) -> None:
    for _ in range(4):
        attempt(world, NO_ANSWER)
    expires_at = world.current().expires_at
    assert expires_at is not None
    assert world.entry().next_action_at == expires_at - TIMING.schedule_period - SECOND


def test_retry_after_is_obeyed_and_spread_to_a_fifth_more(world: World) -> None:
    attempt(world, unavailable(429, retry_after=timedelta(minutes=5)))
    assert world.entry().next_action_at == world.clock() + timedelta(minutes=6)


def test_the_token_is_not_presented_again_before_retry_after(world: World) -> None:
    attempt(world, unavailable(429, retry_after=timedelta(minutes=7)))
    world.clock.advance(timedelta(minutes=7) - SECOND)
    world.refresh()
    assert len(world.authority.presented) == 1


def test_the_attempt_after_the_pause_ends_it(world: World) -> None:
    attempt(world, NO_ANSWER)
    world.clock.advance(timedelta(minutes=1))
    assert world.refresh().result is Result.REFRESHED
    assert (world.entry().status, world.entry().failures, world.entry().diagnosis) == (Status.HEALTHY, 0, None)


def test_a_certain_revocation_waits_for_a_consent(world: World) -> None:
    attempt(world, REVOKED)
    assert world.entry().status is Status.NEEDS_CONSENT


def test_a_certain_revocation_does_not_change_the_secret(world: World) -> None:
    before = world.store.contents(NAME)
    attempt(world, REVOKED)
    assert world.store.contents(NAME) == before


def test_the_alert_of_a_certain_revocation_has_a_link_that_works(world: World) -> None:
    attempt(world, REVOKED)
    alert = only_alert(world)
    assert (alert.event, alert.credential, alert.code) == (Event.RECONSENT_REQUIRED, NAME, "50173")
    invite = parse_qs(urlsplit(alert.connect_url or "").query)["invite"][0]
    assert world.consent.landing(NAME, invite).credential == NAME


def test_an_alert_names_what_support_asks_for(world: World) -> None:
    attempt(world, REVOKED)
    assert only_alert(world).correlation_id == CORRELATION_ID


def test_an_alert_says_until_when_pipelines_keep_working(world: World) -> None:
    attempt(world, REVOKED)
    assert only_alert(world).expires_at == world.current().expires_at


def test_an_alert_says_who_has_to_sign_in(world: World) -> None:
    world.edit(identity={"username": "ads-owner@example.com", "consented_at": to_rfc3339(world.clock())})
    attempt(world, REVOKED)
    assert "ads-owner@example.com" in only_alert(world).summary


@pytest.mark.parametrize(("attempts", "alerts"), [(1, 0), (2, 0), (3, 1)])
def test_an_uncertain_refusal_notifies_the_user_after_three_in_a_row(world: World, attempts: int, alerts: int) -> None:
    for _ in range(attempts):
        attempt(world, AMBIGUOUS)
    assert world.topic.events.count(Event.RECONSENT_REQUIRED) == alerts


def test_an_uncertain_refusal_that_another_failure_interrupts_is_not_three_in_a_row(world: World) -> None:
    for failure in (AMBIGUOUS, NO_ANSWER, AMBIGUOUS):
        attempt(world, failure)
    assert world.entry().failures == 1
    assert Event.RECONSENT_REQUIRED not in world.topic.events


def test_the_attempts_to_confirm_are_spaced_out(world: World) -> None:
    attempt(world, AMBIGUOUS)
    assert world.entry().next_action_at == world.clock() + confirmation_delay(1)


def test_an_expired_client_secret_notifies_the_operator(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    alert = only_alert(world)
    assert (world.entry().status, alert.event, alert.connect_url) == (
        Status.NEEDS_OPERATOR,
        Event.OPERATOR_ACTION_REQUIRED,
        None,
    )


def test_a_new_client_secret_is_tried_at_once(world: World) -> None:
    attempt(world, SECRET_EXPIRED)
    world.edit(client_secret="planted-new-client-secret")
    assert world.refresh().result is Result.REFRESHED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("client_id", 7, id="the client id is a number"),
        pytest.param("tenant", "../other", id="the tenant is a path"),
        pytest.param("expires_at", "tomorrow", id="a time has the wrong format"),
    ],
)
def test_the_alert_of_a_malformed_document_names_the_field(world: World, field: str, value: Any) -> None:
    world.edit(**{field: value})
    world.refresh()
    alert = only_alert(world)
    assert (alert.event, field in alert.cause, field in alert.action) == (Event.OPERATOR_ACTION_REQUIRED, True, True)


def test_a_malformed_document_waits_for_the_operator(world: World) -> None:
    world.edit(tenant="../other")
    assert world.refresh().result is Result.NEEDS_A_PERSON
    assert world.entry().status is Status.NEEDS_OPERATOR


def test_a_malformed_document_is_not_written(world: World) -> None:
    world.edit(tenant="../other")
    before = world.store.contents(NAME)
    world.refresh()
    assert (world.store.contents(NAME), world.authority.presented) == (before, [])


def test_the_alert_of_a_binary_secret_says_that_it_is_binary(world: World) -> None:
    world.store.edit(NAME, b"\x00")
    world.refresh()
    assert "binary" in only_alert(world).cause


def test_a_credential_without_a_refresh_token_awaits_its_first_consent(world: World) -> None:
    world.never_connect()
    world.refresh()
    alert = only_alert(world)
    assert (world.entry().status, alert.event) == (Status.AWAITING_CONSENT, Event.RECONSENT_REQUIRED)
    assert alert.connect_url is not None


def test_a_rejected_grant_is_presented_once_in_twelve_hours(world: World) -> None:
    attempt(world, REVOKED)
    for _ in range(12):
        world.clock.advance(timedelta(hours=1))
        world.refresh()
    assert len(world.authority.presented) == 1


def test_a_rejected_grant_is_tried_again_with_the_reminder(world: World) -> None:
    attempt(world, REVOKED)
    assert world.entry().next_action_at == world.clock() + REMINDER


def test_a_failed_attempt_still_writes_when_the_access_token_expires(world: World) -> None:
    attempt(world, REVOKED)
    assert world.entry().expires_at == world.clock() - DUE_AGE + timedelta(hours=1)
