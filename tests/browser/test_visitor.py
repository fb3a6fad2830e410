"""The checks of the pages find problems: tested with a page that has every problem."""

from playwright.sync_api import Browser, Route

from tests.browser.barriers import barriers_of, scrolls_to_the_side
from tests.browser.visitor import Visitor

OURS, THEIRS = "http://ours.localhost", "http://theirs.localhost"

BAD_PAGE = """<!doctype html><html lang="en"><title>Bad</title>
<style>p { color: #ccc; width: 400px } button:focus { outline: none }</style>
<main><h1>Bad</h1><p>hardly to be read</p><button>Press</button><img alt="" src="http://elsewhere.localhost/a.png"></main>
<script>console.error("a complaint"); throw new Error("a fault");</script>"""


def test_every_problem_of_a_page_is_found(chromium: Browser) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body=BAD_PAGE)

    visitor = Visitor(chromium, OURS, THEIRS)
    visitor.context.route("**/*", answer)
    tab = visitor.open_tab()
    tab.open(f"{OURS}/")
    tab.tab_to("Press")
    wrong, barriers = visitor.what_went_wrong(), barriers_of(tab.page)
    assert "asked http://elsewhere.localhost" in wrong
    assert "console: a complaint" in wrong
    assert [what for what in wrong if "a fault" in what]
    assert [what for what in barriers if what.startswith("dark, 390 wide") and "color-contrast" in what]
    assert scrolls_to_the_side(tab.page)
    assert not tab.shows_the_focus()
    visitor.close()
