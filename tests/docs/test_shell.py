"""The shell commands in the documents exist, and take the options beside them."""

import re
import shutil
import subprocess

import pytest

from tools.docs import aws_line
from tools.docs.aws_line import UnknownToAwsError
from tools.docs.documents import DOCUMENTS, WRITTEN

PROGRAMS = {
    "aws",
    "make",
    "token-refresher",
    "pipx",
    "pip",
    "python",
    "curl",
    "jq",
    "output",
    "resource",
    "insights",
    "sleep",
    "rm",
}
"""The first words that a line may have: programs, and the functions that the runbook defines."""
WORDS = {"for", "do", "done", "export", "}"}
SHELL = {name: document.shell for name, document in WRITTEN.items() if document.shell}


def _commands(text: str) -> list[str]:
    """Return the first word of each command."""
    joined = re.sub(r"\\\n\s*", " ", text)
    joined = re.sub(r"'[^']*'", "''", re.sub(r'"(?:[^"$]|\$(?!\()|\$\([^()]*(?:\([^()]*\)[^()]*)*\))*"', '""', joined))
    before = r"^\w+=\$\(|^(?:[A-Z_]+=[^$ ]* ?)+|^\w+\(\) \{ *"
    lines = [re.sub(before, "", line.strip()).strip() for line in joined.splitlines()]
    return [line.split()[0] for line in lines if line and not line.startswith(("#", "--", "|"))]


@pytest.mark.parametrize("name", SHELL)
def test_a_line_begins_with_a_known_command(name: str) -> None:
    assert set(_commands(SHELL[name])) <= PROGRAMS | WORDS


@pytest.mark.parametrize("name", SHELL)
def test_a_shell_can_read_each_block(name: str) -> None:
    shell = shutil.which("bash")
    assert shell
    for block in DOCUMENTS[name].blocks("sh", "bash"):
        subprocess.run([shell, "-n"], input=block.replace("…", "x"), text=True, check=True, capture_output=True)


@pytest.mark.parametrize("name", SHELL)
def test_the_aws_cli_takes_each_call(name: str) -> None:
    aws_line.check(SHELL[name])


def test_there_are_calls_of_the_aws_cli_to_check() -> None:
    assert sum(map(aws_line.check, SHELL.values())) > 30


@pytest.mark.parametrize(
    "line",
    ["aws secretmanager list-secrets", "aws secretsmanager list-secret", "aws secretsmanager list-secrets --names x"],
)
def test_a_call_that_the_aws_cli_refuses_is_an_error(line: str) -> None:
    with pytest.raises(UnknownToAwsError):
        aws_line.check(line)
