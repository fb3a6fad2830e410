"""Back, reload, double clicks and several tabs: whatever people do with a browser, it results in one consent."""

import pytest
import requests

from local.stack.waiting import GENEROUS_SECONDS
from tests.browser.visitor import Tab
from tests.flows.household import PERSON, Held, Household


def exchanges(household: Household, held: Held) -> list[str]:
    """Return the outcome of each code exchange, in order."""
    journal = household.stack.identity_provider.journal(held.client_id)
    return [event["outcome"] for event in journal if event["grant_type"] == "authorization_code"]


def test_reloading_the_last_page_shows_it_again_and_exchanges_nothing(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    tab.sign_in(link, PERSON)
    before = tab.text
    tab.reload()
    assert (tab.heading, tab.text) == ("Connected", before)
    assert exchanges(household, waiting) == ["issued"]


def test_going_back_after_connecting_and_choosing_again_shows_the_same_end(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    tab.sign_in(link, PERSON)
    version = waiting.consumer.version_id()
    tab.go_back()
    assert tab.heading == "Pick an account"
    tab.choose(PERSON)
    assert tab.heading == "Connected"
    assert exchanges(household, waiting) == ["issued"]
    assert waiting.consumer.version_id() == version


def test_going_back_to_the_link_after_connecting_says_that_it_is_done(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    tab.sign_in(link, PERSON)
    tab.go_back()
    tab.go_back()
    assert tab.heading == "Already connected"
    assert exchanges(household, waiting) == ["issued"]


def test_going_back_from_microsoft_and_starting_again_connects(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    tab.start(link)
    tab.go_back()
    assert tab.heading == "Connect Microsoft Advertising"
    tab.press("Continue to Microsoft")
    tab.choose(PERSON)
    assert tab.heading == "Connected"
    assert exchanges(household, waiting) == ["issued"]


def test_going_back_after_a_failure_and_choosing_offers_the_fresh_start_again(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    tab.start(link)
    tab.press("Cancel")
    tab.go_back()
    tab.choose(PERSON)
    assert tab.heading == "Microsoft did not connect you"
    assert exchanges(household, waiting) == []
    tab.press("Try again")
    tab.choose(PERSON)
    assert tab.heading == "Connected"


def test_a_double_click_on_the_button_is_one_consent(tab: Tab, household: Household, link: str, waiting: Held) -> None:
    tab.open(link)
    tab.press_twice("Continue to Microsoft")
    tab.waits_for("Pick an account")
    tab.choose(PERSON)
    assert tab.heading == "Connected"
    assert exchanges(household, waiting) == ["issued"]


def test_a_double_click_on_the_account_is_one_consent(tab: Tab, household: Household, link: str, waiting: Held) -> None:
    tab.start(link)
    tab.press_twice(PERSON)
    tab.waits_for("Connected")
    assert exchanges(household, waiting) == ["issued"]


def test_of_two_tabs_with_one_link_the_slower_is_told_that_it_is_done(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    slower = tab.visitor.open_tab()
    for each in (slower, tab):
        each.start(link)
    tab.choose(PERSON)
    version = waiting.consumer.version_id()
    slower.choose(PERSON)
    assert (tab.heading, slower.heading) == ("Connected", "Already connected")
    assert exchanges(household, waiting) == ["issued"]
    assert waiting.consumer.version_id() == version


@pytest.mark.parametrize("first_started_ends_first", [True, False], ids=["in their order", "the other way round"])
def test_two_tabs_connect_two_credentials(
    tab: Tab, household: Household, waiting: Held, another: Held, first_started_ends_first: bool
) -> None:
    second = tab.visitor.open_tab()
    tab.start(household.link(waiting.name))
    second.start(household.link(another.name))
    order = (tab, second) if first_started_ends_first else (second, tab)
    for each in order:
        each.choose(PERSON)
    assert [each.heading for each in order] == ["Connected", "Connected"]
    for held in (waiting, another):
        assert held.consumer.document()["identity"]["username"] == PERSON
        assert exchanges(household, held) == ["issued"]


def test_a_scanner_of_links_changes_nothing(tab: Tab, household: Household, link: str, waiting: Held) -> None:
    """Mail scanners open links with GET and HEAD before the person does."""
    version = waiting.consumer.version_id()
    for method in ("HEAD", "GET", "HEAD", "GET", "GET"):
        requests.request(method, link, timeout=GENEROUS_SECONDS)
    assert waiting.consumer.version_id() == version
    tab.sign_in(link, PERSON)
    assert tab.heading == "Connected"


def test_an_impatient_second_click_during_a_slow_exchange_waits_for_the_first(
    tab: Tab, household: Household, link: str, waiting: Held
) -> None:
    household.stack.identity_provider.fault(waiting.client_id, "hang", seconds=2)
    tab.start(link)
    tab.press_again_while_it_loads(PERSON)
    assert tab.heading == "Connected"
    assert len(exchanges(household, waiting)) == 1
