"""``token-refresher rotate-client-secret``: the old client secret is kept until Microsoft has taken the new one."""

from collections.abc import Callable
from typing import Any

import pytest
import typer

from tests.cli.desk import CLIENT_ID, Desk
from tests.cli.steps import Steps
from tests.cli.worker import REVOKED, TOKENS, Worker
from tests.fakes.calls import KilledError
from token_refresher.aws.refresh_queue import SqsRefreshQueue
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.registry.outcome import Result
from token_refresher_cli.shell import terminal

NAME = "acme-bing-ads"
OLD, NEW, WRONG = "planted-client-secret", "planted-new-secret", "planted-wrong-secret"
ENDS = "2026-12-24T00:00:00Z"
KEYS = (
    "client_secret",
    "previous_client_secret",
    "client_secret_expires_at",
    "previous_client_secret_expires_at",
)
BEFORE = (OLD, None, ENDS, None)
"""What a document has under `KEYS` before anything happens."""


def _put(desk: Desk) -> None:
    desk.put(NAME, note="kept", client_secret_expires_at=ENDS, **TOKENS)
    desk.know(NAME)


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    _put(desk)
    worker = Worker(desk, monkeypatch)
    worker.accepts = {OLD, NEW}
    monkeypatch.delenv("TOKEN_REFRESHER_CLIENT_SECRET", raising=False)
    return worker


def _rotate(desk: Desk, value: str, *options: str, name: str = NAME) -> Any:
    return desk.run("rotate-client-secret", name, "--stdin", *options, stdin=f"{value}\n")


def _secrets(desk: Desk, name: str = NAME) -> tuple[str | None, ...]:
    document = desk.document(name)
    return tuple(document.get(key) for key in KEYS)


def test_one_that_works_stays_and_the_old_one_goes(desk: Desk, worker: Worker) -> None:
    result = _rotate(desk, NEW, "--expires-at", "2028-11-22")
    assert result.exit_code == 0, result.stderr
    assert "Microsoft accepts the new client secret" in result.stdout
    assert _secrets(desk) == (NEW, None, "2028-11-22T00:00:00Z", None)
    assert (desk.document(NAME)["refresh_token"], desk.document(NAME)["note"]) == ("planted-refresh-token-1", "kept")


def test_an_end_that_is_not_given_is_not_known_any_more_and_that_is_said(desk: Desk, worker: Worker) -> None:
    result = _rotate(desk, NEW)
    assert "The end of the old one is removed" in result.stderr
    assert _secrets(desk) == (NEW, None, None, None)


def test_it_is_checked_while_both_are_there(desk: Desk, worker: Worker) -> None:
    seen: list[tuple[str | None, ...]] = []
    worker.script.append(lambda _: seen.append(_secrets(desk)))
    _rotate(desk, NEW, "--timeout", "1")
    assert seen == [(NEW, OLD, None, ENDS)]


def test_one_that_microsoft_refuses_is_taken_out_again_and_pipelines_never_noticed(desk: Desk, worker: Worker) -> None:
    result = _rotate(desk, WRONG, "--expires-at", "2028-11-22")
    assert result.exit_code == 5
    assert "Microsoft refuses it and accepts the old one" in result.stderr
    assert _secrets(desk) == BEFORE
    assert desk.document(NAME)["refresh_token"] == "planted-refresh-token-1"


def test_where_both_are_refused_the_old_one_is_back_and_the_cause_is_said(desk: Desk, worker: Worker) -> None:
    worker.accepts = set()
    result = _rotate(desk, WRONG)
    assert result.exit_code == 5
    assert "no refresh worked with the old one either" in result.stderr
    assert "7000215" in result.stderr
    assert _secrets(desk) == BEFORE


NO_WORD: list[tuple[Callable[[Worker], None], int]] = [
    (lambda worker: worker.stays_silent(), 1),
    (lambda worker: worker.ends(Result.RETRY_LATER), 1),
    (lambda worker: worker.ends(Result.KEPT), 1),
    (lambda worker: worker.ends(Result.TOO_OFTEN), 1),
    (lambda worker: worker.ends(Result.OVERTAKEN), 1),
    (lambda worker: worker.ends(Result.NOT_DUE), 1),
    (lambda worker: worker.ends(Result.NEEDS_A_PERSON, REVOKED), 5),
]


@pytest.mark.parametrize(
    ("ending", "exit_code"),
    NO_WORD,
    ids=["silence", "passes", "kept", "too often", "overtaken", "not due", "a sign-in is needed"],
)
def test_where_microsoft_said_nothing_of_it_both_are_kept_and_the_same_command_finishes_it(
    desk: Desk, worker: Worker, ending: Callable[[Worker], None], exit_code: int
) -> None:
    ending(worker)
    result = _rotate(desk, NEW, "--timeout", "3")
    assert result.exit_code == exit_code
    assert "run the same command again" in result.stderr
    assert _secrets(desk) == (NEW, OLD, None, ENDS)
    assert _rotate(desk, NEW).exit_code == 0
    assert _secrets(desk) == (NEW, None, None, None)


