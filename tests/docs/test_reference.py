"""docs/reference.md is what the code, the template and the Makefile say."""

import pytest

from tests.docs import reference
from tests.docs.command_line import COMMANDS, exit_codes
from token_refresher.status import Status
from token_refresher_cli.exit_code import ExitCode

PAGE = reference.PATH.read_text("utf-8")


def test_the_page_is_what_the_code_says_now() -> None:
    assert reference.render() == PAGE, "run: make reference"


@pytest.mark.parametrize("key", reference.keys())
def test_a_key_of_a_secret_has_a_meaning(key: str) -> None:
    assert key in reference.KEYS


@pytest.mark.parametrize("tag", reference.tags())
def test_a_tag_has_a_meaning(tag: str) -> None:
    assert tag in reference.TAGS


def test_every_status_has_a_meaning() -> None:
    assert reference.STATUSES.keys() == set(Status)


def test_every_exit_code_has_a_meaning() -> None:
    assert exit_codes().keys() == set(ExitCode)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_heading(name: str) -> None:
    assert f"\n#### `{name}`\n" in PAGE
