"""What the browser keeps, and what it tells Microsoft."""

from urllib.parse import urlsplit

from tests.browser.visitor import Tab
from tests.flows.household import PERSON, Held


def test_microsoft_is_not_told_where_the_browser_comes_from(tab: Tab, link: str, waiting: Held) -> None:
    """The address of the landing page is the link, which is not for anybody else."""
    tab.sign_in(link, PERSON)
    asked = tab.visitor.requests_to(tab.visitor.theirs)
    assert asked
    assert not [request.url for request in asked if "referer" in request.all_headers()]
    assert not [request.url for request in asked if "invite" in urlsplit(request.url).query]


def test_the_way_back_is_not_told_either(tab: Tab, link: str, waiting: Held) -> None:
    tab.sign_in(link, PERSON)
    asked = tab.visitor.requests_to(tab.visitor.ours)
    assert not [request.url for request in asked if "referer" in request.all_headers()]


def test_opening_a_link_leaves_no_cookie(tab: Tab, link: str, waiting: Held) -> None:
    tab.open(link)
    assert tab.visitor.cookies == []


def test_the_cookie_is_for_the_front_door_alone_and_for_no_script(tab: Tab, link: str, waiting: Held) -> None:
    tab.start(link)
    [cookie] = tab.visitor.cookies
    assert cookie["httpOnly"]
    assert (cookie["sameSite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "localhost")
    # Browsers keep the prefix for https alone, and one machine has http.
    assert not cookie["name"].startswith("__Host-")
    assert not cookie["secure"]


def test_the_redirect_to_microsoft_is_not_kept(tab: Tab, link: str, waiting: Held) -> None:
    tab.start(link)
    [redirect] = [
        answer
        for request in tab.visitor.requests_to(tab.visitor.ours)
        if request.method == "POST" and (answer := request.response())
    ]
    assert redirect.status == 303
    assert redirect.all_headers()["cache-control"] == "no-store"
    assert redirect.all_headers()["referrer-policy"] == "no-referrer"
