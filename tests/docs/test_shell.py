"""What a document gives to a shell are commands that exist, with options that they take."""

import re
import shutil
import subprocess

import pytest

from tests.docs import aws_line
from tests.docs.aws_line import UnknownToAwsError
from tests.docs.documents import DOCUMENTS, WRITTEN

PROGRAMS = {
    "aws",
    "make",
    "token-refresher",
    "pipx",
    "pip",
    "curl",
    "jq",
    "output",
    "resource",
    "insights",
    "sleep",
    "rm",
}
"""What a line may begin with: programs, and the functions that the runbook defines."""
WORDS = {"for", "do", "done", "export", "}"}
SHELL = {name: document.shell for name, document in WRITTEN.items() if document.shell}


def _commands(text: str) -> list[str]:
    """Return the first word of each line that begins a command."""
    joined = re.sub(r"\\\n\s*", " ", text)
    joined = re.sub(r"'[^']*'", "''", re.sub(r'"(?:[^"$]|\$(?!\()|\$\([^()]*(?:\([^()]*\)[^()]*)*\))*"', '""', joined))
    before = r"^\w+=\$\(|^(?:[A-Z_]+=[^$ ]* ?)+|^\w+\(\) \{ *"
    lines = [re.sub(before, "", line.strip()).strip() for line in joined.splitlines()]
    return [line.split()[0] for line in lines if line and not line.startswith(("#", "--", "|"))]


@pytest.mark.parametrize("name", SHELL)
def test_a_line_begins_with_a_command_that_there_is(name: str) -> None:
    assert set(_commands(SHELL[name])) <= PROGRAMS | WORDS


@pytest.mark.parametrize("name", SHELL)
def test_a_block_is_one_that_a_shell_can_read(name: str) -> None:
    shell = shutil.which("bash")
    assert shell
    for block in DOCUMENTS[name].blocks("sh", "bash"):
        subprocess.run([shell, "-n"], input=block.replace("…", "x"), text=True, check=True, capture_output=True)


@pytest.mark.parametrize("name", SHELL)
def test_a_call_of_the_aws_cli_is_one_that_it_takes(name: str) -> None:
    aws_line.check(SHELL[name])


def test_there_are_calls_of_the_aws_cli_to_check() -> None:
    assert sum(map(aws_line.check, SHELL.values())) > 30


@pytest.mark.parametrize(
    "line",
    ["aws secretmanager list-secrets", "aws secretsmanager list-secret", "aws secretsmanager list-secrets --names x"],
)
def test_what_the_aws_cli_would_refuse_is_noticed(line: str) -> None:
    with pytest.raises(UnknownToAwsError):
        aws_line.check(line)
