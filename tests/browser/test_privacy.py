"""What the browser stores, and what it sends to Microsoft."""

from urllib.parse import urlsplit

from tests.browser.visitor import Tab
from tests.flows.household import PERSON, Held


def test_microsoft_gets_no_referrer(tab: Tab, link: str, waiting: Held) -> None:
    """The URL of the landing page is the link, which is secret."""
    tab.sign_in(link, PERSON)
    requests = tab.visitor.requests_to(tab.visitor.theirs)
    assert requests
    assert not [request.url for request in requests if "referer" in request.all_headers()]
    assert not [request.url for request in requests if "invite" in urlsplit(request.url).query]


def test_the_front_door_gets_no_referrer_either(tab: Tab, link: str, waiting: Held) -> None:
    tab.sign_in(link, PERSON)
    requests = tab.visitor.requests_to(tab.visitor.ours)
    assert not [request.url for request in requests if "referer" in request.all_headers()]


def test_opening_a_link_leaves_no_cookie(tab: Tab, link: str, waiting: Held) -> None:
    tab.open(link)
    assert tab.visitor.cookies == []


def test_the_cookie_is_only_for_the_front_door_and_not_for_scripts(tab: Tab, link: str, waiting: Held) -> None:
    tab.start(link)
    [cookie] = tab.visitor.cookies
    assert cookie["httpOnly"]
    assert (cookie["sameSite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "localhost")
    # Browsers accept the prefix only with https, and the local stack has http.
    assert not cookie["name"].startswith("__Host-")
    assert not cookie["secure"]


def test_the_redirect_to_microsoft_is_not_stored(tab: Tab, link: str, waiting: Held) -> None:
    tab.start(link)
    [redirect] = [
        answer
        for request in tab.visitor.requests_to(tab.visitor.ours)
        if request.method == "POST" and (answer := request.response())
    ]
    assert redirect.status == 303
    assert redirect.all_headers()["cache-control"] == "no-store"
    assert redirect.all_headers()["referrer-policy"] == "no-referrer"
