"""Valid and invalid links, and the return from Microsoft: once, in time, in the same browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.fake_authority import OWNER
from tests.fakes.outages import failing
from tests.fakes.world import NAME, REMINDER, World, arrival
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.pending import LIFETIME, RESULT_LIFETIME
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.providers.authorization import SignInOptions
from token_refresher.rotation.secret_store import MOVED_TO_TAG


@pytest.fixture
def world() -> World:
    return World.waiting()


def complete(world: World) -> ConsentResult:
    return world.complete(world.go_and_return())


def ending_of(world: World, invite: str) -> ConsentResult:
    with pytest.raises(ConsentEndedError) as ended:
        world.consent.landing(NAME, invite)
    return ended.value.result


@pytest.mark.parametrize("change", ["x", "."])
def test_an_altered_invite_is_invalid(world: World, change: str) -> None:
    assert ending_of(world, world.invite() + change).ending is ConsentOutcome.INVALID_INVITE


def test_an_invite_for_another_credential_is_invalid(world: World) -> None:
    assert ending_of(world, world.links.sign(world.links.invite("other", ""))).ending is ConsentOutcome.INVALID_INVITE


def test_an_invite_for_a_deleted_credential_gets_the_page_of_a_guessed_one(world: World) -> None:
    invite = world.invite()
    world.store.delete(NAME)
    assert ending_of(world, invite) == ConsentResult(ConsentOutcome.INVALID_INVITE)


def test_an_invite_for_a_renamed_credential_gets_the_page_of_a_deleted_one(
    world: World,
) -> None:
    invite = world.invite()
    world.store.tag(NAME, **{MOVED_TO_TAG: "another"})
    assert ending_of(world, invite) == ConsentResult(ConsentOutcome.INVALID_INVITE)


def test_an_invite_expires(world: World) -> None:
    invite = world.invite()
    world.clock.advance(timedelta(days=7))
    assert ending_of(world, invite).ending is ConsentOutcome.EXPIRED_INVITE


def test_an_operator_can_withdraw_the_links_of_a_credential(world: World) -> None:
    """A link may have been leaked."""
    invite = world.invite()
    world.clock.advance(timedelta(seconds=1))
    world.edit(invites_valid_from=to_rfc3339(world.clock()))
    assert ending_of(world, invite) == ConsentResult(
        ConsentOutcome.WITHDRAWN_INVITE, NAME, account_id="1234567", words=MICROSOFT
    )


def test_a_link_that_was_made_after_the_others_were_withdrawn_works(world: World) -> None:
    world.edit(invites_valid_from=to_rfc3339(world.clock()))
    assert world.consent.landing(NAME, world.invite()).credential == NAME


def test_a_pending_sign_in_ends_with_its_link(world: World) -> None:
    back = world.go_and_return()
    world.clock.advance(timedelta(seconds=1))
    world.edit(invites_valid_from=to_rfc3339(world.clock()))
    assert world.complete(back).ending is ConsentOutcome.WITHDRAWN_INVITE
    assert world.calls.count("authority.redeem") == 0


def test_a_second_tab_shows_that_the_first_was_faster(world: World) -> None:
    first, second = world.go_and_return(), world.go_and_return()
    world.clock.advance(timedelta(seconds=1))
    world.complete(first)
    result = world.complete(second)
    assert (result.ending, result.previous_username) == (ConsentOutcome.ALREADY_DONE, OWNER.username)
    assert world.calls.count("authority.redeem") == 1


def test_a_new_start_works_no_longer_than_the_opened_link(world: World) -> None:
    invite = world.links.read(NAME, world.invite())
    world.clock.advance(timedelta(days=6))
    result = world.complete(world.go_and_return(invite=world.links.sign(invite), with_refresh_token=False))
    assert result.invite == invite


@pytest.mark.parametrize(
    ("withdrawn", "ending"),
    [
        pytest.param(True, ConsentOutcome.WITHDRAWN_INVITE, id="withdrawn"),
        pytest.param(False, ConsentOutcome.EXPIRED_INVITE, id="too old"),
    ],
)
def test_an_ended_link_does_not_say_who_has_connected(world: World, ending: ConsentOutcome, *, withdrawn: bool) -> None:
    invite = world.invite()
    complete(world)
    world.clock.advance(timedelta(days=7))
    if withdrawn:
        world.edit(invites_valid_from=to_rfc3339(world.clock()))
    result = ending_of(world, invite)
    assert (result.ending, result.username, result.previous_username, result.at) == (ending, "", "", "")


def test_an_invite_for_a_malformed_credential_asks_for_the_operator(world: World) -> None:
    invite = world.invite()
    world.edit(client_id=None)
    result = ending_of(world, invite)
    assert (result.ending, "client_id" in result.cause) == (ConsentOutcome.OPERATOR_NEEDED, True)


def test_a_used_link_says_who_has_connected_and_when(world: World) -> None:
    invite = world.invite()
    complete(world)
    result = ending_of(world, invite)
    assert (result.ending, result.previous_username, result.at) == (
        ConsentOutcome.ALREADY_DONE,
        OWNER.username,
        to_rfc3339(world.clock()),
    )


def test_a_used_link_starts_nothing(world: World) -> None:
    invite = world.invite()
    complete(world)
    with pytest.raises(ConsentEndedError):
        world.consent.start(NAME, invite, SignInOptions())
    assert world.consents.started == {}


def test_a_second_hit_shows_the_result_of_the_first(world: World) -> None:
    back = world.go_and_return()
    first = world.complete(back)
    assert world.complete(back) == first


def test_a_second_hit_redeems_nothing(world: World) -> None:
    back = world.go_and_return()
    world.complete(back)
    world.complete(back)
    assert world.calls.count("authority.redeem") == 1


def test_a_page_that_is_reloaded_during_the_first_hit_waits_for_its_end(world: World) -> None:
    """The browser drops the first request, so the person would not see that it worked."""
    back = world.go_and_return()
    [started] = world.consents.started.values()
    seen: list[ConsentResult] = []

    def reload_the_page() -> None:
        world.calls.at("before", "consents.result", end_the_first, number=3)
        seen.append(world.complete(back))

    def end_the_first() -> None:
        world.consents.remember(started, ConsentResult(ConsentOutcome.CONNECTED, NAME), world.clock())

    world.calls.at("before", "authority.redeem", reload_the_page)
    world.complete(back)
    assert seen == [ConsentResult(ConsentOutcome.CONNECTED, NAME)]


def test_a_page_that_is_reloaded_during_a_slow_sign_in_says_that_it_is_being_finished(world: World) -> None:
    back = world.go_and_return()
    seen: list[ConsentResult] = []
    world.calls.at("before", "authority.redeem", lambda: seen.append(world.complete(back)))
    assert world.complete(back).ending is ConsentOutcome.CONNECTED
    assert [result.ending for result in seen] == [ConsentOutcome.UNDER_WAY]
    assert world.calls.count("authority.redeem") == 1


def test_a_sign_in_without_a_stored_result_is_recognized_by_the_document(world: World) -> None:
    back = world.go_and_return()
    world.calls.at("before", "consents.remember", failing(world, "consents.remember"), number=2)
    assert world.complete(back).ending is ConsentOutcome.CONNECTED
    result = world.complete(back)
    assert (result.ending, result.previous_username) == (ConsentOutcome.ALREADY_DONE, OWNER.username)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda world: world.store.delete(NAME), id="deleted"),
        pytest.param(lambda world: world.edit(client_id=None), id="malformed"),
    ],
)
def test_a_second_hit_for_a_broken_secret_still_gets_a_page(world: World, spoil: Callable[[World], object]) -> None:
    back = world.go_and_return()
    seen: list[ConsentResult] = []

    def reload_the_page() -> None:
        spoil(world)
        seen.append(world.complete(back))

    world.calls.at("before", "authority.redeem", reload_the_page)
    world.complete(back)
    assert [result.ending for result in seen] == [ConsentOutcome.UNDER_WAY]


def test_a_second_hit_after_an_hour_knows_nothing(world: World) -> None:
    back = world.go_and_return()
    world.complete(back)
    world.clock.advance(RESULT_LIFETIME)
    assert world.complete(back).ending is ConsentOutcome.UNKNOWN_STATE


def test_a_foreign_browser_is_refused(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), SignInOptions())
    state, code = world.authority.sign_in(departure.authorize_url)
    result = world.complete(arrival(state, Sensitive(""), code))
    assert result == ConsentResult(ConsentOutcome.FOREIGN_BROWSER)


def test_a_foreign_browser_does_not_use_up_the_consent(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), SignInOptions())
    state, code = world.authority.sign_in(departure.authorize_url)
    world.complete(arrival(state, Sensitive("another"), code))
    assert world.complete(arrival(state, departure.cookie, code)).ending is ConsentOutcome.CONNECTED


def test_a_foreign_browser_is_not_shown_the_result(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), SignInOptions())
    state, code = world.authority.sign_in(departure.authorize_url)
    world.complete(arrival(state, departure.cookie, code))
    assert world.complete(arrival(state, Sensitive(""), code)).ending is ConsentOutcome.FOREIGN_BROWSER


def test_a_consent_that_took_too_long_is_unknown(world: World) -> None:
    back = world.go_and_return()
    world.clock.advance(LIFETIME)
    assert world.complete(back).ending is ConsentOutcome.UNKNOWN_STATE


def test_a_state_that_nobody_started_is_unknown(world: World) -> None:
    assert world.complete(arrival("guessed", Sensitive(""), "code")).ending is ConsentOutcome.UNKNOWN_STATE


def test_a_consent_whose_secret_is_deleted_meanwhile_is_unknown(world: World) -> None:
    back = world.go_and_return()
    world.store.delete(NAME)
    assert world.complete(back).ending is ConsentOutcome.UNKNOWN_STATE


def test_a_fresh_link_works_until_the_next_reminder(world: World) -> None:
    invite = world.invite()
    world.clock.advance(REMINDER)
    assert world.consent.landing(NAME, invite).credential == NAME
