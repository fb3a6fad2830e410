"""Links that hold and links that do not, and the way back from Microsoft: once, in time, in the same browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.fake_authority import OWNER
from tests.fakes.outages import failing
from tests.fakes.world import NAME, REMINDER, World, arrival
from token_refresher.authorize_request import Wish
from token_refresher.clock import to_rfc3339
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending
from token_refresher.consents import LIFETIME, RESULT_LIFETIME
from token_refresher.secret_store import MOVED_TO_TAG
from token_refresher.sensitive import Sensitive


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
    assert ending_of(world, world.invite() + change).ending is Ending.INVALID_INVITE


def test_an_invite_for_another_credential_is_invalid(world: World) -> None:
    assert ending_of(world, world.links.sign(world.links.invite("other", ""))).ending is Ending.INVALID_INVITE


def test_an_invite_for_a_credential_that_is_gone_tells_no_more_than_a_guessed_one(world: World) -> None:
    invite = world.invite()
    world.store.delete(NAME)
    assert ending_of(world, invite) == ConsentResult(Ending.INVALID_INVITE)


def test_an_invite_for_a_credential_that_has_another_name_now_is_one_for_a_credential_that_is_gone(
    world: World,
) -> None:
    invite = world.invite()
    world.store.tag(NAME, **{MOVED_TO_TAG: "another"})
    assert ending_of(world, invite) == ConsentResult(Ending.INVALID_INVITE)


def test_an_invite_expires(world: World) -> None:
    invite = world.invite()
    world.clock.advance(timedelta(days=7))
    assert ending_of(world, invite).ending is Ending.EXPIRED_INVITE


def test_an_operator_can_withdraw_the_links_of_a_credential(world: World) -> None:
    """A link may have come into wrong hands."""
    invite = world.invite()
    world.clock.advance(timedelta(seconds=1))
    world.edit(invites_valid_from=to_rfc3339(world.clock()))
    assert ending_of(world, invite) == ConsentResult(Ending.WITHDRAWN_INVITE, NAME, account_id="1234567")


def test_a_link_that_was_made_after_the_others_were_withdrawn_works(world: World) -> None:
    world.edit(invites_valid_from=to_rfc3339(world.clock()))
    assert world.consent.landing(NAME, world.invite()).credential == NAME


def test_a_sign_in_under_way_ends_with_its_link(world: World) -> None:
    back = world.go_and_return()
    world.clock.advance(timedelta(seconds=1))
    world.edit(invites_valid_from=to_rfc3339(world.clock()))
    assert world.complete(back).ending is Ending.WITHDRAWN_INVITE
    assert world.calls.count("authority.redeem") == 0


def test_a_second_tab_is_told_that_the_first_was_faster(world: World) -> None:
    first, second = world.go_and_return(), world.go_and_return()
    world.clock.advance(timedelta(seconds=1))
    world.complete(first)
    result = world.complete(second)
    assert (result.ending, result.previous_username) == (Ending.ALREADY_DONE, OWNER.username)
    assert world.calls.count("authority.redeem") == 1


def test_a_fresh_start_works_no_longer_than_the_link_that_was_opened(world: World) -> None:
    invite = world.links.read(NAME, world.invite())
    world.clock.advance(timedelta(days=6))
    result = world.complete(world.go_and_return(invite=world.links.sign(invite), with_refresh_token=False))
    assert result.invite == invite


@pytest.mark.parametrize(
    ("withdrawn", "ending"),
    [
        pytest.param(True, Ending.WITHDRAWN_INVITE, id="withdrawn"),
        pytest.param(False, Ending.EXPIRED_INVITE, id="too old"),
    ],
)
def test_a_link_that_is_over_does_not_tell_who_has_connected(world: World, ending: Ending, *, withdrawn: bool) -> None:
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
    assert (result.ending, "client_id" in result.cause) == (Ending.OPERATOR_NEEDED, True)


def test_a_link_that_has_done_its_work_says_by_whom_and_when(world: World) -> None:
    invite = world.invite()
    complete(world)
    result = ending_of(world, invite)
    assert (result.ending, result.previous_username, result.at) == (
        Ending.ALREADY_DONE,
        OWNER.username,
        to_rfc3339(world.clock()),
    )


def test_a_link_that_has_done_its_work_starts_nothing(world: World) -> None:
    invite = world.invite()
    complete(world)
    with pytest.raises(ConsentEndedError):
        world.consent.start(NAME, invite, Wish())
    assert world.consents.started == {}


def test_a_second_hit_shows_what_became_of_the_first(world: World) -> None:
    back = world.go_and_return()
    first = world.complete(back)
    assert world.complete(back) == first


def test_a_second_hit_redeems_nothing(world: World) -> None:
    back = world.go_and_return()
    world.complete(back)
    world.complete(back)
    assert world.calls.count("authority.redeem") == 1


def test_a_page_that_is_reloaded_while_the_first_hit_is_at_work_waits_for_its_end(world: World) -> None:
    """The browser gives up the first request, and nobody would see that it worked."""
    back = world.go_and_return()
    [started] = world.consents.started.values()
    seen: list[ConsentResult] = []

    def reload_the_page() -> None:
        world.calls.at("before", "consents.result", end_the_first, number=3)
        seen.append(world.complete(back))

    def end_the_first() -> None:
        world.consents.remember(started, ConsentResult(Ending.CONNECTED, NAME), world.clock())

    world.calls.at("before", "authority.redeem", reload_the_page)
    world.complete(back)
    assert seen == [ConsentResult(Ending.CONNECTED, NAME)]


def test_a_page_that_is_reloaded_during_a_slow_sign_in_says_that_it_is_being_finished(world: World) -> None:
    back = world.go_and_return()
    seen: list[ConsentResult] = []
    world.calls.at("before", "authority.redeem", lambda: seen.append(world.complete(back)))
    assert world.complete(back).ending is Ending.CONNECTED
    assert [result.ending for result in seen] == [Ending.UNDER_WAY]
    assert world.calls.count("authority.redeem") == 1


def test_a_sign_in_whose_end_could_not_be_remembered_is_known_by_what_it_wrote(world: World) -> None:
    back = world.go_and_return()
    world.calls.at("before", "consents.remember", failing(world, "consents.remember"), number=2)
    assert world.complete(back).ending is Ending.CONNECTED
    result = world.complete(back)
    assert (result.ending, result.previous_username) == (Ending.ALREADY_DONE, OWNER.username)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda world: world.store.delete(NAME), id="deleted"),
        pytest.param(lambda world: world.edit(client_id=None), id="malformed"),
    ],
)
def test_a_second_hit_for_a_secret_that_was_spoiled_meanwhile_is_a_page_all_the_same(
    world: World, spoil: Callable[[World], object]
) -> None:
    back = world.go_and_return()
    seen: list[ConsentResult] = []

    def reload_the_page() -> None:
        spoil(world)
        seen.append(world.complete(back))

    world.calls.at("before", "authority.redeem", reload_the_page)
    world.complete(back)
    assert [result.ending for result in seen] == [Ending.UNDER_WAY]


def test_a_second_hit_after_an_hour_knows_nothing(world: World) -> None:
    back = world.go_and_return()
    world.complete(back)
    world.clock.advance(RESULT_LIFETIME)
    assert world.complete(back).ending is Ending.UNKNOWN_STATE


def test_a_foreign_browser_is_refused(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), Wish())
    state, code = world.authority.sign_in(departure.authorize_url)
    result = world.complete(arrival(state, Sensitive(""), code))
    assert result == ConsentResult(Ending.FOREIGN_BROWSER)


def test_a_foreign_browser_does_not_cost_the_right_one_its_consent(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), Wish())
    state, code = world.authority.sign_in(departure.authorize_url)
    world.complete(arrival(state, Sensitive("another"), code))
    assert world.complete(arrival(state, departure.cookie, code)).ending is Ending.CONNECTED


def test_a_foreign_browser_is_not_shown_the_result(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), Wish())
    state, code = world.authority.sign_in(departure.authorize_url)
    world.complete(arrival(state, departure.cookie, code))
    assert world.complete(arrival(state, Sensitive(""), code)).ending is Ending.FOREIGN_BROWSER


def test_a_consent_that_took_too_long_is_unknown(world: World) -> None:
    back = world.go_and_return()
    world.clock.advance(LIFETIME)
    assert world.complete(back).ending is Ending.UNKNOWN_STATE


def test_a_state_that_nobody_started_is_unknown(world: World) -> None:
    assert world.complete(arrival("guessed", Sensitive(""), "code")).ending is Ending.UNKNOWN_STATE


def test_a_consent_whose_secret_is_deleted_meanwhile_is_unknown(world: World) -> None:
    back = world.go_and_return()
    world.store.delete(NAME)
    assert world.complete(back).ending is Ending.UNKNOWN_STATE


def test_a_fresh_link_works_until_the_next_reminder(world: World) -> None:
    invite = world.invite()
    world.clock.advance(REMINDER)
    assert world.consent.landing(NAME, invite).credential == NAME
