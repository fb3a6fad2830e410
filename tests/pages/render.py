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

from local.chromium import launched
from tests.pages.situations import SITUATIONS, Situation

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pages"
DIGESTS: Final = "pages.json"

_SIGNED: Final = re.compile(r'(?<=name="invite" value=")[^"]+')
_HEADING: Final = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)

_INDEX: Final = """\
# The pages that people see

Written by `make pages` from the code that renders them; a test holds `pages.json` against it. Do not edit them here.

The names, the account and the times are examples. Every page is shown on a phone in the light scheme and on a desktop
in the dark one; both schemes work on both.

"""


@dataclass(frozen=True)
class Look:
    """A screen and a scheme."""

    device: Literal["phone", "desktop"]
    scheme: Literal["light", "dark"]

    @property
    def width(self) -> int:
        """The width of the screen, in CSS pixels."""
        return 390 if self.device == "phone" else 1280

    @property
    def height(self) -> int:
        """The height of the screen, in CSS pixels."""
        return 844 if self.device == "phone" else 800

    def image(self, situation: Situation) -> str:
        """Return the name of a page's image."""
        return f"{situation.name}.{self.device}-{self.scheme}.png"


PHONE_LIGHT: Final = Look("phone", "light")
DESKTOP_DARK: Final = Look("desktop", "dark")
EVERY_LOOK: Final = (PHONE_LIGHT, Look("phone", "dark"), Look("desktop", "light"), DESKTOP_DARK)


def looks(situation: Situation) -> tuple[Look, ...]:
    """Return how a page is kept."""
    return EVERY_LOOK if situation.is_seen_in_full else (PHONE_LIGHT, DESKTOP_DARK)


def html(situation: Situation) -> str:
    """Return a page with a placeholder for the invite, whose signature nobody looks at."""
    return _SIGNED.sub("INVITE", situation.page().html)


def render() -> dict[str, str]:
    """Return the text of every file in the folder that is a text, by its name."""
    digests = {one.name: hashlib.sha256(html(one).encode()).hexdigest() for one in SITUATIONS}
    return {"README.md": _INDEX + "\n".join(map(_entry, SITUATIONS)), DIGESTS: json.dumps(digests, indent=2) + "\n"}


def images() -> Iterator[tuple[Situation, Look]]:
    """Yield what there is an image of."""
    for situation in SITUATIONS:
        yield from product([situation], looks(situation))


def heading(situation: Situation) -> str:
    """Return the heading of a page."""
    found = _HEADING.search(html(situation))
    return found[1] if found else ""


def _entry(situation: Situation) -> str:
    pictures = "\n".join(
        f'<img src="{look.image(situation)}" width="{look.width // (2 if look.device == "phone" else 3)}"'
        f' alt="{heading(situation)}, {look.device}, {look.scheme}">'
        for look in looks(situation)
    )
    return (
        f"## {heading(situation)}\n\n`{situation.name}`, status {situation.page().status}. {situation.when}\n\n"
        f"**What the person does next:** {situation.next}\n\n{pictures}\n"
    )


def write() -> None:
    """Write the files, and remove those of pages that are no more."""
    files = render()
    kept = {*files, *(look.image(situation) for situation, look in images())}
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in kept:
            path.unlink()
    with launched() as browser:
        for look in EVERY_LOOK:
            _photograph(browser, look)
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def _photograph(browser: Browser, look: Look) -> None:
    """Take the pictures of one look: of the whole page, however long it is."""
    page = browser.new_page(viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme)
    for situation in (one for one, taken in images() if taken == look):
        page.set_content(html(situation))
        page.screenshot(path=FOLDER / look.image(situation), full_page=True)
    page.close()


if __name__ == "__main__":
    write()
