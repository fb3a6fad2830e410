"""The pages that a person sees: whole, safe, and with one thing to do at most."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from token_refresher.connect_link import ConnectLinks
from token_refresher.consent import Landing
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.invite import Invite
from token_refresher.pages import Page, Pages, security_headers
from token_refresher.sensitive import Sensitive

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
EVIL = '"><script>alert(1)</script>'
LINKS = ConnectLinks(lambda: [Sensitive("planted-key")], "https://connect.example.com", timedelta(days=7), lambda: AT)
PAGES = Pages(LINKS)
FRESH_START = {
    Ending.CODE_EXPIRED,
    Ending.REFUSED_BY_MICROSOFT,
    Ending.TRY_AGAIN_LATER,
    Ending.STORE_DOWN,
    Ending.NO_REFRESH_TOKEN,
    Ending.MISSING_SCOPE,
    Ending.UNKNOWN_PERSON,
    Ending.OTHER_PERSON,
    Ending.NO_ACCOUNT_ACCESS,
}
"""The endings that offer one, where there is an invite to go on with."""


def result(ending: Ending, text: str = "text") -> ConsentResult:
    """Return an ending with everything filled in that a page could show."""
    return ConsentResult(
        ending,
        credential=f"team/{text}",
        invite=Invite(f"team/{text}", "", AT - timedelta(days=6), AT + timedelta(days=1)),
        username=f"owner-{text}@example.com",
        person=f"person-{text}",
        previous_username=f"previous-{text}@example.com",
        at="2026-01-31T09:00:00Z",
        account_id=f"account-{text}",
        verified=False,
        cause=f"Cause {text}.",
        action=f"Action {text}.",
        code=f"code-{text}",
    )


def landing(text: str = "text") -> Page:
    where = Landing(f"team/{text}", f"account-{text}", f"last-{text}@example.com", "2026-01-31T09:00:00Z")
    return PAGES.landing(where, f"invite-{text}")


EVERY_PAGE = {
    **{str(ending): PAGES.ending(result(ending)) for ending in Ending},
    "landing": landing(),
    "broken": PAGES.broken(),
}
EVERY_EVIL_PAGE = {**{str(ending): PAGES.ending(result(ending, EVIL)) for ending in Ending}, "landing": landing(EVIL)}


class Elements(HTMLParser):
    """The elements of a page, with their attributes and their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._open = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.text[self._open] = self.text.get(self._open, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.found if found == tag]


def form(html: str) -> tuple[str | None, dict[str | None, str | None]]:
    elements = Elements(html)
    fields = {one["name"]: one["value"] for one in elements.all("input")}
    return elements.all("form")[0]["action"], fields


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_a_page_with_its_status(ending: Ending) -> None:
    assert PAGES.ending(result(ending)).status == ending.http_status


@pytest.mark.parametrize("ending", sorted(set(Ending) - {Ending.CONNECTED}), ids=str)
def test_every_ending_has_a_page_that_does_with_nothing_but_its_name(ending: Ending) -> None:
    assert Elements(PAGES.ending(ConsentResult(ending)).html).text["h1"].strip()


def test_the_landing_and_a_fault_have_theirs() -> None:
    assert (landing().status, PAGES.broken().status) == (200, 500)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_has_a_language_a_title_and_fits_a_phone(name: str) -> None:
    elements = Elements(EVERY_PAGE[name].html)
    assert elements.all("html") == [{"lang": "en"}]
    assert elements.text["title"].strip()
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in elements.all("meta")
    assert EVERY_PAGE[name].html.startswith("<!doctype html>")


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_has_one_heading_and_one_button_at_the_most(name: str) -> None:
    elements = Elements(EVERY_PAGE[name].html)
    assert len(elements.all("h1")) == 1
    assert len(elements.all("button")) == len(elements.all("form")) <= 1


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_runs_and_loads_nothing(name: str) -> None:
    elements = Elements(EVERY_PAGE[name].html)
    assert {tag for tag, _ in elements.found}.isdisjoint({"script", "img", "link", "iframe", "object", "base"})
    assert not [key for _, attributes in elements.found for key in attributes if key.startswith("on") or key == "style"]
    assert "url(" not in elements.text["style"]
    assert "@import" not in elements.text["style"]


