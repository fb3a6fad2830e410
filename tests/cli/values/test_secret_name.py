"""The names that a credential may have."""

import pytest

from tests.cli.desk import Desk
from tests.cli.registered import commands
from token_refresher_cli.commands.command import Command
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.values.secret_name import checked_name, known_name

ARN = "arn:aws-cn:secretsmanager:eu-west-1:123456789012:secret:token-refresher"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("acme-bing-ads", id="words"),
        pytest.param("clients/acme_de+1=a.b@c", id="all signs that Secrets Manager allows"),
        pytest.param("token-refresher-two", id="what begins like the prefix, and is no prefix"),
        pytest.param("a" * 496, id="as long as it may be"),
    ],
)
def test_a_name_is_taken(name: str) -> None:
    assert checked_name(name, "token-refresher") == name


@pytest.mark.parametrize(
    ("name", "says", "step"),
    [
        pytest.param("token-refresher/acme", "the command adds itself", "Write acme.", id="the prefix is given"),
        pytest.param("token-refresher/", "the command adds itself", "Choose another", id="nothing but the prefix"),
        pytest.param("", "is empty", "Choose another", id="no name"),
        pytest.param("acme ads", "letters without accents", "Choose another", id="a space"),
        pytest.param("café", "letters without accents", "Choose another", id="an accent"),
        pytest.param("/acme", "slashes between", "Choose another", id="a slash first"),
        pytest.param("acme/", "slashes between", "Choose another", id="a slash last"),
        pytest.param("acme//ads", "slashes between", "Choose another", id="two slashes"),
        pytest.param("a/../b", "a browser takes it out", "Choose another", id="two dots between"),
        pytest.param("token-refresher/..", "the command adds itself", "Choose another", id="the prefix and two dots"),
        pytest.param(f"{ARN}/acme-AbCdEf", "the ARN of a secret", "Write acme.", id="an ARN"),
        pytest.param("a" * 497, "at most 512", "Choose another", id="too long with the prefix"),
    ],
)
def test_another_name_is_refused_with_one_that_would_do(name: str, says: str, step: str) -> None:
    with pytest.raises(CommandError) as caught:
        checked_name(name, "token-refresher")
    assert says in caught.value.message
    assert step in caught.value.next_step


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("acme", id="one that can work"),
        pytest.param("a/../b", id="one that no browser can open, which is to be removed"),
        pytest.param("/acme//ads/", id="one with slashes, which Secrets Manager takes"),
    ],
)
def test_what_a_secret_may_be_called_can_be_asked_for(name: str) -> None:
    assert known_name(name, "token-refresher") == name


NO_NAMES = [
    pytest.param("", "is empty", "list shows", id="nothing"),
    pytest.param("  ", "is empty", "list shows", id="blanks"),
    pytest.param("acme ads", "No credential can have this name", "list shows", id="a blank inside"),
    pytest.param("acme:ads", "No credential can have this name", "list shows", id="a sign that no name has"),
    pytest.param("a" * 497, "No credential can have this name", "list shows", id="too long with the prefix"),
    pytest.param(f"{ARN}/team/acme-AbCdEf", "the ARN of a secret", "Write team/acme.", id="an ARN"),
    pytest.param(f"{ARN}/acme", "the ARN of a secret", "Write acme.", id="an ARN without its end"),
    pytest.param(f"{ARN}-other-AbCdEf", "no secret under token-refresher/", "list shows", id="an ARN of others"),
    pytest.param("arn:aws:sns:eu-west-1:123456789012:topic", "no secret under", "list shows", id="another ARN"),
]


@pytest.mark.parametrize(("name", "says", "step"), NO_NAMES)
def test_what_no_credential_can_be_called_is_told_what_to_give_instead(name: str, says: str, step: str) -> None:
    with pytest.raises(CommandError) as caught:
        known_name(name, "token-refresher")
    assert says in caught.value.message
    assert step in caught.value.next_step


def _commands_that_take_names() -> list[tuple[str, list[str], int]]:
    """Return each argument that is a name: the command, all its arguments, and which of them it is."""
    found = []
    for name, command in commands().items():
        assert isinstance(command, Command)
        arguments = [one.name or "" for one in command.params if one.param_type_name == "argument"]
        found += [(name, arguments, at) for at, one in enumerate(arguments) if one in {"name", "names", "new_name"}]
    return found


@pytest.mark.parametrize(("command", "arguments", "at"), _commands_that_take_names())
def test_no_command_asks_aws_for_what_is_no_name(desk: Desk, command: str, arguments: list[str], at: int) -> None:
    fitting = ["KEY=VALUE" if one == "assignments" else "acme" for one in arguments]
    for no_name, step in ((" ", ""), (f"{ARN}/acme-AbCdEf", "Write acme."), ("", "")):
        given = [*fitting[:at], no_name, *fitting[at + 1 :]]
        result = desk.run(command, *given)
        assert result.exit_code == 2, result.stderr
        assert step in result.stderr
        assert "AWS" not in result.stderr


def test_every_command_with_a_name_is_asked() -> None:
    commands = {command for command, _, _ in _commands_that_take_names()}
    assert {"add", "show", "export", "rename", "remove", "set", "token"} <= commands
