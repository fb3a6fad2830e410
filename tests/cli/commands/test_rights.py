"""The rights that an operator needs: what docs/deploy.md gives for each group of commands is what the commands call."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.client
import pytest

from local.stack.toolchain import ROOT
from tests.cli.commands.test_add_provider import own
from tests.cli.desk import CLIENT_ID, Desk
from tests.cli.everything import ENTRY
from tests.cli.moving import NEW, OLD, to_be_renamed
from tests.cli.registered import commands
from tests.cli.worker import Worker
from token_refresher_cli.doctor.catalogue import CHECKS

FIND = {"cloudformation:DescribeStacks", "lambda:GetFunctionConfiguration"}
"""What finds the stack; here it is found without them."""
_ACTIONS = {"sqs:SendMessageBatch": "sqs:SendMessage", "monitoring:DescribeAlarms": "cloudwatch:DescribeAlarms"}
"""What IAM calls otherwise than the API does."""

LOOKS = {
    "list": [["list"]],
    "show": [["show", OLD]],
    "history": [["history", OLD]],
    "token": [["token", OLD]],
    "verify": [["verify", OLD]],
    "export": [["export"], ["export", OLD, "--with-secrets", "--yes"]],
    "next": [["next"]],
    "providers": [["providers"]],
}
"""Each command, as it is called."""
CHANGES = {
    "add": [["add", "another", "--stdin", "--tag", "team=search"], ["add", "third", "--stdin", "--yes"]],
    "link": [["link", OLD]],
    "add-provider": [["add-provider", str(ENTRY)]],
    "set": [["set", OLD, "note=kept"], ["set", OLD, "--remove", "note"]],
    "publish": [["publish", OLD]],
    "refresh": [["refresh", OLD]],
    "pause and resume": [["pause", OLD], ["resume", OLD]],
    "rotate-client-secret": [["rotate-client-secret", OLD, "--stdin", "--all-of-application"]],
    "rotate-private-key": [["rotate-private-key", OLD, "--kms-key-id", "alias/acme"]],
    "rename": [["rename", OLD, NEW], ["remove", OLD, "--yes"]],
    "remove": [["remove", OLD, "--yes"]],
}
STDIN = {
    "add": json.dumps({"client_id": CLIENT_ID, "client_secret": "planted-client-secret", "account_id": "1234567"}),
    "rotate-client-secret": "planted-newer-client-secret",
}


@dataclass
class Recorder:
    """Notes which actions of IAM the calls of a command are."""

    actions: set[str] = field(default_factory=set)
    is_on: bool = False

    def note(self, client: Any, operation: str, arguments: Mapping[str, Any]) -> None:
        """Note a call."""
        if self.is_on:
            action = f"{client.meta.service_model.endpoint_prefix}:{operation}"
            self.actions.add(_ACTIONS.get(action, action))
            if operation == "CreateSecret" and arguments.get("Tags"):
                self.actions.add("secretsmanager:TagResource")

    @contextmanager
    def switched(self, on: bool) -> Iterator[None]:
        """Note calls, or do not."""
        before, self.is_on = self.is_on, on
        yield
        self.is_on = before


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined] # Every call goes through it.

    def noted(client: Any, operation: str, arguments: Any) -> Any:
        recorder.note(client, operation, arguments)
        return call(client, operation, arguments)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", noted)
    return recorder


@pytest.fixture
def worker(desk: Desk, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Return a worker whose calls are not the operator's."""
    worker = to_be_renamed(desk, monkeypatch)
    own(desk, name="other")
    desk.know(OLD)
    work = worker.work

    def unnoted() -> None:
        with recorder.switched(on=False):
            work()

    monkeypatch.setattr(worker, "work", unnoted)
    return worker


def policies() -> list[set[str]]:
    """Return the actions that the two policies of docs/deploy.md allow."""
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    section = page.partition("## What an operator may do\n")[2].partition("\n## ")[0]
    documents = map(json.loads, re.findall(r"```json\n(.*?)```", section, re.DOTALL))
    return [{action for statement in document["Statement"] for action in statement["Action"]} for document in documents]


LOOK, CHANGE = policies()


def _called(desk: Desk, recorder: Recorder, calls: list[list[str]]) -> set[str]:
    for arguments in calls:
        with recorder.switched(on=True):
            result = desk.run(*arguments, stdin=STDIN.get(arguments[0]))
        assert result.exit_code == (5 if arguments[0] == "verify" else 0), result.stderr
    return recorder.actions


@pytest.mark.parametrize("command", LOOKS)
def test_whoever_may_look_can_look(desk: Desk, worker: Worker, recorder: Recorder, command: str) -> None:
    assert _called(desk, recorder, LOOKS[command]) <= LOOK


@pytest.mark.parametrize("command", CHANGES)
def test_whoever_may_change_can_change(desk: Desk, worker: Worker, recorder: Recorder, command: str) -> None:
    assert _called(desk, recorder, CHANGES[command]) <= LOOK | CHANGE


def test_a_policy_gives_nothing_that_no_command_needs(desk: Desk, worker: Worker, recorder: Recorder) -> None:
    looked = _called(desk, recorder, [call for calls in LOOKS.values() for call in calls])
    checked = {right for check in CHECKS for right in check.rights}
    assert FIND | looked | checked == LOOK
    recorder.actions.clear()
    changed = _called(desk, recorder, [call for name, calls in CHANGES.items() if name != "remove" for call in calls])
    signed = {"secretsmanager:GetSecretValue"}
    assert CHANGE - signed == changed - LOOK


def test_every_command_is_in_one_of_the_policies() -> None:
    called = {call[0] for calls in [*LOOKS.values(), *CHANGES.values()] for call in calls}
    assert called | {"doctor", "check-provider"} == set(commands()), "What checks a file calls nothing."
