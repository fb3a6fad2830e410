"""A client secret that Microsoft refuses, and the one before it."""

from datetime import timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED, SECRET_EXPIRED, refused, throughout_a_look, unavailable
from tests.fakes.world import NAME, TIMING, World
from token_refresher.failure import ProviderFailure
from token_refresher.intent import End
from token_refresher.outcome import Outcome, Result
from token_refresher.status import Status

SECRET_WRONG = refused(7000215, "invalid_client")
BEFORE = "planted-client-secret-of-before"
NOW = "planted-client-secret"


@pytest.fixture
def world() -> World:
    """A credential that is due, and whose client secret has just been replaced."""
    world = World()
    world.manage(previous_client_secret=BEFORE)
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
def test_the_client_secret_of_before_is_tried_where_the_present_one(world: World, failure: ProviderFailure) -> None:
    outcome = refresh(world, failure)
    assert (outcome.result, outcome.used_previous_client_secret) == (Result.REFRESHED, True)
    assert world.authority.signed_in_with == [NOW, BEFORE]


def test_a_refresh_with_the_client_secret_of_before_is_one_like_any_other(world: World) -> None:
    refresh(world, SECRET_WRONG)
    assert world.current_refresh_token() == world.authority.newest
    assert (world.entry().status, world.entry().diagnosis, world.topic.alerts) == (Status.HEALTHY, None, [])


def test_the_second_call_costs_nothing_at_aws(world: World) -> None:
    refresh(world, SECRET_WRONG)
    with_both, world.calls.log = world.calls.log, []
    world.clock.advance(timedelta(minutes=45))
    refresh(world)
    assert with_both == [*world.calls.log[:6], "authority.refresh", *world.calls.log[6:]]


def test_both_client_secrets_stay_in_the_document(world: World) -> None:
    refresh(world, SECRET_WRONG)
    credential = world.current()
    assert credential.client_secret is not None
    assert credential.previous_client_secret is not None
    assert (credential.client_secret.reveal(), credential.previous_client_secret.reveal()) == (NOW, BEFORE)


def test_a_client_secret_that_is_taken_is_the_only_one_that_is_sent(world: World) -> None:
    assert not refresh(world).used_previous_client_secret
    assert world.authority.signed_in_with == [NOW]


@pytest.mark.parametrize(
    "failures",
    [
        pytest.param([REVOKED], id="a dead grant"),
        pytest.param(throughout_a_look(AMBIGUOUS), id="an uncertain refusal"),
        pytest.param([NO_ANSWER], id="no answer"),
        pytest.param([unavailable()], id="an outage"),
        pytest.param([refused(7000218, "invalid_client")], id="no client secret at all"),
        pytest.param([refused(700016, "unauthorized_client")], id="an application that nobody knows"),
    ],
)
def test_the_client_secret_of_before_mends_no(world: World, failures: list[ProviderFailure]) -> None:
    refresh(world, *failures)
    assert BEFORE not in world.authority.signed_in_with


def test_without_a_client_secret_of_before_the_refusal_is_told_at_once(world: World) -> None:
    world.edit(previous_client_secret=None)
    assert refresh(world, SECRET_WRONG).result is Result.NEEDS_A_PERSON
    assert world.authority.signed_in_with == [NOW]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(SECRET_EXPIRED, id="the client secret of before has expired"),
        pytest.param(REVOKED, id="the grant is dead as well"),
        pytest.param(AMBIGUOUS, id="it is refused in a way that may pass"),
    ],
)
def test_of_two_refusals_the_first_is_told_where(world: World, second: ProviderFailure) -> None:
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
    "second", [pytest.param(NO_ANSWER, id="it gets no answer"), pytest.param(unavailable(), id="Microsoft is down")]
)
def test_nobody_is_told_while_the_client_secret_of_before_may_still_work_because(
    world: World, second: ProviderFailure
) -> None:
    assert refresh(world, SECRET_WRONG, second).result is Result.RETRY_LATER
    assert (world.entry().status, world.topic.alerts) == (Status.RETRYING, [])


def test_a_second_call_without_an_answer_may_have_spent_the_token(world: World) -> None:
    refresh(world, SECRET_WRONG, NO_ANSWER)
    intent = world.entry().intent
    assert intent is not None
    assert intent.end is End.UNANSWERED


def test_without_time_for_both_the_first_refusal_stands(world: World) -> None:
    world.authority.failures.append(SECRET_WRONG)
    assert world.refresh(time_left=TIMING.exchange).result is Result.NEEDS_A_PERSON
    assert world.authority.signed_in_with == [NOW]


def test_the_answer_to_a_request_says_which_client_secret_was_taken(world: World) -> None:
    world.authority.failures.append(SECRET_WRONG)
    world.refresh(NAME, request_id="request-1")
    answer = world.entry().answer
    assert answer is not None
    assert (answer.result, answer.used_previous_client_secret) == (Result.REFRESHED, True)