def test_what_is_not_finished_is_finished_without_the_value(desk: Desk, worker: Worker) -> None:
    worker.stays_silent()
    _rotate(desk, NEW, "--timeout", "1", "--expires-at", "2028-11-22")
    result = desk.run("rotate-client-secret", NAME)
    assert result.exit_code == 0
    assert "that one is checked now" in result.stderr
    assert _secrets(desk) == (NEW, None, "2028-11-22T00:00:00Z", None)


THIRD = "planted-third-secret"


def test_another_value_in_the_second_run_is_taken_once_it_is_known_what_works(desk: Desk, worker: Worker) -> None:
    """What waits has worked since, perhaps, and is then the only one that does: it was shown once."""
    worker.stays_silent()
    _rotate(desk, NEW, "--timeout", "1")
    worker.accepts = {NEW}
    result = _rotate(desk, WRONG)
    assert result.exit_code == 5
    assert _secrets(desk)[:2] == (NEW, None)
    worker.accepts = {NEW, THIRD}
    assert _rotate(desk, THIRD).exit_code == 0
    assert _secrets(desk)[:2] == (THIRD, None)


def test_another_value_in_the_second_run_takes_the_place_of_one_that_never_worked(desk: Desk, worker: Worker) -> None:
    worker.stays_silent()
    _rotate(desk, WRONG, "--timeout", "1")
    result = _rotate(desk, NEW)
    assert result.exit_code == 0, result.stderr
    assert _secrets(desk) == (NEW, None, None, None)


def test_another_value_in_the_second_run_has_to_wait_where_nobody_knows_what_works(desk: Desk, worker: Worker) -> None:
    worker.stays_silent()
    _rotate(desk, NEW, "--timeout", "1")
    worker.stays_silent()
    result = _rotate(desk, THIRD, "--timeout", "1")
    assert result.exit_code == 1
    assert "Nothing was written" in result.stderr
    assert _secrets(desk) == (NEW, OLD, None, ENDS)


def test_a_third_one_cannot_be_written_unchecked(desk: Desk, worker: Worker) -> None:
    desk.done("pause", NAME)
    _rotate(desk, NEW, "--unchecked")
    result = _rotate(desk, THIRD, "--unchecked")
    assert result.exit_code == 1
    assert "--remove previous_client_secret" in result.stderr
    assert _secrets(desk)[:2] == (NEW, OLD)


