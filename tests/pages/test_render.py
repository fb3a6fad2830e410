"""The pages in docs/pages are the ones that the code renders now, and every outcome has one."""

import re
import struct

import pytest

from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.consent.service import LandingPage
from tools.pages.render import FOLDER, Screen, images, render
from tools.pages.situation import Situation
from tools.pages.situations import SITUATIONS

RENDERED = render()
IMAGES = [pytest.param(one, screen, id=screen.image(one)) for one, screen in images()]


@pytest.mark.parametrize("name", RENDERED)
def test_a_file_is_what_the_code_writes_now(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == RENDERED[name], "run: make pages"


def test_the_folder_has_these_texts_and_the_images_that_they_name_and_nothing_else() -> None:
    named = re.findall(r'<img src="([^"]+)"', RENDERED["README.md"])
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted([*RENDERED, *named]), "run: make pages"


@pytest.mark.parametrize(("situation", "screen"), IMAGES)
def test_an_image_is_as_wide_as_its_screen_and_as_high_at_least(situation: Situation, screen: Screen) -> None:
    # The first chunk of a PNG has its width and height (ISO/IEC 15948, section 11.2.2).
    width, height = struct.unpack(">II", (FOLDER / screen.image(situation)).read_bytes()[16:24])
    assert width == screen.width
    assert height >= screen.height


def test_there_is_a_page_for_every_outcome_the_landing_and_a_fault() -> None:
    shown = [situation.shown for situation in SITUATIONS]
    assert {one.ending for one in shown if isinstance(one, ConsentResult)} == set(ConsentOutcome)
    assert any(isinstance(one, LandingPage) for one in shown)
    assert None in shown


def test_every_page_has_a_name_of_its_own() -> None:
    names = [situation.name for situation in SITUATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", RENDERED)
def test_no_file_has_anything_that_looks_like_a_secret(name: str) -> None:
    assert not re.search(r"planted|(access|refresh|code)-[0-9]|invite=", RENDERED[name])
