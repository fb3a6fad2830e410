"""An account is asked about after each refresh until it is reached, and holds up none of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import NO_ANSWER, REVOKED
from tests.fakes.fake_ads_api import ACCOUNT_NAME, ads_refusal
from tests.fakes.fake_authority import OWNER
from tests.fakes.outages import down
from tests.fakes.world import HEALTHY, NAME, REMINDER, World
from token_refresher.account import AccountAccess
from token_refresher.alert import Alert, Event
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.outcome import Outcome, Result
from token_refresher.status import Status

REFRESH = [
    "registry.get",
    "store.describe",
    "store.read",
    "circuits.get",
    "registry.save",
    "authority.refresh",
    "store.put_pending",
    "store.promote",
    "registry.save",
]
"""The calls of an ordinary refresh."""


def complete(world: World) -> ConsentResult:
    return world.complete(world.go_and_return())


def answering(world: World, code: int | None) -> None:
    """Let Microsoft Advertising answer with a code from now on, or with the account."""
    why = ads_refusal(code) if code else None
    access = AccountAccess.REACHABLE
    if why is not None:
        access = AccountAccess.REFUSED if why.actor.value == "user" else AccountAccess.UNVERIFIED
    world.ads_api.answer, world.ads_api.why = access, why


def refresh(world: World, time_left: timedelta = timedelta(seconds=60)) -> Outcome:
    """Let the next refresh come; the log begins anew with it."""
    world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
    world.calls.log.clear()
    return world.refresh(time_left=time_left)


def told(world: World) -> list[Alert]:
    """Return what people were told since the last time."""
    alerts = list(world.topic.alerts)
    world.topic.alerts.clear()
    return alerts


def access(world: World) -> AccountAccess | None:
    account = world.entry().account
    return account.access if account else None


@pytest.fixture
def world() -> World:
    """A world with a consent that could not be verified, which people were told of."""
    world = World.waiting()
    world.ads_api.answer = AccountAccess.UNVERIFIED
    assert complete(world).ending is Ending.CONNECTED
    world.topic.alerts.clear()
    world.ads_api.asked.clear()
    return world


def test_an_account_that_is_reached_is_verified_with_the_new_token(world: World) -> None:
    answering(world, None)
    outcome = refresh(world)
    assert (outcome.result, outcome.account) == (Result.REFRESHED, AccountAccess.REACHABLE)
    token = world.current().access_token
    assert token is not None
    assert world.ads_api.asked == [(token.reveal(), "planted-developer-token", "1234567")]
    account = world.entry().account
    assert account is not None
    assert (account.access, account.name, account.status) == (AccountAccess.REACHABLE, ACCOUNT_NAME, "Active")


def test_an_account_that_is_verified_with_nobody_told_before_tells_nobody_now(world: World) -> None:
    answering(world, None)
    refresh(world)
    assert told(world) == []


def test_an_account_that_is_verified_is_not_asked_about_again_and_costs_no_call(world: World) -> None:
    answering(world, None)
    refresh(world)
    world.ads_api.asked.clear()
    assert refresh(world).account is None
    assert (world.ads_api.asked, world.calls.log) == ([], REFRESH)


def test_the_refresh_is_promoted_and_recorded_before_anything_is_asked(world: World) -> None:
    answering(world, None)
    refresh(world)
    assert world.calls.log == [*REFRESH, "registry.save"]


def test_a_credential_that_was_never_asked_about_is_not_asked_about() -> None:
    world = World()
    world.manage(account_id="1234567", developer_token="planted-developer-token")
    assert refresh(world).account is None
    assert (world.ads_api.asked, world.calls.log) == ([], REFRESH)


def test_while_there_is_no_answer_each_refresh_asks_and_nothing_else_happens(world: World) -> None:
    for number in range(1, 4):
        assert refresh(world).account is AccountAccess.UNVERIFIED
        assert (len(world.ads_api.asked), world.calls.log) == (number, REFRESH)
    assert (told(world), access(world)) == ([], AccountAccess.UNVERIFIED)


@pytest.mark.parametrize("code", [109, 117, 207, 99999])
def test_a_code_that_passes_tells_nobody(world: World, code: int) -> None:
    answering(world, code)
    refresh(world)
    assert (told(world), access(world)) == ([], AccountAccess.UNVERIFIED)


def test_without_enough_time_nothing_is_asked_and_the_refresh_is_good(world: World) -> None:
    """The exchange may take 48 seconds; an answer of 16 and its records do not fit behind it if it has."""
    world.calls.at("after", "authority.refresh", lambda: world.clock.advance(timedelta(seconds=30)))
    outcome = refresh(world)
    assert (outcome.result, outcome.account, world.ads_api.asked) == (Result.REFRESHED, AccountAccess.UNVERIFIED, [])


def test_a_refresh_that_fails_asks_nothing(world: World) -> None:
    world.authority.failures.append(NO_ANSWER)
    assert refresh(world).account is None
    assert world.ads_api.asked == []


def test_a_refresh_that_an_import_was_faster_than_asks_nothing(world: World) -> None:
    """The access token is not the one that was issued now."""
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    assert (refresh(world).result, world.ads_api.asked) == (Result.OVERTAKEN, [])


def test_a_refresh_that_a_consent_was_faster_than_asks_nothing(world: World) -> None:
    world.calls.at("after", "authority.refresh", world.consenting())
    refresh(world)
    assert len(world.ads_api.asked) == 1, "that was the consent"


@pytest.mark.parametrize("code", [106, 108, 120, 122, 123, 124, 125, 126, 1001])
def test_a_person_who_is_refused_is_told_why_with_a_link_that_works(world: World, code: int) -> None:
    answering(world, code)
    refresh(world)
    why, (alert,) = ads_refusal(code), told(world)
    assert (alert.event, alert.code, alert.cause, alert.action) == (
        Event.RECONSENT_REQUIRED,
        str(code),
        why.cause,
        why.action,
    )
    answering(world, None)
    assert alert.connect_url is not None
    invite = alert.connect_url.partition("invite=")[2]
    assert world.complete(world.go_and_return(invite=invite)).ending is Ending.CONNECTED


def test_a_refused_person_stops_no_refresh_and_changes_no_status(world: World) -> None:
    answering(world, 106)
    outcome = refresh(world)
    entry = world.entry()
    assert (outcome.result, outcome.diagnosis, outcome.account) == (Result.REFRESHED, None, AccountAccess.REFUSED)
    assert (entry.status, entry.diagnosis, entry.alert, entry.failures) == (Status.HEALTHY, None, None, 0)
    assert entry.next_action_at is not None
    assert entry.next_action_at > world.clock()
    assert world.store.describe(NAME).label == HEALTHY


def test_a_refused_person_is_told_once_and_asked_about_at_each_refresh(world: World) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    world.ads_api.asked.clear()
    for number in range(1, 4):
        world.clock.advance(REMINDER)
        assert refresh(world).account is AccountAccess.REFUSED
        assert (len(world.ads_api.asked), world.calls.log) == (number, REFRESH)
    assert told(world) == []


def test_a_refused_person_who_is_given_access_ends_it_with_one_message(world: World) -> None:
    """The alert offers that; nobody has to touch the secret or to sign in."""
    answering(world, 106)
    refresh(world)
    (first,) = told(world)
    answering(world, None)
    refresh(world)
    world.ads_api.asked.clear()
    refresh(world)
    (alert,) = told(world)
    assert (alert.event, alert.since, ACCOUNT_NAME in alert.summary) == (Event.RECOVERED, first.at, True)
    assert (world.ads_api.asked, world.calls.log) == ([], REFRESH)


@pytest.mark.parametrize("code", [109, 117, 207, 99999])
def test_a_refusal_is_not_forgotten_over_an_answer_that_says_nothing_of_the_person(world: World, code: int) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    answering(world, code)
    refresh(world)
    assert (access(world), world.calls.log) == (AccountAccess.REFUSED, REFRESH)
    answering(world, 106)
    refresh(world)
    assert told(world) == []


def test_an_edit_of_the_secret_says_nothing_anew_to_a_refused_person(world: World) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    world.edit(note="of the operator")
    assert refresh(world).account is AccountAccess.REFUSED
    assert (told(world), access(world)) == ([], AccountAccess.REFUSED)


def test_another_account_in_the_secret_is_asked_about(world: World) -> None:
    answering(world, None)
    refresh(world)
    world.edit(account_id="7")
    answering(world, 106)
    refresh(world)
    (alert,) = told(world)
    assert "the advertising account 7" in alert.summary


def test_without_a_developer_token_any_more_nothing_is_asked(world: World) -> None:
    world.edit(developer_token=None)
    assert refresh(world).account is None
    assert world.ads_api.asked == []


@pytest.mark.parametrize("code", [105, 116])
def test_the_operator_is_told_once_and_the_account_is_asked_about_until_it_is_known(world: World, code: int) -> None:
    answering(world, code)
    for _ in range(3):
        world.clock.advance(REMINDER)
        assert refresh(world).account is AccountAccess.UNVERIFIED
    (alert,) = told(world)
    assert (alert.event, alert.code, alert.connect_url) == (Event.OPERATOR_ACTION_REQUIRED, str(code), None)
    assert (len(world.ads_api.asked), world.entry().status) == (3, Status.HEALTHY)
    answering(world, None)
    refresh(world)
    assert [alert.event for alert in told(world)] == [Event.RECOVERED]


def test_an_operator_whose_edit_did_not_help_is_told_so_once(world: World) -> None:
    """The trouble is one: it has lasted since the first message."""
    answering(world, 105)
    refresh(world)
    (first,) = told(world)
    world.edit(developer_token="planted-wrong-developer-token")
    for _ in range(2):
        refresh(world)
    (again,) = told(world)
    assert (again.event, again.code, again.since) == (Event.OPERATOR_ACTION_REQUIRED, "105", first.at)
    answering(world, None)
    refresh(world)
    (over,) = told(world)
    assert (over.event, over.since) == (Event.RECOVERED, first.at)


def test_a_consent_tells_the_operator_nothing_anew(world: World) -> None:
    answering(world, 105)
    refresh(world)
    told(world)
    complete(world)
    for _ in range(2):
        refresh(world)
    assert [alert.event for alert in told(world)] == [Event.CONNECTED]


def test_the_user_is_told_after_the_operator_where_that_turns_out_to_be_so(world: World) -> None:
    answering(world, 105)
    refresh(world)
    answering(world, 106)
    refresh(world)
    assert [alert.event for alert in told(world)] == [Event.OPERATOR_ACTION_REQUIRED, Event.RECONSENT_REQUIRED]


def test_a_consent_that_verifies_ends_it_with_one_message(world: World) -> None:
    answering(world, 106)
    refresh(world)
    (first,) = told(world)
    answering(world, None)
    complete(world)
    refresh(world)
    (alert,) = told(world)
    assert (alert.event, alert.since, access(world)) == (Event.RECOVERED, first.at, AccountAccess.REACHABLE)


def test_a_consent_with_nothing_left_to_ask_ends_it_as_well(world: World) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    world.edit(account_id=None)
    complete(world)
    assert [alert.event for alert in told(world)] == [Event.RECOVERED]


def test_a_consent_that_cannot_be_verified_ends_nothing(world: World) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    answering(world, 117)
    complete(world)
    answering(world, None)
    refresh(world)
    assert [alert.event for alert in told(world)] == [Event.CONNECTED, Event.RECOVERED]


def test_whoever_consents_next_and_is_refused_is_told_too(world: World) -> None:
    """The link of the first message has done its work with the consent."""
    answering(world, 106)
    refresh(world)
    (first,) = told(world)
    answering(world, 117)
    complete(world)
    answering(world, 106)
    refresh(world)
    connected, again = told(world)
    assert (connected.event, again.event, again.since) == (Event.CONNECTED, Event.RECONSENT_REQUIRED, first.at)
    assert again.connect_url != first.connect_url


def test_a_dead_grant_beside_it_is_told_and_a_consent_ends_both(world: World) -> None:
    answering(world, 106)
    refresh(world)
    world.authority.failures.append(REVOKED)
    refresh(world)
    answering(world, None)
    complete(world)
    assert world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECONSENT_REQUIRED, Event.RECOVERED]


def test_a_refresh_that_recovers_does_not_end_it(world: World) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    for _ in range(12):
        world.authority.failures.append(NO_ANSWER)
        refresh(world)
    refresh(world)
    assert [alert.event for alert in told(world)] == [Event.REFRESH_AT_RISK, Event.RECOVERED]
    assert access(world) is AccountAccess.REFUSED


def fail_to_publish(world: World) -> None:
    world.topic.out_of_order = True


def kill_at_publish(world: World) -> None:
    world.calls.at("after", "topic.publish", kill)


def lose_the_registry(world: World) -> None:
    world.calls.at("after", "topic.publish", lambda: down(world, "registry.save"))


def save_meanwhile(world: World) -> None:
    world.calls.at("after", "topic.publish", lambda: world.set_entry(intent=None))


@pytest.mark.parametrize(
    ("trouble", "messages"),
    [
        pytest.param(fail_to_publish, 1, id="the topic is down"),
        pytest.param(kill_at_publish, 2, id="it dies after the message"),
        pytest.param(lose_the_registry, 2, id="the registry is down after the message"),
        pytest.param(save_meanwhile, 2, id="somebody writes the entry meanwhile"),
    ],
)
def test_people_are_told_at_least_once_and_the_refresh_is_good(
    world: World, trouble: Callable[[World], None], messages: int
) -> None:
    answering(world, 106)
    trouble(world)
    try:
        assert refresh(world).result is Result.REFRESHED
    except KilledError:
        assert trouble is kill_at_publish
    assert (world.entry().status, world.current_refresh_token()) == (Status.HEALTHY, world.authority.newest)
    world.calls.forget()
    world.topic.out_of_order = False
    refresh(world)
    assert (world.topic.events, access(world)) == ([Event.RECONSENT_REQUIRED] * messages, AccountAccess.REFUSED)


def test_an_end_that_could_not_be_told_with_the_consent_is_told_with_the_next_refresh(world: World) -> None:
    answering(world, 106)
    refresh(world)
    told(world)
    answering(world, None)
    world.topic.out_of_order = True
    assert complete(world).ending is Ending.CONNECTED
    world.topic.out_of_order = False
    refresh(world)
    refresh(world)
    assert [alert.event for alert in told(world)] == [Event.RECOVERED]


def test_what_an_unclean_end_left_is_no_edit_after_which_an_operator_is_told_anew(world: World) -> None:
    answering(world, 105)
    refresh(world)
    world.calls.at("after", "store.put_pending", kill)
    with pytest.raises(KilledError):
        refresh(world)
    world.clock.advance(timedelta(minutes=5))
    assert world.refresh().result is Result.RECOVERED
    refresh(world)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_a_consent_in_escrow_that_was_not_verified_is_asked_about_after_it_is_current() -> None:
    world = World.waiting()
    world.ads_api.answer = AccountAccess.UNVERIFIED
    down(world, "store.put_pending")
    assert complete(world).ending is Ending.CONNECTED_SOON
    world.calls.forget()
    refresh(world)
    answering(world, None)
    assert refresh(world).account is AccountAccess.REACHABLE


def test_the_message_names_who_signed_in_and_the_account(world: World) -> None:
    answering(world, None)
    refresh(world)
    world.edit(note="of the operator")
    world.ads_api.answer = AccountAccess.UNVERIFIED
    complete(world)
    answering(world, 106)
    told(world)
    refresh(world)
    (alert,) = told(world)
    assert alert.summary == (
        f"Somebody who reaches the advertising account {ACCOUNT_NAME} (1234567) has to sign in for {NAME}, or"
        f" {OWNER.username} has to be given access."
    )
