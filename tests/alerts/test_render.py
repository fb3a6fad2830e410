"""The messages in docs/alerts are the ones that the code writes now."""

import re

import pytest

from token_refresher.alerts.email import mail
from token_refresher.registry.open_alert import Event
from tools.alerts.render import FOLDER, render
from tools.alerts.situation import Situation
from tools.alerts.situations import SITUATIONS

RENDERED = render()


def test_the_folder_holds_these_files_and_no_others() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(RENDERED), "run: make alerts"


@pytest.mark.parametrize("name", RENDERED)
def test_a_file_is_what_the_code_writes_now(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == RENDERED[name], "run: make alerts"


@pytest.mark.parametrize("name", RENDERED)
def test_no_file_has_anything_that_looks_like_a_secret(name: str) -> None:
    """Neither what the tests plant, nor a token of the fake provider, nor a signed link."""
    assert not re.search(r"planted|(access|refresh|code)-[0-9]", RENDERED[name])
    assert not re.search(r"invite=(?!INVITE\b)", RENDERED[name])


def test_there_is_a_situation_for_every_event() -> None:
    assert {situation.play().event for situation in SITUATIONS} == set(Event)


@pytest.mark.parametrize("situation", [pytest.param(one, id=one.title) for one in SITUATIONS])
def test_no_message_has_a_planted_secret(situation: Situation) -> None:
    alert = situation.play()
    assert not re.search(r"planted|(access|refresh|code)-[0-9]", mail(alert) + alert.to_json())
