"""The consent, through the front door of the deployed stack."""

import re

import pytest
import requests

from local.stack.waiting import GENEROUS_SECONDS
from local.story.browser import Browser
from tests.flows.household import PERSON, Held, Household


@pytest.fixture(scope="module")
def waiting(household: Household) -> Held:
    """A credential without a consent."""
    return household.put("waiting")


def test_a_first_consent_puts_tokens_that_work_into_the_secret(household: Household) -> None:
    held = household.connected("first-consent")
    document = held.consumer.document()
    assert document["identity"]["username"] == PERSON
    assert document["note"] == "kept"
    assert held.consumer.call_ads_api() == 200


def test_a_first_consent_is_announced_and_recorded(household: Household) -> None:
    assert household.connected("announced")
    assert household.inbox.wait_for("announced", "connected")
    assert household.reaches("announced", "healthy")
    assert household.events("announced") == ["reconsent_required", "connected"]


def test_opening_the_link_consumes_nothing(household: Household, waiting: Held) -> None:
    """Mail scanners open links, some of them with HEAD, before the person does."""
    link, version = household.link("waiting"), waiting.consumer.version_id()
    for _ in range(3):
        assert household.open(link).heading == "Connect Microsoft Advertising"
        requests.head(link, timeout=GENEROUS_SECONDS)
    assert waiting.consumer.version_id() == version
    assert household.open(link).buttons


def test_an_altered_link_is_refused(household: Household, waiting: Held) -> None:
    link = household.link("waiting")
    page = household.open(link[:-3] + ("aaa" if not link.endswith("aaa") else "bbb"))
    assert (page.status, page.heading) == (403, "This link does not work")


def test_a_link_for_another_credential_is_refused(household: Household, waiting: Held) -> None:
    page = household.open(household.link("waiting").replace("/connect/waiting", "/connect/first-consent"))
    assert (page.status, page.heading) == (403, "This link does not work")


def test_an_unknown_credential_looks_like_an_altered_link(household: Household, waiting: Held) -> None:
    link = household.link("waiting")
    unknown = household.open(link.replace("/connect/waiting", "/connect/no-such-credential"))
    altered = household.open(link[:-3] + "zzz")
    assert (unknown.status, unknown.text) == (altered.status, altered.text)


def test_an_unknown_state_is_refused(household: Household) -> None:
    page = household.open(f"{household.stack.public_url}/callback?state=made-up&code=made-up")
    assert (page.status, page.heading) == (400, "This sign-in is not known")


def test_an_error_from_microsoft_gets_a_page_and_a_fresh_start(household: Household, waiting: Held) -> None:
    browser, version = Browser(), waiting.consumer.version_id()
    landing = household.open(household.link("waiting"), browser)
    page = household.see(browser.press(browser.press(landing, "Continue to Microsoft"), "Cancel"))
    assert (page.status, page.heading) == (400, "Microsoft did not connect you")
    assert [button.label for button in page.buttons] == ["Try again"]
    assert waiting.consumer.version_id() == version


def test_another_browser_cannot_finish_a_sign_in(household: Household, waiting: Held) -> None:
    browser, version = Browser(), waiting.consumer.version_id()
    chooser = browser.press(household.open(household.link("waiting"), browser), "Continue to Microsoft")
    # Another browser comes back from Microsoft without the cookie.
    page = household.see(Browser().press(chooser, PERSON))
    assert (page.status, page.heading) == (403, "Please use one browser")
    assert waiting.consumer.version_id() == version


def test_somebody_without_access_to_the_account_is_refused_with_its_number(household: Household, waiting: Held) -> None:
    version = waiting.consumer.version_id()
    page = household.consent(household.link("waiting"), "outsider@example.com")
    assert (page.status, page.heading) == (403, "No access to this account")
    assert "1234567" in page.text
    assert waiting.consumer.version_id() == version


def test_a_second_hit_of_the_callback_shows_what_the_first_did(household: Household) -> None:
    household.put("double-click")
    browser = Browser()
    first = household.consent(household.link("double-click"), browser=browser)
    version = household.held("double-click", "", "").consumer.version_id()
    second = household.open(first.url, browser)
    assert (first.heading, second.heading) == ("Connected", "Connected")
    assert household.held("double-click", "", "").consumer.version_id() == version


def test_a_used_link_says_who_connected_and_when(household: Household) -> None:
    household.connected("done")
    page = household.open(household.link("done"))
    assert (page.status, page.heading) == (410, "Already connected")
    assert PERSON in page.text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", page.text)


def test_somebody_else_than_last_time_is_asked_before_anything_is_written(household: Household) -> None:
    held = household.connected("handed-over")
    household.stack.identity_provider.revoke(held.client_id)
    link = household.link("handed-over", after=1)
    version, browser = held.consumer.version_id(), Browser()
    asked = household.consent(link, "colleague@example.com", browser)
    assert (asked.status, asked.heading) == (409, "Are you sure that it is you?")
    assert PERSON in asked.text
    assert "colleague@example.com" in asked.text
    assert held.consumer.version_id() == version
    chooser = browser.press(asked, "Continue as colleague@example.com")
    done = household.see(browser.press(chooser, "colleague@example.com"))
    assert done.heading == "Connected"
    assert held.consumer.document()["identity"]["username"] == "colleague@example.com"


def test_a_credential_with_a_slash_in_its_name_can_be_connected(household: Household) -> None:
    held = household.connected("agency/client-1")
    assert held.consumer.document()["identity"]["username"] == PERSON


def test_the_operator_must_replace_a_wrong_client_secret_and_the_page_says_so(household: Household) -> None:
    held = household.put("wrong-client-secret")
    page = household.consent(household.link("wrong-client-secret"))
    assert (page.status, page.heading) == (409, "This is not your fault")
    alert = household.inbox.wait_for(held.name, "operator_action_required")
    assert alert
    assert alert["code"] == "7000215"
    assert "refresh_token" not in held.consumer.document()


def test_health_says_that_it_is_up(household: Household) -> None:
    answer = requests.get(f"{household.stack.public_url}/health", timeout=GENEROUS_SECONDS)
    assert answer.json()["status"] == "ok"
