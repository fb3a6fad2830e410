"""Other writers change the secret or the entry during a refresh."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED
from tests.fakes.fake_authority import DEPUTY
from tests.fakes.kind import Kind
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.failure import ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

CALLS_BEFORE_THE_SWAP = ["registry.save", "authority.refresh", "store.put_pending", "store.promote"]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_an_edit_before_any_step_is_kept(world: World, call: str) -> None:
    world.calls.at("before", call, world.editing(note="of the operator"))
    world.refresh()
    world.refresh()
    assert '"note": "of the operator"' in world.store.current_text(NAME)


@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_an_edit_before_any_step_does_not_lose_the_newest_refresh_token(world: World, call: str) -> None:
    world.calls.at("before", call, world.editing(note="of the operator"))
    world.refresh()
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest


@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_an_import_before_any_step_stands(world: World, call: str) -> None:
    world.calls.at("before", call, world.editing(refresh_token="imported"))
    world.refresh()
    assert world.current_refresh_token() == "imported"


def test_a_refresh_that_an_import_overtakes_says_so(world: World) -> None:
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    assert world.refresh().result is Result.OVERTAKEN


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_a_consent_at_any_step_wins(world: World, call: str, moment: Moment) -> None:
    world.calls.at(moment, call, world.consenting(person=DEPUTY))
    world.refresh()
    consented = next(result for _, result, _ in world.consents.ended.values())
    identity = world.current().identity
    family = world.authority.family_of(world.current_refresh_token())
    assert (consented.username, identity.username if identity else None) == (DEPUTY.username, DEPUTY.username)
    assert family == 1, "the family of the consent, not of the refresh"


def test_a_consent_during_the_exchange_wins_although_the_answer_comes_later(world: World) -> None:
    consent = world.consenting(person=DEPUTY)

    def consent_then_wait() -> None:
        consent()
        world.clock.advance(timedelta(seconds=5))

    world.calls.at("before", "authority.refresh", consent_then_wait)
    world.refresh()
    assert world.authority.family_of(world.current_refresh_token()) == 1


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(REVOKED, id="a revocation"),
        pytest.param(AMBIGUOUS, id="an uncertain refusal"),
        pytest.param(NO_ANSWER, id="a timeout"),
    ],
)
def test_a_late_failure_cannot_overwrite_a_fresh_consent(world: World, failure: ProviderFailure) -> None:
    world.calls.at("before", "authority.refresh", world.consenting())
    world.calls.at("before", "authority.refresh", lambda: world.authority.failures.append(failure))
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.entry().status, world.entry().version_id) == (Status.HEALTHY, world.current_version())


def test_a_late_failure_notifies_nobody_after_a_consent(world: World) -> None:
    """Nobody has to act any more."""
    world.calls.at("before", "authority.refresh", world.consenting())
    world.calls.at("before", "authority.refresh", lambda: world.authority.failures.append(REVOKED))
    world.refresh()
    assert Event.RECONSENT_REQUIRED not in world.topic.events


def test_a_tick_that_finds_the_new_version_first_does_no_harm(world: World) -> None:
    world.calls.at("after", "store.promote", world.dispatcher.tick)
    world.refresh()
    world.refresh()
    assert (world.entry().status, world.entry().version_id) == (Status.HEALTHY, world.current_version())
    assert len(world.authority.presented) == 1


def test_a_malformed_secret_that_was_corrected_meanwhile_is_overtaken(world: World) -> None:
    mended = world.store.current_text(NAME)
    world.store.edit(NAME, "{}")

    def mend() -> None:
        world.set_entry(version_id=world.store.edit(NAME, mended))

    world.calls.at("before", "registry.save", mend)
    assert world.refresh().result is Result.OVERTAKEN


LONG = timedelta(minutes=10)
"""The time of an invocation that outlives the lease of its intent, which happens only if its machine stood still."""


def test_of_two_refreshers_the_second_stands_down(world: World) -> None:
    results = []
    world.calls.at("before", "authority.refresh", lambda: results.append(world.refresh().result))
    assert world.refresh().result is Result.REFRESHED
    assert (results, len(world.authority.presented)) == ([Result.UNDER_WAY], 1)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "call", ["store.describe", "store.read", "registry.save", "authority.refresh", "store.put_pending", "store.promote"]
)
def test_of_two_refreshers_one_presents_the_token_at_whatever_step_the_second_starts(
    world: World, call: str, moment: Moment
) -> None:
    world.calls.at(moment, call, world.refresh)
    world.refresh()
    assert len(world.authority.presented) == 1
    assert world.current_refresh_token() == world.authority.newest


def test_a_refresher_that_stands_down_writes_nothing(world: World) -> None:
    before = []

    def stand_down() -> None:
        before.append((world.entry(), world.store.contents(NAME)))
        world.refresh()
        before.append((world.entry(), world.store.contents(NAME)))

    world.calls.at("after", "authority.refresh", stand_down)
    world.refresh()
    assert before[0] == before[1]


@pytest.mark.parametrize(
    ("age", "result"),
    [
        pytest.param(
            TIMING.lease - timedelta(seconds=1), Result.UNDER_WAY, id="a second before: an exchange may be under way"
        ),
        pytest.param(TIMING.lease, Result.REFRESHED, id="when the lease is over: the worker has died"),
    ],
)
def test_an_exchange_waits_for_the_end_of_an_earlier_lease(world: World, age: timedelta, result: Result) -> None:
    world.calls.at("before", "authority.refresh", kill)
    with pytest.raises(KilledError):
        world.refresh()
    world.clock.advance(age)
    assert world.refresh().result is result


def test_a_refresher_that_was_overtaken_after_its_lease_puts_its_newer_token_on_top(world: World) -> None:
    def rival() -> None:
        world.clock.advance(TIMING.lease)
        world.refresh()
        world.clock.advance(timedelta(seconds=5))

    world.calls.at("before", "authority.refresh", rival)
    world.refresh(time_left=LONG)
    assert world.current().refreshed_at == world.clock()
    assert world.current_refresh_token() == world.authority.newest


def test_a_refresher_that_was_overtaken_after_its_lease_keeps_the_newer_token(world: World) -> None:
    def rival() -> None:
        world.clock.advance(TIMING.lease)
        world.refresh()

    world.calls.at("after", "authority.refresh", rival)
    assert world.refresh(time_left=LONG).result is Result.OVERTAKEN
    assert world.current_refresh_token() == world.authority.newest


def stale_read(world: World) -> Callable[[], None]:
    """Return an action that makes later reads return the staging labels as they are now."""
    state, current = world.store.describe(NAME), world.store.current(NAME)

    def install() -> None:
        world.store.describe = lambda name: state  # type: ignore[method-assign]
        world.store.current = lambda name: current  # type: ignore[method-assign]

    return install


def test_a_stale_read_right_after_a_rotation_presents_no_token() -> None:
    """Secrets Manager is eventually consistent, and the provider would revoke the sign-in."""
    world = World(Kind.STRICT)
    world.manage()
    make_stale = stale_read(world)
    world.refresh()
    entry = world.entry()
    world.set_entry(next_action_at=world.clock())
    make_stale()
    assert world.refresh().result is Result.OVERTAKEN
    assert (len(world.authority.presented), world.entry().status) == (1, entry.status)


def test_a_credential_is_refreshed_again_after_a_stale_read(world: World) -> None:
    describe, make_stale = world.store.describe, stale_read(world)
    world.refresh()
    make_stale()
    world.refresh()
    world.store.describe = describe  # type: ignore[method-assign] # Reads are current again.
    world.clock.advance(timedelta(minutes=45))
    assert world.refresh().result is Result.REFRESHED


def test_an_edit_back_to_an_old_text_does_not_bring_a_spent_token_back(world: World) -> None:
    """An operator whose page was open for a while saves the previous refresh token."""
    old = world.store.current_text(NAME)
    world.calls.at("after", "store.put_pending", lambda: world.store.edit(NAME, old))
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest


def test_an_edit_of_an_old_copy_gets_the_newest_token_and_keeps_its_changes() -> None:
    """An operator's page was open during a refresh, and the operator saves it afterwards."""
    world = World(Kind.STRICT)
    world.manage()
    save = world.editing(note="of the operator")
    world.refresh()
    save()
    assert world.refresh().result is Result.RECOVERED
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)
    assert '"note": "of the operator"' in world.store.current_text(NAME)


def test_an_edit_of_a_copy_from_several_refreshes_ago_gets_the_newest_token_too() -> None:
    world = World(Kind.STRICT)
    world.manage()
    save = world.editing(note="of the operator")
    for _ in range(3):
        world.refresh()
        world.clock.advance(timedelta(minutes=45))
    save()
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest
    assert '"note": "of the operator"' in world.store.current_text(NAME)


def test_the_entry_has_the_user_who_consented_however_the_refresh_ends(world: World) -> None:
    identity = {"username": "ads-owner@example.com", "consented_at": to_rfc3339(world.clock())}
    world.edit(identity=identity)
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    known = world.entry().identity
    assert known is not None
    assert known.username == "ads-owner@example.com"