@pytest.mark.parametrize("name", EVERY_EVIL_PAGE)
def test_markup_in_a_value_stays_text(name: str) -> None:
    html = EVERY_EVIL_PAGE[name].html
    elements = Elements(html)
    assert elements.all("script") == []
    assert EVIL not in html
    assert len(elements.all("input")) == len(Elements(EVERY_PAGE[name].html).all("input"))


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_the_policy_allows_the_stylesheet_of_the_page_and_no_other(name: str) -> None:
    style = re.findall(r"<style>(.*?)</style>", EVERY_PAGE[name].html, re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in security_headers()["Content-Security-Policy"].split("; ")


def test_the_policy_allows_nothing_else() -> None:
    policy = dict(part.split(" ", 1) for part in security_headers()["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'none'", "'none'")
    assert set(policy) == {"default-src", "style-src", "base-uri", "frame-ancestors"}
    assert "unsafe" not in str(policy)


def test_a_page_is_not_stored_framed_sniffed_or_told_to_others() -> None:
    headers = security_headers()
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_landing_page_posts_the_invite_to_its_credential() -> None:
    page = PAGES.landing(Landing("team/a+b", "", "", ""), "the-invite")
    assert form(page.html) == ("https://connect.example.com/connect/team/a%2Bb", {"invite": "the-invite"})


def test_the_landing_page_names_the_credential_the_account_and_who_was_last() -> None:
    html = landing().html
    for fact in ("team/text", "account-text", "last-text@example.com", "2026-01-31 09:00 UTC"):
        assert fact in html


def test_before_the_first_consent_the_landing_page_names_nobody() -> None:
    assert "Last connected" not in PAGES.landing(Landing("team/ads", "", "", ""), "x").html


@pytest.mark.parametrize("ending", sorted(FRESH_START))
def test_a_fresh_start_goes_on_with_the_invite_and_its_end(ending: Ending) -> None:
    action, fields = form(PAGES.ending(result(ending)).html)
    assert action == "https://connect.example.com/connect/team/text"
    assert LINKS.read("team/text", fields["invite"] or "") == result(ending).invite


@pytest.mark.parametrize("ending", Ending)
def test_without_an_invite_there_is_no_fresh_start(ending: Ending) -> None:
    assert Elements(PAGES.ending(replace(result(ending), invite=None)).html).all("form") == []


@pytest.mark.parametrize("ending", sorted(set(Ending) - FRESH_START))
def test_an_ending_that_a_new_sign_in_does_not_help_offers_none(ending: Ending) -> None:
    assert Elements(PAGES.ending(result(ending)).html).all("form") == []


@pytest.mark.parametrize(
    ("ending", "extra"),
    [
        pytest.param(Ending.NO_REFRESH_TOKEN, {"prompt", "login_hint"}, id="no refresh token: consent again"),
        pytest.param(Ending.MISSING_SCOPE, {"prompt"}, id="a missing scope: consent again"),
        pytest.param(Ending.OTHER_PERSON, {"accepted", "login_hint"}, id="somebody else: taken over on purpose"),
        pytest.param(Ending.NO_ACCOUNT_ACCESS, set(), id="no access: somebody else, without a hint"),
        pytest.param(Ending.TRY_AGAIN_LATER, set(), id="an outage: the same again"),
        pytest.param(Ending.STORE_DOWN, set(), id="an outage of ours: the same again"),
    ],
)
def test_a_fresh_start_says_what_is_different_about_it(ending: Ending, extra: set[str]) -> None:
    assert set(form(PAGES.ending(result(ending)).html)[1]) == {"invite"} | extra


def test_taking_over_names_the_person_who_takes_over() -> None:
    fields = form(PAGES.ending(result(Ending.OTHER_PERSON)).html)[1]
    assert (fields["accepted"], fields["login_hint"]) == ("person-text", "owner-text@example.com")


@pytest.mark.parametrize(
    ("ending", "facts"),
    [
        pytest.param(Ending.CONNECTED, ["team/text", "owner-text", "account-text", "09:00 UTC"], id="connected"),
        pytest.param(
            Ending.CONNECTED_SOON,
            ["team/text", "owner-text", "account-text", "nothing left for you to do"],
            id="connected soon: and that is all",
        ),
        pytest.param(Ending.STORE_DOWN, ["a few minutes"], id="an outage of ours: when to try again"),
        pytest.param(Ending.ALREADY_DONE, ["previous-text", "2026-01-31 09:00 UTC"], id="already done"),
        pytest.param(Ending.OTHER_PERSON, ["owner-text", "previous-text"], id="somebody else: both are named"),
        pytest.param(
            Ending.NO_ACCOUNT_ACCESS,
            ["owner-text", "account-text", "Cause text.", "Action text.", "code-text"],
            id="no access: who, which account, and why",
        ),
        pytest.param(Ending.OPERATOR_NEEDED, ["Cause text.", "Action text.", "code-text"], id="the operator must act"),
        pytest.param(Ending.REFUSED_BY_MICROSOFT, ["Cause text.", "Action text.", "code-text"], id="refused"),
        pytest.param(Ending.TRY_AGAIN_LATER, ["Cause text."], id="an outage"),
    ],
)
def test_an_ending_names_what_it_is_about(ending: Ending, facts: list[str]) -> None:
    html = PAGES.ending(result(ending)).html
    assert [fact for fact in facts if fact not in html] == []


def test_no_access_without_a_reason_still_says_what_to_do() -> None:
    """A second hit may show what an older version has kept."""
    page = PAGES.ending(ConsentResult(Ending.NO_ACCOUNT_ACCESS, "team/ads", username="owner", account_id="1234567"))
    assert "ask an administrator of that account for access" in page.html


def test_an_access_that_was_confirmed_is_not_doubted() -> None:
    page = PAGES.ending(ConsentResult(Ending.CONNECTED, "team/ads", at="2026-01-31T09:00:00Z"))
    assert "could not be asked" not in page.html
    assert "could not be asked" in PAGES.ending(result(Ending.CONNECTED)).html
