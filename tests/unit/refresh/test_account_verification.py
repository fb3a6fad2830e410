"""Each refresh asks about an account until the token reaches it, and no answer holds a refresh up."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import NO_ANSWER, REVOKED
from tests.fakes.fake_ads_api import ACCOUNT_NAME, ads_refusal
from tests.fakes.fake_authority import OWNER
from tests.fakes.outages import down
from tests.fakes.world import HEALTHY, NAME, REMINDER, World
from token_refresher.alerts.alert import Alert
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.credential.account import AccountAccess
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Outcome, Result

REFRESH = [
    "registry.get",
    "store.current",
    "circuits.get",
    "registry.save",
    "authority.refresh",
    "store.put_pending",
    "store.promote",
    "registry.save",
]
"""The calls of a steady refresh in a new process, which reads the circuit."""


def complete(world: World) -> ConsentResult:
    return world.complete(world.go_and_return())


def answering(world: World, code: int | None) -> None:
    """Let Microsoft Advertising answer with an error code from now on, or with the account."""
    why = ads_refusal(code) if code else None
    access = AccountAccess.REACHABLE
    if why is not None:
        access = AccountAccess.REFUSED if why.actor.value == "user" else AccountAccess.UNVERIFIED
    world.ads_api.answer, world.ads_api.why = access, why


def refresh(world: World, time_left: timedelta = timedelta(seconds=60)) -> Outcome:
    """Advance to the next refresh, and run it with an empty log of calls."""
    world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
    world.calls.log.clear()
    return world.refresh(time_left=time_left)


def notified(world: World) -> list[Alert]:
    """Return the alerts since the last time."""
    alerts = list(world.topic.alerts)
    world.topic.alerts.clear()
    return alerts


def access(world: World) -> AccountAccess | None:
    account = world.entry().account
    return account.access if account else None


@pytest.fixture
def world() -> World:
    """A world with a consent whose account could not be verified, and whose alerts were sent."""
    world = World.waiting()
    world.ads_api.answer = AccountAccess.UNVERIFIED
    assert complete(world).ending is ConsentOutcome.CONNECTED
    world.topic.alerts.clear()
    world.ads_api.asked.clear()
    return world


def test_an_account_that_the_new_token_reaches_is_verified(world: World) -> None:
    answering(world, None)
    outcome = refresh(world)
    assert (outcome.result, outcome.account) == (Result.REFRESHED, AccountAccess.REACHABLE)
    token = world.current().access_token
    assert token is not None
    assert world.ads_api.asked == [(token.reveal(), "planted-developer-token", "1234567")]
    account = world.entry().account
    assert account is not None
    assert (account.access, account.name, account.status) == (AccountAccess.REACHABLE, ACCOUNT_NAME, "Active")


def test_a_verification_sends_no_message_if_none_was_sent_before(world: World) -> None:
    answering(world, None)
    refresh(world)
    assert notified(world) == []


def test_a_verified_account_is_not_asked_about_again_and_costs_no_call(world: World) -> None:
    answering(world, None)
    refresh(world)
    world.ads_api.asked.clear()
    assert refresh(world).account is None
    assert (world.ads_api.asked, world.calls.log) == ([], REFRESH)


def test_the_new_tokens_are_current_and_in_the_entry_before_the_account_is_verified(world: World) -> None:
    answering(world, None)
    refresh(world)
    assert world.calls.log == [*REFRESH, "registry.save"]


def test_an_account_that_no_consent_tried_to_verify_is_not_asked_about() -> None:
    world = World()
    world.manage(account_id="1234567", developer_token="planted-developer-token")
    for _ in range(2):
        assert refresh(world).account is None
    assert (world.ads_api.asked, world.calls.log) == ([], REFRESH)


def test_without_an_answer_each_refresh_asks_again_and_does_nothing_else(world: World) -> None:
    for number in range(1, 4):
        assert refresh(world).account is AccountAccess.UNVERIFIED
        assert (len(world.ads_api.asked), world.calls.log) == (number, REFRESH)
    assert (notified(world), access(world)) == ([], AccountAccess.UNVERIFIED)


@pytest.mark.parametrize("code", [109, 117, 207, 99999])
def test_a_code_that_may_pass_by_itself_notifies_nobody(world: World, code: int) -> None:
    answering(world, code)
    refresh(world)
    assert (notified(world), access(world)) == ([], AccountAccess.UNVERIFIED)


def test_without_enough_time_the_account_is_not_asked_about_and_the_refresh_works(world: World) -> None:
    """An exchange may take 48 seconds; then there is no time for an answer that takes 16, and its writes."""
    world.calls.at("after", "authority.refresh", lambda: world.clock.advance(timedelta(seconds=30)))
    outcome = refresh(world)
    assert (outcome.result, outcome.account, world.ads_api.asked) == (Result.REFRESHED, AccountAccess.UNVERIFIED, [])


def test_a_failed_refresh_does_not_ask_about_the_account(world: World) -> None:
    world.authority.failures.append(NO_ANSWER)
    assert refresh(world).account is None
    assert world.ads_api.asked == []


def test_a_refresh_that_an_import_overtakes_does_not_ask_about_the_account(world: World) -> None:
    """The current access token is not the one that was just issued."""
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    assert (refresh(world).result, world.ads_api.asked) == (Result.OVERTAKEN, [])


def test_a_refresh_that_a_consent_overtakes_does_not_ask_about_the_account(world: World) -> None:
    world.calls.at("after", "authority.refresh", world.consenting())
    refresh(world)
    assert len(world.ads_api.asked) == 1, "only the consent asked"


@pytest.mark.parametrize("code", [106, 108, 120, 122, 123, 124, 125, 126, 1001])
def test_a_refused_user_gets_the_reason_and_a_link_that_works(world: World, code: int) -> None:
    answering(world, code)
    refresh(world)
    why, (alert,) = ads_refusal(code), notified(world)
    assert (alert.event, alert.code, alert.cause, alert.action) == (
        Event.RECONSENT_REQUIRED,
        str(code),
        why.cause,
        why.action,
    )
    answering(world, None)
    assert alert.connect_url is not None
    invite = alert.connect_url.partition("invite=")[2]
    assert world.complete(world.go_and_return(invite=invite)).ending is ConsentOutcome.CONNECTED


def test_a_refused_user_stops_no_refresh_and_changes_no_status(world: World) -> None:
    answering(world, 106)
    outcome = refresh(world)
    entry = world.entry()
    assert (outcome.result, outcome.diagnosis, outcome.account) == (Result.REFRESHED, None, AccountAccess.REFUSED)
    assert (entry.status, entry.diagnosis, entry.alert, entry.failures) == (Status.HEALTHY, None, None, 0)
    assert entry.next_action_at is not None
    assert entry.next_action_at > world.clock()
    assert world.store.describe(NAME).status_tags == HEALTHY


def test_a_refused_user_is_notified_once_and_each_refresh_asks_again(world: World) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    world.ads_api.asked.clear()
    for number in range(1, 4):
        world.clock.advance(REMINDER)
        assert refresh(world).account is AccountAccess.REFUSED
        assert (len(world.ads_api.asked), world.calls.log) == (number, REFRESH)
    assert notified(world) == []


def test_access_for_a_refused_user_ends_the_incident_with_one_message(world: World) -> None:
    """The alert offers this way: nobody has to edit the secret or to sign in."""
    answering(world, 106)
    refresh(world)
    (first,) = notified(world)
    answering(world, None)
    refresh(world)
    world.ads_api.asked.clear()
    refresh(world)
    (alert,) = notified(world)
    assert (alert.event, alert.since, ACCOUNT_NAME in alert.summary) == (Event.RECOVERED, first.at, True)
    assert (world.ads_api.asked, world.calls.log) == ([], REFRESH)


@pytest.mark.parametrize("code", [109, 117, 207, 99999])
def test_an_answer_that_says_nothing_about_the_user_does_not_replace_a_refusal(world: World, code: int) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    answering(world, code)
    refresh(world)
    assert (access(world), world.calls.log) == (AccountAccess.REFUSED, REFRESH)
    answering(world, 106)
    refresh(world)
    assert notified(world) == []


def test_an_edit_of_the_secret_does_not_notify_a_refused_user_again(world: World) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    world.edit(note="of the operator")
    assert refresh(world).account is AccountAccess.REFUSED
    assert (notified(world), access(world)) == ([], AccountAccess.REFUSED)


def test_a_new_account_in_the_secret_is_asked_about(world: World) -> None:
    answering(world, None)
    refresh(world)
    world.edit(account_id="7")
    answering(world, 106)
    refresh(world)
    (alert,) = notified(world)
    assert "the advertising account 7" in alert.summary


def test_after_the_developer_token_is_removed_the_account_is_not_asked_about(world: World) -> None:
    world.edit(developer_token=None)
    assert refresh(world).account is None
    assert world.ads_api.asked == []


@pytest.mark.parametrize("code", [105, 116])
def test_the_operator_is_notified_once_and_each_refresh_asks_until_the_account_is_verified(
    world: World, code: int
) -> None:
    answering(world, code)
    for _ in range(3):
        world.clock.advance(REMINDER)
        assert refresh(world).account is AccountAccess.UNVERIFIED
    (alert,) = notified(world)
    assert (alert.event, alert.code, alert.connect_url) == (Event.OPERATOR_ACTION_REQUIRED, str(code), None)
    assert (len(world.ads_api.asked), world.entry().status) == (3, Status.HEALTHY)
    answering(world, None)
    refresh(world)
    assert [alert.event for alert in notified(world)] == [Event.RECOVERED]


def test_an_operator_whose_edit_did_not_help_is_notified_once_more(world: World) -> None:
    """It is one incident, which has lasted since the first alert."""
    answering(world, 105)
    refresh(world)
    (first,) = notified(world)
    world.edit(developer_token="planted-wrong-developer-token")
    for _ in range(2):
        refresh(world)
    (again,) = notified(world)
    assert (again.event, again.code, again.since) == (Event.OPERATOR_ACTION_REQUIRED, "105", first.at)
    answering(world, None)
    refresh(world)
    (over,) = notified(world)
    assert (over.event, over.since) == (Event.RECOVERED, first.at)


def test_a_consent_does_not_notify_the_operator_again(world: World) -> None:
    answering(world, 105)
    refresh(world)
    notified(world)
    complete(world)
    for _ in range(2):
        refresh(world)
    assert [alert.event for alert in notified(world)] == [Event.CONNECTED]


def test_the_user_is_notified_after_the_operator_if_the_user_has_to_act_then(world: World) -> None:
    answering(world, 105)
    refresh(world)
    answering(world, 106)
    refresh(world)
    assert [alert.event for alert in notified(world)] == [Event.OPERATOR_ACTION_REQUIRED, Event.RECONSENT_REQUIRED]


def test_a_consent_that_verifies_the_account_ends_the_incident_with_one_message(world: World) -> None:
    answering(world, 106)
    refresh(world)
    (first,) = notified(world)
    answering(world, None)
    complete(world)
    refresh(world)
    (alert,) = notified(world)
    assert (alert.event, alert.since, access(world)) == (Event.RECOVERED, first.at, AccountAccess.REACHABLE)


def test_a_consent_without_an_account_to_verify_ends_the_incident(world: World) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    world.edit(account_id=None)
    complete(world)
    assert [alert.event for alert in notified(world)] == [Event.RECOVERED]


def test_a_consent_that_cannot_verify_the_account_ends_no_incident(world: World) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    answering(world, 117)
    complete(world)
    answering(world, None)
    refresh(world)
    assert [alert.event for alert in notified(world)] == [Event.CONNECTED, Event.RECOVERED]


def test_the_next_user_who_consents_and_is_refused_is_notified_too(world: World) -> None:
    """The consent has used up the link of the first alert."""
    answering(world, 106)
    refresh(world)
    (first,) = notified(world)
    answering(world, 117)
    complete(world)
    answering(world, 106)
    refresh(world)
    connected, again = notified(world)
    assert (connected.event, again.event, again.since) == (Event.CONNECTED, Event.RECONSENT_REQUIRED, first.at)
    assert again.connect_url != first.connect_url


def test_a_rejected_grant_is_an_incident_beside_it_and_a_consent_ends_both(world: World) -> None:
    answering(world, 106)
    refresh(world)
    world.authority.failures.append(REVOKED)
    refresh(world)
    answering(world, None)
    complete(world)
    assert world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECONSENT_REQUIRED, Event.RECOVERED]


def test_the_recovery_of_a_failing_refresh_does_not_end_a_refusal_of_the_account(world: World) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    for _ in range(12):
        world.authority.failures.append(NO_ANSWER)
        refresh(world)
    refresh(world)
    assert [alert.event for alert in notified(world)] == [Event.REFRESH_AT_RISK, Event.RECOVERED]
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
        pytest.param(kill_at_publish, 2, id="the worker dies after the alert"),
        pytest.param(lose_the_registry, 2, id="the registry is down after the alert"),
        pytest.param(save_meanwhile, 2, id="another worker writes the entry meanwhile"),
    ],
)
def test_people_are_notified_at_least_once_and_the_refresh_works(
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


def test_a_recovery_that_the_consent_could_not_notify_is_notified_by_the_next_refresh(world: World) -> None:
    answering(world, 106)
    refresh(world)
    notified(world)
    answering(world, None)
    world.topic.out_of_order = True
    assert complete(world).ending is ConsentOutcome.CONNECTED
    world.topic.out_of_order = False
    refresh(world)
    refresh(world)
    assert [alert.event for alert in notified(world)] == [Event.RECOVERED]


def test_the_recovery_of_an_interrupted_refresh_does_not_notify_the_operator_again(world: World) -> None:
    answering(world, 105)
    refresh(world)
    world.calls.at("after", "store.put_pending", kill)
    with pytest.raises(KilledError):
        refresh(world)
    world.clock.advance(timedelta(minutes=5))
    assert world.refresh().result is Result.RECOVERED
    refresh(world)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_the_account_of_a_consent_in_escrow_is_verified_once_its_tokens_are_current() -> None:
    world = World.waiting()
    world.ads_api.answer = AccountAccess.UNVERIFIED
    down(world, "store.put_pending")
    assert complete(world).ending is ConsentOutcome.CONNECTED_SOON
    world.calls.forget()
    refresh(world)
    answering(world, None)
    assert refresh(world).account is AccountAccess.REACHABLE


def test_the_alert_names_the_account_and_the_user_who_signed_in(world: World) -> None:
    answering(world, None)
    refresh(world)
    world.edit(note="of the operator")
    world.ads_api.answer = AccountAccess.UNVERIFIED
    complete(world)
    answering(world, 106)
    notified(world)
    refresh(world)
    (alert,) = notified(world)
    assert alert.summary == (
        f"A person with access to the advertising account {ACCOUNT_NAME} (1234567) has to sign in for {NAME}, or"
        f" {OWNER.username} needs that access."
    )