def test_where_aws_does_not_answer_during_the_check_it_is_said_how_it_stands(
    desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise ServiceUnavailableError("sqs.SendMessageBatch", "ServiceUnavailable")

    monkeypatch.setattr(SqsRefreshQueue, "send", down)
    result = _rotate(desk, NEW)
    assert result.exit_code == 4
    assert "Both are kept" in result.stderr
    assert "run the same command again" in result.stderr
    assert _secrets(desk)[:2] == (NEW, OLD)


CALLS = 40
"""More than it makes."""


@pytest.mark.parametrize("value", [NEW, WRONG])
@pytest.mark.exhaustive
def test_a_kill_after_any_call_leaves_a_document_that_works_and_the_same_command_finishes_it(
    desk: Desk, worker: Worker, value: str
) -> None:
    good = {NEW, OLD}
    for after in range(1, CALLS):
        steps = Steps.killing(after)
        try:
            with steps.of(desk):
                _rotate(desk, value, "--expires-at", "2028-11-22")
        except KilledError:
            pass
        else:
            assert after > 15, "it makes more calls than that"
            break
        current, previous, *_ = _secrets(desk)
        assert {current, previous} & good
        worker.script.clear()
        _rotate(desk, value, "--expires-at", "2028-11-22")
        assert _secrets(desk) == ((NEW, None, "2028-11-22T00:00:00Z", None) if value == NEW else BEFORE)
        desk.clear(NAME)
        _put(desk)
    else:
        pytest.fail("it was killed every time")


def test_a_secret_that_somebody_put_there_meanwhile_is_left_alone(desk: Desk, worker: Worker) -> None:
    def edited(request: Any) -> Any:
        desk.done("set", NAME, "client_secret=-", stdin="planted-secret-of-somebody")
        return worker._refreshed(request)

    worker.accepts = {OLD, NEW, "planted-secret-of-somebody"}
    worker.script.append(edited)
    _rotate(desk, NEW)
    assert _secrets(desk)[:2] == ("planted-secret-of-somebody", OLD)


def test_it_is_asked_for_without_showing_it(desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def prompt(what: str, *, hide_input: bool, err: bool) -> str:
        asked.append(hide_input)
        return NEW

    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    desk.done("rotate-client-secret", NAME)
    assert (asked, _secrets(desk)[0]) == ([True], NEW)


def test_it_comes_from_the_environment(desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_REFRESHER_CLIENT_SECRET", NEW)
    desk.done("rotate-client-secret", NAME)
    assert _secrets(desk)[0] == NEW


@pytest.mark.parametrize(
    ("value", "options", "said"),
    [
        pytest.param(CLIENT_ID, [], "that is its id", id="the id of the secret"),
        pytest.param("", [], "client secret is empty", id="nothing"),
        pytest.param(OLD, [], "already has this client secret", id="the one that is there"),
        pytest.param(NEW, ["--expires-at", "soon"], "must be a date", id="a date that is none"),
        pytest.param(NEW, ["--expires-at", "2020-01-01"], "expired", id="a date that is over"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_written(
    desk: Desk, worker: Worker, value: str, options: list[str], said: str
) -> None:
    version = desk.installation.store.describe(NAME).current
    result = _rotate(desk, value, *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert desk.installation.store.describe(NAME).current == version


def test_without_a_value_and_nobody_to_ask_nothing_is_written(desk: Desk, worker: Worker) -> None:
    assert desk.run("rotate-client-secret", NAME).exit_code == 2
    assert _secrets(desk) == BEFORE


def test_a_public_client_has_none_to_replace(desk: Desk, worker: Worker) -> None:
    desk.put("public", client_secret=None)
    result = _rotate(desk, NEW, name="public")
    assert result.exit_code == 2
    assert "client_secret=-" in result.stderr


@pytest.mark.parametrize("case", ["paused", "awaiting"])
def test_what_cannot_be_refreshed_cannot_check_it_and_is_left_alone_unless_that_is_meant(
    desk: Desk, worker: Worker, case: str
) -> None:
    desk.put("other", **({} if case == "awaiting" else TOKENS))
    if case == "paused":
        desk.done("pause", "other")
    result = _rotate(desk, NEW, name="other")
    assert result.exit_code == 1
    assert "--unchecked" in result.stderr
    assert _secrets(desk, "other")[:2] == (OLD, None)
    assert _rotate(desk, NEW, "--unchecked", name="other").exit_code == 0
    assert _secrets(desk, "other")[:2] == (NEW, OLD)
    assert "other" not in worker.asked


@pytest.fixture
def others(desk: Desk, worker: Worker) -> list[str]:
    names = ["b-other", "c-other"]
    for name in names:
        desk.put(name, **{**TOKENS, "refresh_token": f"planted-refresh-token-of-{name}"})
        desk.know(name)
    desk.put("d-public", client_secret=None, **TOKENS)
    desk.know("d-public")
    desk.put("e-another-application", client_id="another")
    desk.know("e-another-application")
    desk.put("f-malformed")
    desk.know("f-malformed")
    desk.installation.secrets_client.put_secret_value(
        SecretId=desk.installation.secret_id("f-malformed"), SecretString="{}"
    )
    return names


def test_the_others_of_the_application_are_named(desk: Desk, worker: Worker, others: list[str]) -> None:
    result = _rotate(desk, NEW)
    assert result.exit_code == 0
    assert "still have another client secret: b-other, c-other." in result.stderr
    assert [_secrets(desk, name)[0] for name in others] == [OLD, OLD]


def test_all_of_the_application_get_it_one_after_the_other(desk: Desk, worker: Worker, others: list[str]) -> None:
    result = _rotate(desk, NEW, "--all-of-application")
    assert result.exit_code == 0, result.stderr
    assert worker.asked == [NAME, *others]
    assert [_secrets(desk, name)[:2] for name in others] == [(NEW, None), (NEW, None)]


def test_it_stops_at_the_first_that_does_not_work(desk: Desk, worker: Worker, others: list[str]) -> None:
    worker.script.extend([worker._refreshed])
    worker.stays_silent()
    result = _rotate(desk, NEW, "--all-of-application", "--timeout", "2")
    assert result.exit_code == 1
    assert "Nothing was changed in these: c-other." in result.stderr
    assert [_secrets(desk, name)[:2] for name in others] == [(NEW, OLD), (OLD, None)]


def test_the_same_command_goes_on_with_the_others(desk: Desk, worker: Worker, others: list[str]) -> None:
    worker.script.extend([worker._refreshed])
    worker.stays_silent()
    _rotate(desk, NEW, "--all-of-application", "--timeout", "2")
    assert _rotate(desk, NEW, "--all-of-application").exit_code == 0
    assert [_secrets(desk, name)[:2] for name in others] == [(NEW, None), (NEW, None)]


def test_one_of_the_application_that_is_paused_gets_it_and_keeps_the_old_one_beside_it(
    desk: Desk, worker: Worker, others: list[str]
) -> None:
    desk.done("pause", "b-other")
    result = _rotate(desk, NEW, "--all-of-application")
    assert result.exit_code == 0
    assert "b-other has the new client secret. It was not checked" in result.stdout
    assert [_secrets(desk, name)[:2] for name in others] == [(NEW, OLD), (NEW, None)]
