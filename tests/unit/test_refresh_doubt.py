"""What is known of the refresh token after an exchange that failed: unused, refused, or maybe spent."""

import pytest

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED, SECRET_EXPIRED, refused, throughout_a_look, unavailable
from tests.fakes.fake_authority import Kind
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.clock import readable_time
from token_refresher.errors import ServiceUnavailableError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.intent import End, Intent
from token_refresher.outcome import Result
from token_refresher.sensitive import Sensitive
from token_refresher.status import Status

NOT_SENT = ProviderFailure(FailureKind.NOT_SENT)
DOUBT = "got no answer, so the refresh token may have been replaced"
CERTAINTIES = [
    pytest.param(NOT_SENT, id="nothing was sent"),
    pytest.param(unavailable(429), id="it was throttled"),
    pytest.param(refused(None, "temporarily_unavailable"), id="it was refused for now"),
    pytest.param(AMBIGUOUS, id="it was refused, maybe for good"),
    pytest.param(SECRET_EXPIRED, id="the app was refused"),
]
DOUBTS = [
    pytest.param(NO_ANSWER, id="no answer came"),
    pytest.param(ProviderFailure(FailureKind.NO_ANSWER, 200), id="a success was cut off"),
    pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200), id="a success was of no use"),
    pytest.param(unavailable(503), id="the provider failed"),
]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def attempt(world: World, *failures: ProviderFailure) -> Result:
    """Let the next time come, and make an attempt."""
    due = world.entry().next_action_at
    world.clock.now = max(world.clock.now, due) if due else world.clock.now
    for failure in failures:
        world.authority.failures.extend(throughout_a_look(failure))
    return world.refresh().result


def intent(world: World) -> Intent | None:
    return world.entry().intent


def cause(world: World) -> str:
    diagnosis = world.entry().diagnosis
    return diagnosis.cause if diagnosis else ""


