"""What the entry says of the refresh token after a failed exchange: unspent, refused, or maybe spent."""

from datetime import timedelta

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
from tests.fakes.kind import Kind
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.clock import readable_time
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result
from token_refresher.rotation.intent import End, ExchangeIntent

NOT_SENT = ProviderFailure(FailureKind.NOT_SENT)
DOUBT = "got no answer, so Microsoft may have replaced the refresh token"
CERTAINTIES = [
    pytest.param(NOT_SENT, id="nothing was sent"),
    pytest.param(
        ProviderFailure(FailureKind.NOT_SENT, reason=Reason.CERTIFICATE_NOT_TRUSTED),
        id="the certificate was not trusted",
    ),
    pytest.param(
        ProviderFailure(FailureKind.NOT_SENT, 407, reason=Reason.PROXY_WANTS_SIGN_IN), id="a proxy required a sign-in"
    ),
    pytest.param(
        ProviderFailure(FailureKind.UNUSABLE_ANSWER, 403, reason=Reason.FORBIDDEN),
        id="a firewall answered with a page",
    ),
    pytest.param(unavailable(429), id="the request was throttled"),
    pytest.param(refused(None, "temporarily_unavailable"), id="the provider was temporarily unavailable"),
    pytest.param(AMBIGUOUS, id="the token was refused, maybe for good"),
    pytest.param(SECRET_EXPIRED, id="the application was refused"),
]
DOUBTS = [
    pytest.param(NO_ANSWER, id="no answer came"),
    pytest.param(ProviderFailure(FailureKind.NO_ANSWER, 200), id="a success was cut off"),
    pytest.param(ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200), id="a success was unusable"),
    pytest.param(unavailable(503), id="the provider failed"),
]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def attempt(world: World, *failures: ProviderFailure) -> Result:
    """Advance to the next attempt, and make it."""
    due = world.entry().next_action_at
    world.clock.now = max(world.clock.now, due) if due else world.clock.now
    for failure in failures:
        world.authority.failures.extend(throughout_an_attempt(failure))
    return world.refresh().result


def intent(world: World) -> ExchangeIntent | None:
    return world.entry().intent


def cause(world: World) -> str:
    diagnosis = world.entry().diagnosis
    return diagnosis.cause if diagnosis else ""


