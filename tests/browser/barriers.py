"""Accessibility: the violations that axe-core finds on a page, on phone and desktop, in light and dark."""

from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}

NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
"""A page must not scroll to the side at this width (WCAG 2.2, success criterion 1.4.10)."""

_LOOKS: Final[tuple[tuple[Literal["light", "dark"], ViewportSize], ...]] = (("light", DESKTOP), ("dark", PHONE))
"""Two combinations are enough for the pages that the function sends: tests/pages checks all of them."""


def barriers_of(page: Page) -> list[str]:
    """Return the violations of any axe-core rule on a page, on a desktop in light and on a phone in dark."""
    found = []
    page.evaluate(Axe().axe_script)  # Once, because it is slow.
    for scheme, size in _LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found += [
            f"{scheme}, {size['width']} wide: {violation['help']} ({violation['id']}) {node['target']}"
            for violation in page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
            for node in violation["nodes"]
        ]
    page.set_viewport_size(DESKTOP)
    return found


def scrolls_to_the_side(page: Page) -> bool:
    """Return whether a page is wider than the narrowest phone."""
    page.set_viewport_size(NARROW)
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.set_viewport_size(DESKTOP)
    return wider
