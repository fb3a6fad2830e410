"""What goes wrong at every provider: the sign-in is revoked, the provider is down; and the way back."""

from datetime import timedelta

import pytest

from tests.conformance.connection import Connection, issued
from token_refresher.base.failure import FailureKind
from token_refresher.base.timeouts import Timeouts
from token_refresher.diagnosis.diagnosis import Actor

HASTY = Timeouts(connect=timedelta(seconds=5), read=timedelta(seconds=0.2))


def test_a_revoked_sign_in_needs_the_person(connection: Connection) -> None:
    token = issued(connection.consent())
    connection.control.revoke(connection.client_id)
    diagnosis = connection.diagnosis(token)
    assert diagnosis.actor is Actor.USER
    again = connection.diagnosis(token)
    assert again.actor is Actor.USER, "the second attempt does not confirm the first"
    assert diagnosis.certain or again.condition == diagnosis.condition


def test_the_refusal_of_a_revoked_sign_in_spends_nothing(connection: Connection) -> None:
    token = issued(connection.consent())
    connection.control.revoke(connection.client_id)
    assert not connection.failure(token).may_have_been_granted


def test_the_words_are_the_providers(connection: Connection) -> None:
    token = issued(connection.consent())
    connection.control.revoke(connection.client_id)
    said = connection.diagnosis(token)
    if connection.entry.words.provider != "Microsoft":
        assert "Microsoft" not in said.cause.replace(connection.entry.words.product, "")
        assert connection.entry.words.provider.lower() in f"{said.cause} {said.action}".lower()


def test_a_reconnect_ends_a_revoked_sign_in(connection: Connection) -> None:
    connection.consent()
    connection.control.revoke(connection.client_id)
    connection.clock.pass_by(timedelta(minutes=1))
    assert connection.refresh(issued(connection.consent())).access_token


@pytest.mark.parametrize("fault", ["server_error", "temporarily_unavailable", "empty", "no_access_token", "throttle"])
def test_an_outage_needs_nobody_and_loses_nothing(connection: Connection, fault: str) -> None:
    token = issued(connection.consent())
    connection.control.fault(connection.client_id, fault)
    diagnosis = connection.diagnosis(token)
    assert diagnosis.actor is Actor.NOBODY
    assert connection.refresh(token).access_token


def test_a_provider_that_does_not_answer_in_time_needs_nobody(connection: Connection) -> None:
    token = issued(connection.consent())
    connection.control.fault(connection.client_id, "hang", seconds=1)
    failure = connection.failure(token, HASTY)
    assert failure.kind is FailureKind.NO_ANSWER
    assert failure.may_have_been_granted
    assert connection.provider().diagnose(failure).actor is Actor.NOBODY


def test_an_app_that_is_not_known_needs_the_operator(connection: Connection) -> None:
    token = issued(connection.consent())
    assert connection.diagnosis(token, client_id="app-of-nobody").actor is Actor.OPERATOR


def test_an_app_of_one_provider_is_not_known_at_another(connection: Connection) -> None:
    other = Connection("google" if connection.name == "xero" else "xero", connection.url, connection.clock)
    token = issued(connection.consent())
    assert connection.diagnosis(token, client_id=other.client_id).actor is Actor.OPERATOR