@pytest.mark.parametrize("failure", CERTAINTIES)
def test_the_token_is_unspent_if(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    assert intent(world) is None


@pytest.mark.parametrize("failure", CERTAINTIES)
def test_the_intent_of_before_is_kept_if(world: World, failure: ProviderFailure) -> None:
    attempt(world)
    before = intent(world)
    attempt(world, failure)
    assert before is not None
    assert intent(world) == before


@pytest.mark.parametrize("failure", DOUBTS)
def test_the_token_may_be_spent_if(world: World, failure: ProviderFailure) -> None:
    token = world.current()
    attempt(world, failure)
    known = intent(world)
    assert known is not None
    assert (known.end, known.base.presented) == (End.UNANSWERED, token.fingerprint)


@pytest.mark.parametrize("failure", CERTAINTIES)
def test_an_open_doubt_stays_if_later(world: World, failure: ProviderFailure) -> None:
    attempt(world, NO_ANSWER)
    before = intent(world)
    attempt(world, failure)
    assert intent(world) == before


@pytest.mark.parametrize("failure", DOUBTS)
def test_the_cause_of_a_revocation_names_the_doubt_if_before(world: World, failure: ProviderFailure) -> None:
    began_at = world.clock()
    attempt(world, failure)
    attempt(world, REVOKED)
    assert DOUBT in cause(world)
    assert readable_time(began_at) in cause(world)


@pytest.mark.parametrize("failure", CERTAINTIES[:3])
def test_the_cause_of_a_revocation_names_no_doubt_if_before(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    attempt(world, REVOKED)
    assert world.entry().status is Status.NEEDS_CONSENT
    assert DOUBT not in cause(world)


def test_the_cause_of_a_revocation_names_no_doubt_that_a_good_refresh_ended(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world)
    attempt(world, REVOKED)
    assert DOUBT not in cause(world)


def test_the_cause_of_a_revocation_names_no_doubt_about_another_token(world: World) -> None:
    attempt(world, NO_ANSWER)
    world.edit(refresh_token=world.authority.open_family())
    attempt(world, REVOKED)
    assert DOUBT not in cause(world)


def test_the_cause_names_no_doubt_if_the_operator_has_to_act(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world, SECRET_EXPIRED)
    assert DOUBT not in cause(world)


def test_the_alert_to_the_user_who_has_to_sign_in_again_names_the_doubt(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world, REVOKED)
    assert DOUBT in world.topic.alerts[-1].cause


def test_without_another_token_the_old_one_is_used_once_more(world: World) -> None:
    """Microsoft still accepts it."""
    attempt(world, NO_ANSWER)
    assert attempt(world) is Result.REFRESHED
    assert world.authority.presented[0] == world.authority.presented[1]


def test_a_lost_answer_of_a_strict_provider_costs_the_sign_in_and_the_cause_says_so() -> None:
    world = World(Kind.STRICT)
    world.manage()
    attempt(world, NO_ANSWER)
    world.authority.revoke(world.current_refresh_token())
    attempt(world)
    assert (world.entry().status, DOUBT in cause(world)) == (Status.NEEDS_CONSENT, True)


# --- A failure that could not be written completely -------------------------------------------------------------------


def message_comes_again(world: World) -> None:
    """End the outage, and let SQS deliver the failed message again."""
    world.calls.forget()
    world.topic.out_of_order = False
    world.clock.advance(TIMING.visibility_timeout)


def test_a_doubt_is_in_the_entry_although_the_store_went_down_right_after(world: World) -> None:
    token = world.current()
    world.calls.at("before", "authority.refresh", lambda: down(world, "store.describe"))
    with pytest.raises(ServiceUnavailableError):
        attempt(world, NO_ANSWER)
    known = intent(world)
    assert known is not None
    assert (known.end, known.base.presented) == (End.UNANSWERED, token.fingerprint)


@pytest.mark.parametrize("call", ["store.describe", "registry.save"])
def test_a_failure_that_could_not_be_written_delays_the_next_attempt_no_longer_than_its_message(
    world: World, call: str
) -> None:
    world.calls.at("before", "authority.refresh", lambda: down(world, call))
    with pytest.raises(ServiceUnavailableError):
        attempt(world, NO_ANSWER)
    message_comes_again(world)
    assert attempt(world) is Result.REFRESHED


def test_a_revocation_is_no_doubt_although_the_store_went_down_right_after(world: World) -> None:
    world.calls.at("before", "authority.refresh", lambda: down(world, "store.describe"))
    with pytest.raises(ServiceUnavailableError):
        attempt(world, REVOKED)
    message_comes_again(world)
    attempt(world, REVOKED)
    assert (world.entry().status, DOUBT in cause(world)) == (Status.NEEDS_CONSENT, False)


def test_a_revocation_is_no_doubt_although_its_alert_was_not_sent(world: World) -> None:
    world.topic.out_of_order = True
    attempt(world, REVOKED)
    world.topic.out_of_order = False
    attempt(world)
    assert DOUBT not in world.topic.alerts[-1].cause


# --- An answer with a refresh token only ----------------------------------------------------------------------------


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


def test_without_a_good_access_token_the_refresh_token_is_stored_and_the_old_access_token_stays(
    world: World,
) -> None:
    """The old access token may still be valid; the new one is expired or missing."""
    before = world.current()
    world.authority.cut_off = True
    assert world.refresh().result is Result.RETRY_LATER
    after = world.current()
    assert (after.access_token, after.expires_at) == (before.access_token, before.expires_at)
    assert after.refresh_token == Sensitive(world.authority.newest)
    diagnosis = world.entry().diagnosis
    assert diagnosis is not None
    assert (diagnosis.code, "is stored" in diagnosis.cause) == ("no_access_token", True)


# --- A refusal that a doubt explains ----------------------------------------------------------------------------------

BARE = refused(None)
"""What a strict provider answers to a token that it has replaced (RFC 6749, section 5.2)."""


@pytest.mark.parametrize("failure", DOUBTS)
def test_a_bare_refusal_that_a_doubt_explains_needs_one_confirmation(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    world.authority.presented.clear()
    attempt(world, BARE)
    assert (world.entry().status, world.topic.events) == (Status.RETRYING, [])
    asked_at = world.clock()
    attempt(world, BARE)
    assert (world.entry().status, len(world.authority.presented)) == (Status.NEEDS_CONSENT, 2)
    assert world.clock() - asked_at <= timedelta(minutes=4)
    assert DOUBT in world.topic.alerts[-1].cause


def test_a_token_that_is_accepted_at_the_confirmation_notifies_nobody(world: World) -> None:
    attempt(world, NO_ANSWER)
    attempt(world, BARE)
    world.authority.failures.clear()  # The attempt used only one of them: the next attempt confirms the refusal.
    attempt(world)
    assert (world.entry().status, world.topic.alerts) == (Status.HEALTHY, [])


@pytest.mark.parametrize("failure", CERTAINTIES[:3])
def test_a_bare_refusal_without_a_doubt_needs_two_confirmations(world: World, failure: ProviderFailure) -> None:
    attempt(world, failure)
    for _ in range(2):
        attempt(world, BARE)
        assert world.entry().status is Status.RETRYING
    attempt(world, BARE)
    assert world.entry().status is Status.NEEDS_CONSENT


def test_a_refusal_with_a_code_needs_two_confirmations(world: World) -> None:
    """Microsoft still accepts an old refresh token, and such refusals have passed by themselves."""
    attempt(world, NO_ANSWER)
    for _ in range(2):
        attempt(world, AMBIGUOUS)
        assert world.entry().status is Status.RETRYING
