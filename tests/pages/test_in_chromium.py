"""The pages in a real browser, with their real headers: colours, screens, keyboard and touch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from tests.grids import sampled
from token_refresher.entrypoints.web.pages import security_headers
from tools.chromium import launched
from tools.pages.oversized import OVERSIZED
from tools.pages.render import EVERY_SCREEN, PHONE_LIGHT, Screen
from tools.pages.situation import Situation
from tools.pages.situations import SITUATIONS

ADDRESS = "https://connect.example.com/callback"
SMALLEST = 320
"""CSS pixels: a desktop of 1280 at 400 % (WCAG 2.2, success criterion 1.4.10)."""
TOUCHED = 44
"""CSS pixels that a finger needs (WCAG 2.2, success criterion 2.5.5)."""

EVERY_PAGE = sampled(SITUATIONS, 3)
WITH_THE_LONGEST_NAMES = sampled(OVERSIZED, 3)
WITH_A_BUTTON = sampled([one for one in SITUATIONS if "<button" in one.page().html], 3)


def by_name(situation: Situation) -> str:
    return situation.name


OVERFLOWING = """() => [...document.body.querySelectorAll("*")]
    .filter(one => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== "inline")
    .map(one => one.outerHTML.slice(0, 80))"""
FOCUS = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return [document.activeElement.textContent.replace(/\\s+/g, " "), outlineStyle, parseFloat(outlineWidth)];
}"""


@dataclass
class Tab:
    """A tab that opens one page after the other, as if the callback function had sent it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, situation: Situation) -> Page:
        shown = situation.page()

        def answer(route: Route) -> None:
            self.requests.append(route.request.url)
            headers = {**security_headers(), "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(status=shown.status, headers=headers, body=shown.html)

        self.complaints.clear()
        self.requests.clear()
        self.page.unroute_all()
        self.page.route("**/*", answer)
        self.page.goto(ADDRESS)
        return self.page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a Chromium that ends with this module.

    Playwright's event loop runs in this thread until then, so no test of another module could run one of its own.
    """
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Tab:
    """Return the one tab of all tests."""
    tab = Tab(chromium.new_page(reduced_motion="reduce"))
    tab.page.on("console", lambda message: tab.complaints.append(message.text))
    return tab


@pytest.fixture
def phone(tab: Tab) -> Tab:
    """Return the tab as a phone in the light scheme."""
    set_screen(tab.page, PHONE_LIGHT)
    return tab


def set_screen(page: Page, screen: Screen) -> None:
    page.set_viewport_size({"width": screen.width, "height": screen.height})
    page.emulate_media(color_scheme=screen.scheme, forced_colors="none")


@pytest.mark.parametrize("screens", sampled([[PHONE_LIGHT], EVERY_SCREEN], 2), ids=["on a phone", "on every screen"])
@pytest.mark.parametrize("situation", EVERY_PAGE, ids=by_name)
def test_axe_finds_nothing_on_any_screen_in_any_scheme(
    situation: Situation, screens: Sequence[Screen], tab: Tab
) -> None:
    page, axe = tab.open(situation), Axe()
    page.evaluate(axe.axe_script)  # Once, because it takes the most time.
    for screen in screens:
        set_screen(page, screen)
        found = AxeResults(page.evaluate("axe.run({ resultTypes: ['violations'] })"))
        assert found.violations_count == 0, f"{screen}: {found.generate_report()}"


@pytest.mark.parametrize("situation", EVERY_PAGE, ids=by_name)
def test_the_browser_loads_nothing_but_the_page_and_reports_no_error(situation: Situation, phone: Tab) -> None:
    """It also applies the stylesheet, which is the only one that the policy allows."""
    page = phone.open(situation)
    assert phone.requests == [ADDRESS]
    # Chromium writes every status of 400 and above to the console.
    assert [one for one in phone.complaints if "responded with a status" not in one] == []
    assert page.evaluate("getComputedStyle(document.querySelector('main')).borderRadius") == "12px"


@pytest.mark.parametrize("situation", WITH_THE_LONGEST_NAMES, ids=by_name)
def test_nothing_is_cut_off_on_the_smallest_screen(situation: Situation, phone: Tab) -> None:
    page = phone.open(situation)
    page.set_viewport_size({"width": SMALLEST, "height": PHONE_LIGHT.height})
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST
    assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("situation", WITH_THE_LONGEST_NAMES, ids=by_name)
def test_nothing_is_cut_off_with_text_twice_as_large(situation: Situation, phone: Tab) -> None:
    page = phone.open(situation)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_LIGHT.width
    assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("situation", WITH_A_BUTTON, ids=by_name)
def test_the_keyboard_reaches_every_button_and_the_focus_is_visible(situation: Situation, phone: Tab) -> None:
    page = phone.open(situation)
    for label in page.locator("button").all_inner_texts():
        page.keyboard.press("Tab")
        focused, style, width = page.evaluate(FOCUS)
        assert (focused, style) == (" ".join(label.split()), "solid")
        assert width >= 2


@pytest.mark.parametrize("situation", WITH_A_BUTTON, ids=by_name)
def test_a_finger_hits_every_button(situation: Situation, phone: Tab) -> None:
    boxes = [button.bounding_box() for button in phone.open(situation).locator("button").all()]
    assert all(box and min(box["width"], box["height"]) >= TOUCHED for box in boxes)


@pytest.mark.parametrize("situation", WITH_A_BUTTON, ids=by_name)
def test_a_button_keeps_its_edge_with_the_colours_of_the_system(situation: Situation, phone: Tab) -> None:
    page = phone.open(situation)
    page.emulate_media(forced_colors="active")
    widths = "all => all.map(one => parseFloat(getComputedStyle(one).borderTopWidth))"
    assert all(width >= 1 for width in page.locator("button").evaluate_all(widths))
