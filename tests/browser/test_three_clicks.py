"""Open the link, press the button, choose the account: with a mouse, with the keyboard, and without scripts."""

from collections.abc import Callable

from tests.browser.visitor import Tab, Visitor
from tests.flows.household import PERSON, Held, Household


def test_three_clicks_connect(tab: Tab, link: str, waiting: Held) -> None:
    tab.open(link)
    tab.press("Continue to Microsoft")
    tab.choose(PERSON)
    assert (tab.clicks, tab.heading) == (3, "Connected")
    document = waiting.consumer.document()
    assert document["identity"]["username"] == PERSON
    assert document["refresh_token"]
    assert waiting.consumer.call_ads_api() == 200


def test_a_consent_is_announced(tab: Tab, household: Household, link: str, waiting: Held) -> None:
    tab.sign_in(link, PERSON)
    assert household.inbox.wait_for(waiting.name, "connected")


def test_three_clicks_connect_with_scripts_off(start_browser: Callable[..., Visitor], link: str, waiting: Held) -> None:
    tab = start_browser(java_script_enabled=False).open_tab()
    tab.sign_in(link, PERSON)
    assert (tab.clicks, tab.heading) == (3, "Connected")
    assert waiting.consumer.document()["refresh_token"]


def test_a_fresh_start_works_with_scripts_off(start_browser: Callable[..., Visitor], link: str, waiting: Held) -> None:
    tab = start_browser(java_script_enabled=False).open_tab()
    tab.start(link)
    tab.press("Cancel")
    assert tab.heading == "Microsoft did not connect you"
    tab.press("Try again")
    tab.choose(PERSON)
    assert tab.heading == "Connected"


def test_the_keyboard_alone_connects_and_shows_where_it_is(tab: Tab, link: str, waiting: Held) -> None:
    tab.open(link)
    tab.tab_to("Continue to Microsoft")
    assert tab.shows_the_focus()
    tab.press_enter()
    tab.tab_to(PERSON)
    assert tab.shows_the_focus()
    tab.press_enter()
    assert tab.heading == "Connected"


def test_a_fresh_start_works_by_keyboard(tab: Tab, link: str, waiting: Held) -> None:
    tab.start(link)
    tab.press("Cancel")
    tab.tab_to("Try again")
    assert tab.shows_the_focus()
    tab.press_enter()
    assert tab.heading == "Pick an account"
