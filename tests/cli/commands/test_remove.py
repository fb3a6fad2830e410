"""``token-refresher remove``."""

from dataclasses import replace

import boto3
import pytest
import typer

from tests.cli.desk import NOW, Desk
from tests.cli.rotating import rotate
from tests.cli.worker import TOKENS, Worker
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.secret_store import MOVED_TO_TAG
from token_refresher_cli.changes.renaming import COPY_OF_TAG
from token_refresher_cli.commands import remove
from token_refresher_cli.shell import terminal, waiting

NAME = "acme-bing-ads"


def _is_there(desk: Desk, name: str = NAME) -> bool:
    secrets = desk.installation.secrets_client
    found = secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]
    return desk.installation.secret_id(name) in {secret["Name"] for secret in found}


def _is_managed(desk: Desk, name: str = NAME) -> bool:
    return name in {state.name for state in desk.installation.store.managed()}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody types at each question."""
    answers: list[str] = []
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    monkeypatch.setattr(remove, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: answers.pop(0))
    return answers


def test_it_is_deleted_with_a_window_of_30_days_and_forgotten(desk: Desk) -> None:
    desk.put(NAME)
    desk.know(NAME)
    said = desk.done("remove", NAME, "--yes")
    assert said == (
        f"{NAME} is deleted. It can be restored until 2026-12-22 09:00 UTC:\n"
        f"aws secretsmanager restore-secret --secret-id {desk.installation.secret_id(NAME)} --region us-east-1\n"
    )
    assert (_is_managed(desk), _is_there(desk)) == (False, True)
    assert desk.installation.registry.get(NAME) is None


def test_the_window_can_be_shorter(desk: Desk) -> None:
    desk.put(NAME)
    assert "until 2026-11-29 09:00 UTC" in desk.done("remove", NAME, "--yes", "--recovery-days", "7")


@pytest.mark.parametrize("days", ["6", "31"])
def test_a_window_that_aws_does_not_know_is_refused(desk: Desk, days: str) -> None:
    desk.put(NAME)
    assert desk.run("remove", NAME, "--yes", "--recovery-days", days).exit_code == 2
    assert _is_managed(desk)


def test_what_was_deleted_comes_back_as_it_is_said(desk: Desk, session: boto3.Session) -> None:
    desk.put(NAME)
    desk.done("remove", NAME, "--yes")
    session.client("secretsmanager").restore_secret(SecretId=desk.installation.secret_id(NAME))
    assert _is_managed(desk)


def test_at_once_is_for_good(desk: Desk) -> None:
    desk.put(NAME)
    assert desk.done("remove", NAME, "--now", "--yes") == f"{NAME} is deleted permanently.\n"
    assert not _is_there(desk)


def test_what_it_is_is_said_before(desk: Desk) -> None:
    desk.put(NAME, expires_at="2026-11-22T09:30:00Z")
    desk.know(NAME)
    desk.put("another-one")
    desk.know("another-one")
    said = desk.run("remove", NAME, "--yes").stderr
    assert "Its status is healthy" in said
    assert "expires at 2026-11-22 09:30 UTC" in said
    assert "This command does not know who reads it" in said
    assert "same application and are not affected: another-one." in said


def test_a_pointer_says_that_it_is_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    Worker(desk, monkeypatch)
    desk.put("old", refresh_token="planted-refresh-token")
    desk.done("rename", "old", NAME, "--no-wait")
    result = desk.run("remove", "old", "--yes")
    assert result.exit_code == 0
    assert f"is a pointer: it tells consumers that the credential is {NAME} now" in result.stderr
    assert _is_managed(desk)


def test_without_anybody_to_ask_it_has_to_be_meant(desk: Desk) -> None:
    desk.put(NAME)
    result = desk.run("remove", NAME)
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert _is_managed(desk)


def test_whoever_types_the_name_means_it(desk: Desk, typed: list[str]) -> None:
    desk.put(NAME)
    typed.append(NAME)
    desk.done("remove", NAME)
    assert not _is_managed(desk)


def test_whoever_types_another_name_does_not(desk: Desk, typed: list[str]) -> None:
    desk.put(NAME)
    typed.append("yes")
    result = desk.run("remove", NAME)
    assert result.exit_code == 1
    assert "Nothing was deleted" in result.stderr
    assert _is_managed(desk)


@pytest.mark.parametrize("goes_on", [True, False])
def test_at_once_is_asked_for_once_more(
    desk: Desk, typed: list[str], monkeypatch: pytest.MonkeyPatch, goes_on: bool
) -> None:
    desk.put(NAME)
    typed.append(NAME)
    asked: list[str] = []

    def confirm(question: str, **_: object) -> None:
        asked.append(question)
        if not goes_on:
            raise typer.Abort

    monkeypatch.setattr(typer, "confirm", confirm)
    result = desk.run("remove", NAME, "--now")
    assert len(asked) == 1
    assert (result.exit_code == 0, _is_there(desk)) == (goes_on, not goes_on)


def test_an_incident_with_others_is_left_to_the_next_tick(desk: Desk) -> None:
    alert = OpenAlert(Event.OPERATOR_ACTION_REQUIRED, "client_secret", NOW, NOW, incident="app")
    for name in ("working", "paused"):
        desk.put(name)
        desk.know(name, alert=alert)
    desk.done("pause", "paused")
    for name in ("working", "paused"):
        desk.done("remove", name, "--yes")
        entry = desk.installation.registry.get(name)
        assert entry is not None
        assert (entry.alert, entry.is_paused) == (alert, False)


def test_what_was_deleted_already_says_how_it_is_restored(desk: Desk) -> None:
    desk.put(NAME)
    desk.done("remove", NAME, "--yes")
    result = desk.run("remove", NAME, "--yes")
    assert result.exit_code == 1
    assert "restore-secret" in result.stderr


def test_a_credential_that_is_not_there_is_not_found(desk: Desk) -> None:
    desk.put(NAME)
    result = desk.run("remove", "acme-bing-adz", "--yes")
    assert result.exit_code == 3
    assert f"Do you mean {NAME}?" in result.stderr


def test_an_exchange_that_is_under_way_is_waited_for_so_that_a_restore_has_its_tokens(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put(NAME, **TOKENS)
    worker = Worker(desk, monkeypatch)
    intent = ExchangeIntent.begin(desk.installation.store.describe(NAME).require_current(), Base("", None), NOW, None)
    entry = desk.know(NAME, intent=intent)

    def end(_: float) -> None:
        rotate(desk, NAME, 1)
        worker.registry.save(replace(entry, intent=intent.ended(End.ROTATED)))

    monkeypatch.setattr(waiting, "sleep", end)
    desk.done("remove", NAME, "--yes")
    desk.installation.secrets_client.restore_secret(SecretId=desk.installation.secret_id(NAME))
    assert desk.document(NAME)["refresh_token"] == "planted-refresh-token-1"


def test_an_exchange_that_nobody_ends_is_not_waited_for_longer_than_it_can_take(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put(NAME, **TOKENS)
    worker = Worker(desk, monkeypatch)
    intent = ExchangeIntent.begin(desk.installation.store.describe(NAME).require_current(), Base("", None), NOW, None)
    desk.know(NAME, intent=intent)
    desk.done("remove", NAME, "--yes")
    assert worker.now >= NOW + desk.installation.settings.timing.lease


def test_a_pointer_whose_renaming_is_not_finished_is_kept_for_what_it_may_still_hold(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    desk.put("copy", **TOKENS)
    secrets = desk.installation.secrets_client
    for name, key, value in (("copy", COPY_OF_TAG, NAME), (NAME, MOVED_TO_TAG, "copy")):
        secrets.tag_resource(SecretId=desk.installation.secret_id(name), Tags=[{"Key": key, "Value": value}])
    result = desk.run("remove", NAME, "--yes")
    assert result.exit_code == 1
    assert f"token-refresher rename {NAME} copy" in result.stderr
    assert "DeletedDate" not in secrets.describe_secret(SecretId=desk.installation.secret_id(NAME))
