"""``token-refresher refresh``."""

import json
from datetime import timedelta

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.worker import REVOKED, TOKENS, WRONG_SECRET, Worker
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import tokens_kept
from token_refresher.registry.outcome import Result
from token_refresher_cli.shell.exit_code import ExitCode

NAME = "acme-bing-ads"


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    desk.put(NAME, **TOKENS)
    return Worker(desk, monkeypatch)


def _fingerprint(desk: Desk) -> str:
    return Credential.parse(json.dumps(desk.document(NAME))).fingerprint


def test_it_asks_through_the_queue_and_says_which_token_followed_which_and_until_when(
    desk: Desk, worker: Worker
) -> None:
    before = _fingerprint(desk)
    said = desk.done("refresh", NAME)
    assert said == (
        f"{NAME} was refreshed: {before} -> {_fingerprint(desk)}. Pipelines have a token until 2026-11-22 10:01 UTC.\n"
    )


def test_it_is_told_as_json(desk: Desk, worker: Worker) -> None:
    notified = json.loads(desk.done("refresh", NAME, "--output", "json"))
    assert notified["result"] == "refreshed"
    assert notified["expires_at"] == "2026-11-22T10:01:00Z"
    assert notified["issued"] == _fingerprint(desk)
    assert notified["diagnosis"] is None


def test_an_answer_to_somebody_else_is_not_taken_for_the_own_one(desk: Desk, worker: Worker) -> None:
    desk.done("refresh", NAME)
    worker.ends(Result.RETRY_LATER)
    assert desk.run("refresh", NAME).exit_code == 1


ENDINGS = [
    pytest.param(Result.RECOVERED, None, ExitCode.DONE, "of an earlier refresh", id="recovered"),
    pytest.param(Result.NOT_DUE, None, ExitCode.DONE, "nothing had to be done", id="not due"),
    pytest.param(Result.OVERTAKEN, None, ExitCode.FAILED, "its change stands", id="overtaken"),
    pytest.param(Result.UNDER_WAY, None, ExitCode.FAILED, "Try again in a few minutes", id="under way"),
    pytest.param(Result.KEPT, tokens_kept(), ExitCode.FAILED, "next attempt is at 2026-11-22 09:05 UTC", id="kept"),
    pytest.param(Result.TOO_OFTEN, None, ExitCode.FAILED, "allowed at 2026-11-22 09:05 UTC", id="too often"),
    pytest.param(Result.RETRY_LATER, None, ExitCode.FAILED, "Nobody has to do anything", id="passes by itself"),
    pytest.param(Result.HELD_BACK, None, ExitCode.FAILED, "Microsoft has an outage", id="held back"),
    pytest.param(Result.NEEDS_A_PERSON, REVOKED, ExitCode.PERSON_NEEDED, f"refresher link {NAME}", id="a sign-in"),
    pytest.param(Result.NEEDS_A_PERSON, WRONG_SECRET, ExitCode.PERSON_NEEDED, "into client_secret", id="a secret"),
    pytest.param(Result.NEEDS_A_PERSON, None, ExitCode.PERSON_NEEDED, f"refresher show {NAME}", id="not known why"),
    pytest.param(Result.PAUSED, None, ExitCode.FAILED, f"refresher resume {NAME}", id="paused meanwhile"),
    pytest.param(Result.FORGOTTEN, None, ExitCode.NOT_FOUND, "is gone", id="deleted meanwhile"),
]


@pytest.mark.parametrize(("result", "diagnosis", "exit_code", "said"), ENDINGS)
def test_every_other_end_is_said_in_words_with_what_to_do_next(
    desk: Desk, worker: Worker, result: Result, diagnosis: object, exit_code: ExitCode, said: str
) -> None:
    worker.ends(result, diagnosis, next_action_at=NOW + timedelta(minutes=5))  # type: ignore[arg-type] # One of two.
    ended = desk.run("refresh", NAME)
    assert ended.exit_code == exit_code
    assert said in ended.output
    assert "{" not in ended.output


def test_no_end_is_forgotten() -> None:
    shown = {parameters.values[0] for parameters in ENDINGS}
    assert shown == set(Result) - {Result.REFRESHED}


@pytest.mark.parametrize(("result", "diagnosis", "exit_code", "said"), ENDINGS)
def test_every_end_is_told_as_json_too_and_the_exit_code_is_the_same(
    desk: Desk, worker: Worker, result: Result, diagnosis: object, exit_code: ExitCode, said: str
) -> None:
    worker.ends(result, diagnosis)  # type: ignore[arg-type] # One of two.
    ended = desk.run("refresh", NAME, "-o", "json")
    assert (ended.exit_code, json.loads(ended.stdout)["result"]) == (exit_code, result)


def test_where_nobody_answers_it_gives_up_in_time_and_says_where_to_look(desk: Desk, worker: Worker) -> None:
    worker.stays_silent()
    result = desk.run("refresh", NAME, "--timeout", "30")
    assert result.exit_code == 1
    assert "within 30 seconds" in result.stderr
    assert "token-refresher doctor" in result.stderr
    assert timedelta(seconds=30) <= worker.now - NOW < timedelta(seconds=35)


def test_what_is_paused_is_not_asked_for(desk: Desk, worker: Worker) -> None:
    desk.done("pause", NAME)
    result = desk.run("refresh", NAME)
    assert result.exit_code == 1
    assert f"token-refresher resume {NAME}" in result.stderr
    assert desk.requests() == []


def test_that_the_old_client_secret_was_used_is_said(desk: Desk, worker: Worker) -> None:
    desk.done("set", NAME, "previous_client_secret=-", stdin="planted-previous-secret")
    worker.accepts = {"planted-previous-secret"}
    assert "accepted previous_client_secret" in desk.done("refresh", NAME)


def test_a_credential_that_is_not_there_is_not_found(desk: Desk, worker: Worker) -> None:
    assert desk.run("refresh", "another").exit_code == 3
