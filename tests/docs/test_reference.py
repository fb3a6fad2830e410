"""docs/reference.md agrees with the code, the template and the Makefile."""

import pytest

from token_refresher.credential.fields import FIELDS
from token_refresher.credential.status import Status
from token_refresher_cli.shell.exit_code import ExitCode
from tools.docs import reference
from tools.docs.command_line import COMMANDS, exit_codes
from tools.docs.secret_words import KEYS, STATUSES, TAGS, tags

PAGE = reference.PATH.read_text("utf-8")


def test_the_page_is_up_to_date() -> None:
    assert reference.render() == PAGE, "run: make reference"


@pytest.mark.parametrize("key", FIELDS)
def test_a_key_of_a_secret_has_a_meaning(key: str) -> None:
    assert key in KEYS


@pytest.mark.parametrize("tag", tags())
def test_a_tag_has_a_meaning(tag: str) -> None:
    assert tag in TAGS


def test_every_status_has_a_meaning() -> None:
    assert STATUSES.keys() == set(Status)


def test_every_exit_code_has_a_meaning() -> None:
    assert exit_codes().keys() == set(ExitCode)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_heading(name: str) -> None:
    assert f"\n#### `{name}`\n" in PAGE
