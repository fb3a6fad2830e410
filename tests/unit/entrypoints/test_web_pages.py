"""The pages that a person sees: whole, safe, and with one thing to do at most."""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.consent.service import LandingPage
from token_refresher.entrypoints.web.pages import Page, Pages, security_headers
from token_refresher.invites.invite import Invite
from token_refresher.invites.links import ConnectLinks

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
EVIL = '"><script>alert(1)</script>'
LINKS = ConnectLinks(lambda: [Sensitive("planted-key")], "https://connect.example.com", timedelta(days=7), lambda: AT)
PAGES = Pages(LINKS)
FRESH_START = {
    ConsentOutcome.CODE_EXPIRED,
    ConsentOutcome.REFUSED_BY_PROVIDER,
    ConsentOutcome.TRY_AGAIN_LATER,
    ConsentOutcome.STORE_DOWN,
    ConsentOutcome.NO_REFRESH_TOKEN,
    ConsentOutcome.MISSING_SCOPE,
    ConsentOutcome.UNKNOWN_PERSON,
    ConsentOutcome.OTHER_PERSON,
    ConsentOutcome.NO_ACCOUNT_ACCESS,
}
"""The outcomes whose page offers a new start if there is an invite."""

UNNAMED = {
    ConsentOutcome.INVALID_INVITE,
    ConsentOutcome.UNKNOWN_STATE,
    ConsentOutcome.FOREIGN_BROWSER,
    ConsentOutcome.UNAVAILABLE,
}
"""The outcomes for visitors who have not proved that they may know of the credential."""


def result(ending: ConsentOutcome, text: str = "text") -> ConsentResult:
    """Return a result with every fact that a page can name."""
    return ConsentResult(
        ending,
        credential=f"team/{text}",
        invite=Invite(f"team/{text}", "", AT - timedelta(days=6), AT + timedelta(days=1)),
        prompt=f"prompt-{text}",
        username=f"owner-{text}@example.com",
        person=f"person-{text}",
        previous_username=f"previous-{text}@example.com",
        at="2026-01-31T09:00:00Z",
        account_id=f"account-{text}",
        account_name=f"name-{text}",
        account_status=f"Status {text}",
        customer_id=f"customer-{text}",
        is_sandbox=True,
        is_paused=True,
        verified=False,
        cause=f"Cause {text}.",
        action=f"Action {text}.",
        code=f"code-{text}",
        words=MICROSOFT,
    )


def landing(text: str = "text") -> Page:
    where = LandingPage(
        f"team/{text}",
        MICROSOFT,
        f"account-{text}",
        f"last-{text}@example.com",
        "2026-01-31T09:00:00Z",
        f"name-{text}",
        is_sandbox=True,
    )
    return PAGES.landing(where, f"invite-{text}")


EVERY_PAGE = {
    **{str(ending): PAGES.ending(result(ending)) for ending in ConsentOutcome},
    "landing": landing(),
    "broken": PAGES.broken(),
}
EVERY_EVIL_PAGE = {
    **{str(ending): PAGES.ending(result(ending, EVIL)) for ending in ConsentOutcome},
    "landing": landing(EVIL),
}


