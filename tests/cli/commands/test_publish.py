"""``publish``: what pipelines read."""

import json

import pytest

from tests.cli.desk import Desk
from tests.cli.worker import TOKENS
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher_cli.shell.exit_code import ExitCode

NAME = "acme-bing-ads"


def document(desk: Desk) -> dict[str, object]:
    value: dict[str, object] = json.loads(desk.installation.store.current(NAME).text)
    return value


@pytest.fixture(autouse=True)
def _credential(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)


def test_pipelines_read_under_the_name_of_the_credential(desk: Desk) -> None:
    printed = desk.done("publish", NAME)
    assert f"Pipelines read token-refresher-consumers/{NAME}" in printed
    assert (document(desk)["publish_to"], "publish_developer_token" in document(desk)) == (NAME, False)


def test_pipelines_read_under_another_name_and_get_the_developer_token(desk: Desk) -> None:
    desk.done("publish", NAME, "--to", "analytics/acme", "--developer-token")
    assert (document(desk)["publish_to"], document(desk)["publish_developer_token"]) == ("analytics/acme", True)


def test_the_policy_for_the_pipelines_names_their_secret_only(desk: Desk) -> None:
    said = desk.run("publish", NAME).stderr
    assert f":secret:token-refresher-consumers/{NAME}-??????" in said.replace("\n", "")


def test_an_attempt_is_requested_that_exchanges_nothing(desk: Desk) -> None:
    desk.done("publish", NAME)
    queue = desk.installation.environment["REFRESH_QUEUE_URL"]
    [message] = desk.installation.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    request = RefreshRequest.parse(message["Body"])
    assert (request.credential, request.request_id) == (NAME, "")


def test_of_a_paused_credential_the_secret_is_there_once_it_is_resumed(desk: Desk) -> None:
    desk.done("pause", NAME)
    assert f"It is there once you resume {NAME}." in desk.run("publish", NAME).stderr


def test_to_stop_removes_both_keys(desk: Desk) -> None:
    desk.done("publish", NAME, "--developer-token")
    desk.done("publish", NAME, "--stop")
    assert {"publish_to", "publish_developer_token"} & document(desk).keys() == set()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--stop", "--to", "other"), id="stop and another name"),
        pytest.param(("--to", "/acme"), id="a slash at the beginning"),
        pytest.param(("--to", "two words"), id="a space"),
    ],
)
def test_a_wrong_use_changes_nothing(desk: Desk, arguments: tuple[str, ...]) -> None:
    before = document(desk)
    assert desk.run("publish", NAME, *arguments).exit_code == ExitCode.BAD_INPUT
    assert document(desk) == before
