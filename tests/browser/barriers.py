"""What keeps somebody from using a page: found by axe-core, on phone and desktop, in light and dark."""

from itertools import product
from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}

NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
"""A page must not scroll to the side at this width (WCAG 2.2, success criterion 1.4.10)."""

_SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


def barriers_of(page: Page) -> list[str]:
    """Return what axe-core has against a page, in every size and colour scheme; any rule of its counts."""
    found = []
    for scheme, size in product(_SCHEMES, (DESKTOP, PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found += [
            f"{scheme}, {size['width']} wide: {violation['help']} ({violation['id']}) {node['target']}"
            for violation in Axe().run(page).response["violations"]
            for node in violation["nodes"]
        ]
    page.set_viewport_size(DESKTOP)
    return found


def scrolls_to_the_side(page: Page) -> bool:
    """Tell whether a page is wider than the narrowest phone."""
    page.set_viewport_size(NARROW)
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.set_viewport_size(DESKTOP)
    return wider