@pytest.mark.parametrize("failure", CERTAINTIES)
def test_after_this_the_token_is_as_it_was(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    assert intent(world) is None


@pytest.mark.parametrize("failure", CERTAINTIES)
def test_after_this_what_was_known_before_is_known_again(world: World, failure: ProviderFailure) -> None:
    attempt(world)
    before = intent(world)
    attempt(world, failure)
    assert before is not None
    assert intent(world) == before


@pytest.mark.parametrize("failure", DOUBTS)
def test_after_this_the_token_may_be_spent(world: World, failure: ProviderFailure) -> None:
    token = world.current()
    attempt(world, failure)
    known = intent(world)
    assert known is not None
    assert (known.end, known.base.presented) == (End.UNANSWERED, token.fingerprint)


@pytest.mark.parametrize("failure", CERTAINTIES)
def test_a_doubt_is_not_forgotten_over_a_certainty(world: World, failure: ProviderFailure) -> None:
    attempt(world, NO_ANSWER)
    before = intent(world)
    attempt(world, failure)
    assert intent(world) == before


@pytest.mark.parametrize("failure", DOUBTS)
def test_a_revocation_after_a_doubt_says_what_happened(world: World, failure: ProviderFailure) -> None:
    began_at = world.clock()
    attempt(world, failure)
    attempt(world, REVOKED)
    assert DOUBT in cause(world)
    assert readable_time(began_at) in cause(world)


@pytest.mark.parametrize("failure", CERTAINTIES[:3])
def test_a_revocation_after_a_certainty_says_nothing_of_it(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    attempt(world, REVOKED)
    assert world.entry().status is Status.NEEDS_CONSENT
    assert DOUBT not in cause(world)


def test_a_revocation_after_a_doubt_that_a_good_refresh_ended_says_nothing_of_it(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world)
    attempt(world, REVOKED)
    assert DOUBT not in cause(world)


def test_a_revocation_of_a_token_that_was_imported_after_a_doubt_says_nothing_of_it(world: World) -> None:
    attempt(world, NO_ANSWER)
    world.edit(refresh_token=world.authority.open_family())
    attempt(world, REVOKED)
    assert DOUBT not in cause(world)


def test_what_the_operator_has_to_mend_says_nothing_of_a_doubt(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world, SECRET_EXPIRED)
    assert DOUBT not in cause(world)


def test_a_doubt_is_told_to_whoever_has_to_sign_in_again(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world, REVOKED)
    assert DOUBT in world.topic.alerts[-1].cause


def test_where_the_old_token_is_all_there_is_it_is_used_once_more(world: World) -> None:
    """Microsoft keeps it valid."""
    attempt(world, NO_ANSWER)
    assert attempt(world) is Result.REFRESHED
    assert world.authority.presented[0] == world.authority.presented[1]


def test_a_strict_provider_that_lost_its_answer_costs_the_sign_in_and_the_operator_reads_why() -> None:
    world = World(Kind.STRICT)
    world.manage()
    attempt(world, NO_ANSWER)
    world.authority.revoke(world.current_refresh_token())
    attempt(world)
    assert (world.entry().status, DOUBT in cause(world)) == (Status.NEEDS_CONSENT, True)


# --- A failure of which not all could be recorded ---------------------------------------------------------------------


def comes_again(world: World) -> None:
    """Whatever was down is up, and the message that was not done is delivered once more."""
    world.calls.forget()
    world.topic.out_of_order = False
    world.clock.advance(TIMING.visibility_timeout)


def test_a_doubt_is_known_although_the_store_went_down_right_after(world: World) -> None:
    token = world.current()
    world.calls.at("before", "authority.refresh", lambda: down(world, "store.describe"))
    with pytest.raises(ServiceUnavailableError):
        attempt(world, NO_ANSWER)
    known = intent(world)
    assert known is not None
    assert (known.end, known.base.presented) == (End.UNANSWERED, token.fingerprint)


@pytest.mark.parametrize("call", ["store.describe", "registry.save"])
def test_a_failure_that_could_not_be_recorded_holds_up_the_next_attempt_for_no_longer_than_its_message(
    world: World, call: str
) -> None:
    world.calls.at("before", "authority.refresh", lambda: down(world, call))
    with pytest.raises(ServiceUnavailableError):
        attempt(world, NO_ANSWER)
    comes_again(world)
    assert attempt(world) is Result.REFRESHED


def test_a_revocation_is_no_doubt_although_the_store_went_down_right_after(world: World) -> None:
    world.calls.at("before", "authority.refresh", lambda: down(world, "store.describe"))
    with pytest.raises(ServiceUnavailableError):
        attempt(world, REVOKED)
    comes_again(world)
    attempt(world, REVOKED)
    assert (world.entry().status, DOUBT in cause(world)) == (Status.NEEDS_CONSENT, False)


def test_a_revocation_is_no_doubt_although_nobody_could_be_told_of_it(world: World) -> None:
    world.topic.out_of_order = True
    attempt(world, REVOKED)
    world.topic.out_of_order = False
    attempt(world)
    assert DOUBT not in world.topic.alerts[-1].cause


# --- An answer of which only the refresh token came -----------------------------------------------------------------


def test_a_refresh_token_that_came_alone_is_stored(world: World) -> None:
    before = world.current()
    world.authority.cut_off = True
    assert attempt(world) is Result.RETRY_LATER
    assert world.current_refresh_token() == world.authority.newest
    assert (world.current().access_token, world.current().expires_at) == (before.access_token, before.expires_at)


def test_a_refresh_token_that_came_alone_is_used_by_the_next_attempt() -> None:
    world = World(Kind.STRICT)
    world.manage()
    world.authority.cut_off = True
    attempt(world)
    alone = world.authority.newest
    assert attempt(world) is Result.REFRESHED
    assert world.authority.presented[-1] == Sensitive(alone).fingerprint
    assert world.current().refreshed_at == world.clock()


def test_a_refresh_token_that_came_alone_leaves_no_doubt(world: World) -> None:
    world.authority.cut_off = True
    attempt(world)
    attempt(world, REVOKED)
    assert DOUBT not in cause(world)


def test_a_refresh_token_that_came_alone_does_not_lose_an_edit(world: World) -> None:
    world.authority.cut_off = True
    world.calls.at("before", "store.promote", world.editing(note="of the operator"))
    attempt(world)
    assert world.current_refresh_token() == world.authority.newest
    assert '"note": "of the operator"' in world.store.current_text(NAME)
