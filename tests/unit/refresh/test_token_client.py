"""A client secret that Microsoft refuses, and the previous client secret."""

import pytest

from tests.fakes.failures import (
    AMBIGUOUS,
    NO_ANSWER,
    REVOKED,
    SECRET_EXPIRED,
    refused,
    throughout_an_attempt,
    unavailable,
)
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.failure import ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.rotation.intent import End

SECRET_WRONG = refused(7000215, "invalid_client")
PREVIOUS = "planted-client-secret-of-before"
CURRENT = "planted-client-secret"


@pytest.fixture
def world() -> World:
    """A credential that is due, with a new client secret and the previous one."""
    world = World()
    world.manage(previous_client_secret=PREVIOUS)
    return world


def refresh(world: World, *failures: ProviderFailure) -> Outcome:
    world.authority.failures.extend(failures)
    return world.refresh()


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(SECRET_WRONG, id="is wrong"),
        pytest.param(SECRET_EXPIRED, id="has expired"),
        pytest.param(refused(None, "invalid_client"), id="is refused without a code"),
    ],
)
def test_the_previous_client_secret_is_tried_if_the_current_one(world: World, failure: ProviderFailure) -> None:
    outcome = refresh(world, failure)
    assert (outcome.result, outcome.used_previous_client_secret) == (Result.REFRESHED, True)
    assert world.authority.signed_in_with == [CURRENT, PREVIOUS]


def test_a_refresh_with_the_previous_client_secret_is_like_any_other(world: World) -> None:
    refresh(world, SECRET_WRONG)
    assert world.current_refresh_token() == world.authority.newest
    assert (world.entry().status, world.entry().diagnosis, world.topic.alerts) == (Status.HEALTHY, None, [])


def test_the_second_call_costs_no_call_to_aws(world: World) -> None:
    refresh(world, SECRET_WRONG)
    with_both = world.calls.log
    assert with_both.count("authority.refresh") == 2
    assert [call for call in with_both if call.startswith("store.")] == [
        "store.describe",
        "store.read",
        "store.put_pending",
        "store.promote",
    ]
    assert with_both.count("registry.save") == 2


def test_both_client_secrets_stay_in_the_document(world: World) -> None:
    refresh(world, SECRET_WRONG)
    credential = world.current()
    assert credential.client_secret is not None
    assert credential.previous_client_secret is not None
    assert (credential.client_secret.reveal(), credential.previous_client_secret.reveal()) == (CURRENT, PREVIOUS)


def test_an_accepted_client_secret_is_the_only_one_sent(world: World) -> None:
    assert not refresh(world).used_previous_client_secret
    assert world.authority.signed_in_with == [CURRENT]


@pytest.mark.parametrize(
    "failures",
    [
        pytest.param([REVOKED], id="a revoked grant"),
        pytest.param(throughout_an_attempt(AMBIGUOUS), id="an uncertain refusal"),
        pytest.param([NO_ANSWER], id="no answer"),
        pytest.param([unavailable()], id="an outage"),
        pytest.param([refused(7000218, "invalid_client")], id="a request without a client secret"),
        pytest.param([refused(700016, "unauthorized_client")], id="an unknown application"),
    ],
)
def test_the_previous_client_secret_is_not_tried_after(world: World, failures: list[ProviderFailure]) -> None:
    refresh(world, *failures)
    assert PREVIOUS not in world.authority.signed_in_with


def test_without_a_previous_client_secret_the_operator_is_notified_at_once(world: World) -> None:
    world.edit(previous_client_secret=None)
    assert refresh(world, SECRET_WRONG).result is Result.NEEDS_A_PERSON
    assert world.authority.signed_in_with == [CURRENT]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(SECRET_EXPIRED, id="the previous client secret has expired"),
        pytest.param(REVOKED, id="the grant is revoked as well"),
        pytest.param(AMBIGUOUS, id="the second refusal may pass by itself"),
    ],
)
def test_of_two_refusals_the_alert_has_the_first_if(world: World, second: ProviderFailure) -> None:
    outcome = refresh(world, SECRET_WRONG, second)
    assert outcome.diagnosis is not None
    assert (outcome.result, outcome.diagnosis.code) == (Result.NEEDS_A_PERSON, "7000215")
    assert not outcome.used_previous_client_secret
    assert [alert.code for alert in world.topic.alerts] == ["7000215"]


def test_two_refusals_spend_no_token_and_leave_nothing_in_doubt(world: World) -> None:
    refresh(world, SECRET_WRONG, SECRET_EXPIRED)
    assert world.entry().intent is None
    assert len(set(world.authority.presented)) == 1


@pytest.mark.parametrize(
    "second",
    [pytest.param(NO_ANSWER, id="its call gets no answer"), pytest.param(unavailable(), id="Microsoft is down")],
)
def test_nobody_is_notified_while_the_previous_client_secret_may_still_work_because(
    world: World, second: ProviderFailure
) -> None:
    assert refresh(world, SECRET_WRONG, second).result is Result.RETRY_LATER
    assert (world.entry().status, world.topic.alerts) == (Status.RETRYING, [])


def test_a_second_call_without_an_answer_may_have_spent_the_token(world: World) -> None:
    refresh(world, SECRET_WRONG, NO_ANSWER)
    intent = world.entry().intent
    assert intent is not None
    assert intent.end is End.UNANSWERED


def test_without_time_for_a_second_call_the_first_refusal_stands(world: World) -> None:
    world.authority.failures.append(SECRET_WRONG)
    assert world.refresh(time_left=TIMING.exchange).result is Result.NEEDS_A_PERSON
    assert world.authority.signed_in_with == [CURRENT]


def test_the_answer_to_a_request_says_which_client_secret_was_accepted(world: World) -> None:
    world.authority.failures.append(SECRET_WRONG)
    world.refresh(NAME, request_id="request-1")
    answer = world.entry().answer
    assert answer is not None
    assert (answer.outcome.result, answer.outcome.used_previous_client_secret) == (Result.REFRESHED, True)
