"""Writes docs/pages: every page that a person sees, as the code renders it now.

``make pages`` runs it. The images come from Chromium; the rest can be checked without one.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser

from tools.chromium import launched
from tools.pages.situation import Situation
from tools.pages.situations import SITUATIONS

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pages"
DIGESTS: Final = "pages.json"

_SIGNED: Final = re.compile(r'(?<=name="invite" value=")[^"]+')
_HEADING: Final = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)

_INDEX: Final = """\
# The pages that people see

Written by `make pages` from the code that renders them; a test holds `pages.json` against it. Do not edit them here.

The names, the account and the times are examples. Every page is shown on a phone in the light scheme and on a desktop
in the dark scheme; both schemes work on both.

"""


@dataclass(frozen=True)
class Screen:
    """A device and a colour scheme."""

    device: Literal["phone", "desktop"]
    scheme: Literal["light", "dark"]

    @property
    def width(self) -> int:
        """The width, in CSS pixels."""
        return 390 if self.device == "phone" else 1280

    @property
    def height(self) -> int:
        """The height, in CSS pixels."""
        return 844 if self.device == "phone" else 800

    def image(self, situation: Situation) -> str:
        """Return the name of a page's image."""
        return f"{situation.name}.{self.device}-{self.scheme}.png"


PHONE_LIGHT: Final = Screen("phone", "light")
DESKTOP_DARK: Final = Screen("desktop", "dark")
EVERY_SCREEN: Final = (PHONE_LIGHT, Screen("phone", "dark"), Screen("desktop", "light"), DESKTOP_DARK)


def screens(situation: Situation) -> tuple[Screen, ...]:
    """Return the screens that a page has an image of."""
    return EVERY_SCREEN if situation.is_seen_in_full else (PHONE_LIGHT, DESKTOP_DARK)


def html(situation: Situation) -> str:
    """Return a page with a placeholder for the signed invite."""
    return _SIGNED.sub("INVITE", situation.page().html)


def render() -> dict[str, str]:
    """Return the content of every text file in the folder, by its name."""
    digests = {one.name: hashlib.sha256(html(one).encode()).hexdigest() for one in SITUATIONS}
    return {"README.md": _INDEX + "\n".join(map(_entry, SITUATIONS)), DIGESTS: json.dumps(digests, indent=2) + "\n"}


def images() -> Iterator[tuple[Situation, Screen]]:
    """Yield the page and the screen of each image."""
    for situation in SITUATIONS:
        yield from product([situation], screens(situation))


def heading(situation: Situation) -> str:
    """Return the heading of a page."""
    found = _HEADING.search(html(situation))
    return found[1] if found else ""


def _entry(situation: Situation) -> str:
    pictures = "\n".join(
        f'<img src="{screen.image(situation)}" width="{screen.width // (2 if screen.device == "phone" else 3)}"'
        f' alt="{heading(situation)}, {screen.device}, {screen.scheme}">'
        for screen in screens(situation)
    )
    return (
        f"## {heading(situation)}\n\n`{situation.name}`, status {situation.page().status}. {situation.when}\n\n"
        f"**What the person does next:** {situation.next}\n\n{pictures}\n"
    )


def write() -> None:
    """Write the files, and remove the files of former pages."""
    files = render()
    kept = {*files, *(screen.image(situation) for situation, screen in images())}
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in kept:
            path.unlink()
    with launched() as browser:
        for screen in EVERY_SCREEN:
            _photograph(browser, screen)
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def _photograph(browser: Browser, screen: Screen) -> None:
    """Take the images of one screen, each of the whole page."""
    page = browser.new_page(viewport={"width": screen.width, "height": screen.height}, color_scheme=screen.scheme)
    for situation in (one for one, taken in images() if taken == screen):
        page.set_content(html(situation))
        page.screenshot(path=FOLDER / screen.image(situation), full_page=True)
    page.close()


if __name__ == "__main__":
    write()