class Elements(HTMLParser):
    """The elements of a page, with their attributes and their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.words = ""
        self._open = ""
        self.feed(html)
        self.close()
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.text[self._open] = self.text.get(self._open, "") + data
        self.words += "" if self._open == "style" else data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.found if found == tag]


@dataclass
class Form:
    """A form of a page: its target, its fields, and its button."""

    action: str
    fields: dict[str, str]
    kind: str = ""


def forms(html: str) -> list[Form]:
    found: list[Form] = []
    for tag, attributes in Elements(html).found:
        known = {key: value or "" for key, value in attributes.items()}
        if tag == "form":
            assert known["method"] == "post"
            found.append(Form(known["action"], {}))
        elif tag == "input":
            found[-1].fields[known["name"]] = known["value"]
        elif tag == "button":
            found[-1].kind = known["class"]
    return found


def words(ending: ConsentOutcome, **changes: Any) -> str:
    return Elements(PAGES.ending(replace(result(ending), **changes)).html).words


@pytest.mark.parametrize("ending", ConsentOutcome)
def test_every_ending_has_a_page_with_its_status(ending: ConsentOutcome) -> None:
    assert PAGES.ending(result(ending)).status == ending.http_status


@pytest.mark.parametrize("ending", ConsentOutcome)
def test_every_page_can_be_rendered_without_any_fact(ending: ConsentOutcome) -> None:
    assert Elements(PAGES.ending(ConsentResult(ending)).html).text["h1"].strip()


def test_the_landing_and_a_fault_have_a_page() -> None:
    assert (landing().status, PAGES.broken().status) == (200, 500)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_has_a_language_a_title_and_fits_a_phone(name: str) -> None:
    elements = Elements(EVERY_PAGE[name].html)
    assert elements.all("html") == [{"lang": "en"}]
    assert elements.text["title"].strip() == f"{elements.text['h1'].strip()} · Token Refresher"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in elements.all("meta")
    assert EVERY_PAGE[name].html.startswith("<!doctype html>")


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_has_one_heading_and_one_main_part(name: str) -> None:
    elements = Elements(EVERY_PAGE[name].html)
    assert [len(elements.all(tag)) for tag in ("h1", "main", "header")] == [1, 1, 1]


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_has_one_primary_button_at_the_most(name: str) -> None:
    kinds = [form.kind for form in forms(EVERY_PAGE[name].html)]
    assert set(kinds) <= {"primary", "secondary"}
    assert kinds.count("primary") <= 1
    assert len(Elements(EVERY_PAGE[name].html).all("button")) == len(kinds)


@pytest.mark.parametrize("name", sorted(set(EVERY_PAGE) - {"landing"}))
def test_a_page_says_in_words_what_its_mark_says_in_colour(name: str) -> None:
    mark = re.search(r'<p class="mark">(.*?)</p>', EVERY_PAGE[name].html, re.DOTALL)
    assert mark
    elements = Elements(mark[1])
    assert elements.all("svg")[0]["aria-hidden"] == "true"
    assert elements.words


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


def test_a_page_is_not_stored_framed_sniffed_or_sent_as_a_referrer() -> None:
    headers = security_headers()
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_landing_page_posts_the_invite_to_its_credential() -> None:
    page = PAGES.landing(LandingPage("team/a+b", MICROSOFT, "", "", ""), "the-invite")
    carried = {"invite": "the-invite"}
    assert forms(page.html) == [Form("https://connect.example.com/connect/team/a%2Bb", carried, "primary")]


def test_the_landing_page_names_the_credential_the_account_and_who_was_last() -> None:
    text = Elements(landing().html).words
    for fact in ("team/text", "name-text (ID account-text)", "last-text@example.com", "2026-01-31 09:00 UTC"):
        assert fact in text


def test_before_the_first_consent_the_landing_page_names_nobody() -> None:
    assert "Last connected" not in PAGES.landing(LandingPage("team/ads", MICROSOFT, "", "", ""), "x").html


def test_the_landing_page_of_a_sandbox_asks_for_the_account_of_the_sandbox() -> None:
    in_production = Elements(PAGES.landing(LandingPage("team/ads", MICROSOFT, "", "", ""), "x").html).words
    assert "Sandbox: test data only." in Elements(landing().html).words
    assert "sandbox" not in in_production.lower()
    assert "ads.microsoft.com" in in_production


@pytest.mark.parametrize("ending", sorted(FRESH_START))
def test_a_new_start_has_the_same_invite_with_the_same_end(ending: ConsentOutcome) -> None:
    primary = forms(PAGES.ending(result(ending)).html)[0]
    assert (primary.action, primary.kind) == ("https://connect.example.com/connect/team/text", "primary")
    assert LINKS.read("team/text", primary.fields["invite"]) == result(ending).invite


@pytest.mark.parametrize("ending", ConsentOutcome)
def test_without_an_invite_there_is_no_new_start(ending: ConsentOutcome) -> None:
    assert forms(PAGES.ending(replace(result(ending), invite=None)).html) == []


@pytest.mark.parametrize("ending", sorted(FRESH_START))
def test_without_an_invite_the_page_points_to_the_link_in_the_message(ending: ConsentOutcome) -> None:
    assert "open the link from the message" in words(ending, invite=None)
    assert "open the link from the message" not in words(ending)


@pytest.mark.parametrize("ending", sorted(set(ConsentOutcome) - FRESH_START - {ConsentOutcome.OPERATOR_NEEDED}))
def test_a_page_offers_no_new_sign_in_that_does_not_help(ending: ConsentOutcome) -> None:
    assert forms(PAGES.ending(result(ending)).html) == []


def test_the_page_for_the_operator_offers_a_new_start_but_not_as_its_primary_button() -> None:
    assert [form.kind for form in forms(PAGES.ending(result(ConsentOutcome.OPERATOR_NEEDED)).html)] == ["secondary"]


@pytest.mark.parametrize(
    ("ending", "extra"),
    [
        pytest.param(ConsentOutcome.NO_REFRESH_TOKEN, {"prompt", "login_hint"}, id="no refresh token: consent again"),
        pytest.param(ConsentOutcome.MISSING_SCOPE, {"prompt", "login_hint"}, id="a missing scope: consent again"),
        pytest.param(
            ConsentOutcome.OTHER_PERSON, {"accepted", "login_hint"}, id="another person: a confirmed take-over"
        ),
        pytest.param(ConsentOutcome.NO_ACCOUNT_ACCESS, {"login_hint"}, id="no access: another person, and no proposal"),
        pytest.param(ConsentOutcome.REFUSED_BY_PROVIDER, {"prompt"}, id="refused: with what was missing"),
        pytest.param(ConsentOutcome.TRY_AGAIN_LATER, set(), id="an outage: the same again"),
        pytest.param(ConsentOutcome.STORE_DOWN, set(), id="an outage of the store: the same again"),
        pytest.param(ConsentOutcome.OPERATOR_NEEDED, set(), id="the operator has acted: the same again"),
    ],
)
def test_a_new_start_has_the_fields_that_differ(ending: ConsentOutcome, extra: set[str]) -> None:
    assert set(forms(PAGES.ending(result(ending)).html)[0].fields) == {"invite"} | extra


@pytest.mark.parametrize(
    ("ending", "field", "value"),
    [
        pytest.param(ConsentOutcome.NO_REFRESH_TOKEN, "prompt", "consent", id="no refresh token: consent again"),
        pytest.param(
            ConsentOutcome.NO_REFRESH_TOKEN, "login_hint", "owner-text@example.com", id="... by the same person"
        ),
        pytest.param(ConsentOutcome.MISSING_SCOPE, "prompt", "consent", id="a missing scope: consent again"),
        pytest.param(ConsentOutcome.NO_ACCOUNT_ACCESS, "login_hint", "", id="no access: nobody is proposed"),
        pytest.param(ConsentOutcome.REFUSED_BY_PROVIDER, "prompt", "prompt-text", id="refused: with what was missing"),
    ],
)
def test_a_new_start_has_the_fields_that_it_needs(ending: ConsentOutcome, field: str, value: str) -> None:
    assert forms(PAGES.ending(result(ending)).html)[0].fields[field] == value


def test_a_new_start_has_no_field_without_a_value() -> None:
    bare = replace(result(ConsentOutcome.NO_REFRESH_TOKEN), username="")
    assert set(forms(PAGES.ending(bare).html)[0].fields) == {"invite", "prompt"}
    assert set(forms(PAGES.ending(replace(result(ConsentOutcome.REFUSED_BY_PROVIDER), prompt="")).html)[0].fields) == {
        "invite"
    }


def test_taking_over_names_the_person_who_takes_over() -> None:
    fields = forms(PAGES.ending(result(ConsentOutcome.OTHER_PERSON)).html)[0].fields
    assert (fields["accepted"], fields["login_hint"]) == ("person-text", "owner-text@example.com")


def test_signing_in_as_the_person_before_takes_over_nothing() -> None:
    other = forms(PAGES.ending(result(ConsentOutcome.OTHER_PERSON)).html)[1]
    assert (other.kind, set(other.fields)) == ("secondary", {"invite", "login_hint"})
    assert other.fields["login_hint"] == "previous-text@example.com"


@pytest.mark.parametrize("ending", sorted(UNNAMED))
def test_a_page_for_an_unproved_visitor_says_nothing_about_the_credential(ending: ConsentOutcome) -> None:
    """The page is the same for every visitor, whatever the result holds."""
    assert words(ending) == Elements(PAGES.ending(ConsentResult(ending)).html).words


@pytest.mark.parametrize("ending", sorted(set(ConsentOutcome) - UNNAMED))
def test_every_other_ending_names_the_credential_and_its_account(ending: ConsentOutcome) -> None:
    text = words(ending)
    assert "Credential team/text" in text
    assert "Account name-text (ID account-text)" in text
    assert "Environment Sandbox, test data only" in text
    assert "Environment" not in words(ending, is_sandbox=False)


@pytest.mark.parametrize(
    ("ending", "facts"),
    [
        pytest.param(
            ConsentOutcome.CONNECTED,
            ["owner-text", "2026-01-31 09:00 UTC", "you can close this page"],
            id="connected: until when, and that is all",
        ),
        pytest.param(
            ConsentOutcome.CONNECTED_SOON,
            ["owner-text", "you can close this page"],
            id="connected soon: and that is all",
        ),
        pytest.param(ConsentOutcome.STORE_DOWN, ["a few minutes"], id="an outage of the store: when to try again"),
        pytest.param(ConsentOutcome.ALREADY_DONE, ["previous-text", "2026-01-31 09:00 UTC"], id="already done"),
        pytest.param(
            ConsentOutcome.OTHER_PERSON,
            ["owner-text", "previous-text", "Nothing was changed yet"],
            id="another person: both are named",
        ),
        pytest.param(
            ConsentOutcome.NO_ACCOUNT_ACCESS,
            ["owner-text", "“name-text” (ID account-text)", "Cause text.", "Action text.", "code-text"],
            id="no access: who, which account, and why",
        ),
        pytest.param(
            ConsentOutcome.OPERATOR_NEEDED, ["Cause text.", "Action text.", "code-text"], id="the operator must act"
        ),
        pytest.param(ConsentOutcome.REFUSED_BY_PROVIDER, ["Cause text.", "Action text.", "code-text"], id="refused"),
        pytest.param(ConsentOutcome.TRY_AGAIN_LATER, ["Cause text.", "code-text"], id="an outage"),
        pytest.param(
            ConsentOutcome.MISSING_SCOPE, ["the permission for Microsoft Advertising"], id="a missing scope: which"
        ),
    ],
)
def test_a_page_names_its_facts(ending: ConsentOutcome, facts: list[str]) -> None:
    text = words(ending)
    assert [fact for fact in facts if fact not in text] == []


@pytest.mark.parametrize(
    ("notified", "said"),
    [
        pytest.param(True, "The operator was notified.", id="notified: there is nothing to do"),
        pytest.param(
            False, "Please pass this on to the person who sent you the link", id="not notified: it has to be passed on"
        ),
    ],
)
def test_the_page_says_whether_the_operator_was_notified(notified: bool, said: str) -> None:
    assert said in words(ConsentOutcome.OPERATOR_NEEDED, operator_notified=notified)
    assert said not in words(ConsentOutcome.OPERATOR_NEEDED, operator_notified=not notified)


def test_no_access_without_a_reason_still_says_what_to_do() -> None:
    """A second hit may show a result that an older version has stored."""
    page = PAGES.ending(
        ConsentResult(ConsentOutcome.NO_ACCOUNT_ACCESS, "team/ads", username="owner", account_id="1234567")
    )
    assert "ask an administrator of that account for access" in page.html


@pytest.mark.parametrize(
    ("without", "said"),
    [
        pytest.param({"verified": True}, "could not be checked yet: whether owner-text", id="a check that is to come"),
        pytest.param({"account_status": ""}, "The status of the account is Status text.", id="an account not active"),
        pytest.param({"is_paused": False}, "perator has paused this credential", id="a credential on pause"),
        pytest.param({"customer_id": ""}, "The account belongs to customer customer-text.", id="another customer"),
    ],
)
@pytest.mark.parametrize("ending", [ConsentOutcome.CONNECTED, ConsentOutcome.CONNECTED_SOON])
def test_the_page_of_a_connection_has_its_caveats(ending: ConsentOutcome, without: dict[str, Any], said: str) -> None:
    assert said in words(ending)
    assert said not in words(ending, **without)


@pytest.mark.parametrize("paused", [pytest.param(True, id="paused"), pytest.param(False, id="at work")])
@pytest.mark.parametrize("ending", [ConsentOutcome.CONNECTED, ConsentOutcome.CONNECTED_SOON])
def test_the_person_has_nothing_left_to_do_but_to_pass_on_a_note(ending: ConsentOutcome, paused: bool) -> None:
    nothing = "There is nothing left for you to do: you can close this page."
    assert nothing in words(ending, customer_id="", is_paused=paused)
    text = words(ending, is_paused=paused)
    assert nothing not in text
    assert "Please pass on the note below; then you can close this page." in text


@pytest.mark.parametrize("ending", [ConsentOutcome.CONNECTED, ConsentOutcome.CONNECTED_SOON])
def test_the_page_promises_a_renewal_unless_the_credential_is_paused(ending: ConsentOutcome) -> None:
    assert "by itself" not in words(ending)
    assert "by itself" in words(ending, is_paused=False)


@pytest.mark.parametrize("ending", [ConsentOutcome.CONNECTED, ConsentOutcome.CONNECTED_SOON])
def test_the_note_on_a_later_check_says_why_and_what_follows(ending: ConsentOutcome) -> None:
    """The page promises no message, because the next check may fail as well."""
    assert (
        "Cause text. The access is checked again with the next renewals. If the answer is no, or the operator has to"
        " act, the person who sent you the link gets a message."
    ) in words(ending)


@pytest.mark.parametrize("ending", [ConsentOutcome.CONNECTED, ConsentOutcome.CONNECTED_SOON])
def test_the_note_on_a_later_check_needs_no_reason(ending: ConsentOutcome) -> None:
    assert "(ID account-text). The access is checked again" in words(ending, cause="", code="")
