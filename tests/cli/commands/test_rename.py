"""``token-refresher rename``: the credential moves, and its old secret becomes a pointer."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.moving import NEW, OLD, described, entry_of, managed, tags_of, text_of, to_be_renamed
from tests.cli.rotating import rotate
from tests.cli.worker import REVOKED, Worker
from token_refresher.base.clock import from_rfc3339
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.registry.outcome import Result
from token_refresher.registry.sent_events import NOTHING_SENT, SentEvents
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.secret_store import successor


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    return to_be_renamed(desk, monkeypatch)


def _known(desk: Desk, **changes: Any) -> RegistryEntry:
    return desk.know(OLD, lineage=("a", "b"), **changes)


def test_the_credential_is_there_under_its_new_name_byte_for_byte(desk: Desk, worker: Worker) -> None:
    before = text_of(desk, OLD)
    assert desk.done("rename", OLD, NEW, "--no-wait") == f"{OLD} is {NEW} now.\n"
    assert text_of(desk, NEW) == before
    assert managed(desk) == [NEW]


def test_tags_description_and_key_of_the_operator_go_along(desk: Desk, worker: Worker) -> None:
    desk.done("rename", OLD, NEW, "--no-wait")
    secret = described(desk, NEW)
    assert (secret["Description"], secret["KmsKeyId"]) == ("The ads of Acme.", "alias/of-the-operator")
    assert tags_of(desk, NEW)["team"] == "search"
    assert {key for key in tags_of(desk, NEW) if key.startswith("token-refresher:")} == {
        "token-refresher:status",
        "token-refresher:reason",
    }


def test_the_old_secret_says_where_to_read_and_has_the_access_token_and_no_other_secret(
    desk: Desk, worker: Worker
) -> None:
    desk.done("rename", OLD, NEW, "--pointer-days", "7", "--no-wait")
    assert json.loads(text_of(desk, OLD)) == {
        "moved_to": desk.installation.secret_id(NEW),
        "access_token": "planted-access-token-0",
        "token_type": "Bearer",
        "expires_at": "2026-11-22T09:30:00Z",
        "expires_at_epoch": 1795339800,
        "refreshed_at": "2026-11-22T08:30:00Z",
    }
    tags = tags_of(desk, OLD)
    assert tags["token-refresher:moved-to"] == NEW
    assert from_rfc3339(tags["token-refresher:moved-until"]) == NOW + timedelta(days=7)
    assert "token-refresher:renaming-to" not in tags


def test_before_the_first_sign_in_a_pointer_has_no_token(desk: Desk, worker: Worker) -> None:
    desk.put("empty")
    desk.done("rename", "empty", "another", "--no-wait")
    assert json.loads(text_of(desk, "empty")) == {"moved_to": desk.installation.secret_id("another")}


def test_it_is_resumed_and_refreshed_under_its_new_name(desk: Desk, worker: Worker) -> None:
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 0, result.stderr
    assert worker.asked == [NEW]
    assert f"{NEW} was refreshed" in result.stderr
    assert desk.document(NEW)["refresh_token"] == "planted-refresh-token-1"


def test_what_is_on_record_goes_along_without_what_people_were_told(desk: Desk, worker: Worker) -> None:
    alert = OpenAlert(Event.REFRESH_AT_RISK, "unknown", NOW, NOW)
    _known(desk, warned=("client_secret:x:30",), alert=alert)
    desk.done("rename", OLD, NEW, "--no-wait")
    entry = entry_of(desk, NEW)
    assert (entry.lineage, entry.warned, entry.alert) == (("a", "b"), ("client_secret:x:30",), None)
    assert (entry.status, entry.next_action_at) == (Status.HEALTHY, worker.now)
    assert desk.installation.registry.get(OLD) is None


def test_pipelines_of_the_new_name_get_its_events_anew(desk: Desk, worker: Worker) -> None:
    _known(desk, sent_events=SentEvents(NOW, "version"))
    desk.done("rename", OLD, NEW, "--no-wait")
    assert entry_of(desk, NEW).sent_events == NOTHING_SENT


def test_an_incident_with_others_is_left_to_the_next_tick(desk: Desk, worker: Worker) -> None:
    alert = OpenAlert(Event.OPERATOR_ACTION_REQUIRED, "client_secret", NOW, NOW, incident="app")
    _known(desk, alert=alert)
    desk.done("rename", OLD, NEW, "--no-wait")
    entry = entry_of(desk, OLD)
    assert (entry.alert, entry.is_paused) == (alert, False)
    assert entry_of(desk, NEW).alert is None


def test_what_was_paused_stays_paused_and_is_not_refreshed(desk: Desk, worker: Worker) -> None:
    desk.done("pause", OLD)
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 0
    assert "It is paused, as it was before" in result.stderr
    assert entry_of(desk, NEW).is_paused
    assert tags_of(desk, NEW)["token-refresher:status"] == "paused"
    assert worker.asked == []


def test_consumers_are_told_what_they_have_to_do_and_until_when(desk: Desk, worker: Worker) -> None:
    desk.installation.secrets_client.put_resource_policy(SecretId=desk.installation.secret_id(OLD), ResourcePolicy="{}")
    said = desk.run("rename", OLD, NEW, "--no-wait").stderr
    assert f"read {desk.installation.secret_id(NEW)}" in said
    assert "2026-11-22 09:30 UTC: consumers must follow by then" in said
    assert f"until 2026-12-22, then: token-refresher remove {OLD}" in said
    assert "resource policy, which is not copied" in said
    assert "Connect links that were sent for the old name no longer work" in said


def test_an_exchange_that_is_under_way_is_waited_for(desk: Desk, worker: Worker) -> None:
    entry = _known(desk)
    intent = ExchangeIntent.begin(entry.version_id, Base("a", None), NOW, None)
    worker.registry.save(replace(entry, intent=intent))
    looks: list[Status] = []

    def ended(_: float) -> None:
        known = worker.registry.get(OLD)
        assert known is not None
        looks.append(known.status)
        if len(looks) == 3:
            rotate(desk, OLD, 1)
            worker.registry.save(replace(known, intent=intent.ended(End.ROTATED)))

    desk.monkeypatch.setattr("token_refresher_cli.shell.waiting.sleep", ended)
    desk.done("rename", OLD, NEW, "--no-wait")
    assert looks[:3] == [Status.HEALTHY] * 3, "it is not paused before its end is on record"
    assert desk.document(NEW)["refresh_token"] == "planted-refresh-token-1"


def test_an_exchange_whose_end_nobody_recorded_has_to_be_looked_into_first(desk: Desk, worker: Worker) -> None:
    entry = _known(desk)
    intent = ExchangeIntent.begin(entry.version_id, Base("a", None), NOW - timedelta(hours=1), None)
    worker.registry.save(replace(entry, intent=intent))
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 1
    assert f"token-refresher refresh {OLD}" in result.stderr
    assert not entry_of(desk, OLD).is_paused
    assert managed(desk) == [OLD]


def test_a_successor_that_is_stored_and_not_current_has_to_be_made_current_first(desk: Desk, worker: Worker) -> None:
    state = desk.installation.store.describe(OLD)
    desk.installation.store.put_pending(OLD, successor(state.arn, state.require_current()), text_of(desk, OLD))
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 1
    assert f"token-refresher refresh {OLD}" in result.stderr
    assert managed(desk) == [OLD]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([OLD, OLD], "Both names are the same", id="the same name"),
        pytest.param([OLD, "taken"], "There is a credential taken already", id="a name that is taken"),
        pytest.param([OLD, "deleted"], "scheduled for deletion", id="a name that is about to be free"),
        pytest.param([OLD, "no spaces"], "letters without accents", id="a name that no secret can have"),
        pytest.param([OLD, "x" * 300], "can hold 256", id="a name that no tag can hold"),
        pytest.param(["y" * 300, NEW], "can hold 256", id="an old name that no tag can hold"),
    ],
)
def test_a_name_that_it_cannot_have_is_refused_before_anything_happens(
    desk: Desk, worker: Worker, arguments: list[str], said: str
) -> None:
    desk.put("taken")
    desk.put("deleted")
    desk.installation.secrets_client.delete_secret(SecretId=desk.installation.secret_id("deleted"))
    before = tags_of(desk, OLD)
    result = desk.run("rename", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert tags_of(desk, OLD) == before
    assert desk.installation.registry.get(OLD) is None


def test_a_pointer_is_not_renamed_and_what_was_renamed_already_is_said_again(desk: Desk, worker: Worker) -> None:
    desk.done("rename", OLD, NEW, "--no-wait")
    result = desk.run("rename", OLD, "another")
    assert result.exit_code == 2
    assert f"its credential is {NEW} now" in result.stderr
    before = text_of(desk, NEW)
    desk.done("pause", NEW)
    assert desk.done("rename", OLD, NEW) == f"{OLD} is {NEW} now.\n"
    assert text_of(desk, NEW) == before
    assert entry_of(desk, NEW).is_paused, "that is not undone"


def test_what_is_malformed_has_to_be_mended_first(desk: Desk, worker: Worker) -> None:
    desk.put("malformed", client_id=None)
    assert desk.run("rename", "malformed", "another").exit_code == 5
    assert "another" not in managed(desk)
    assert desk.installation.registry.get("malformed") is None


@pytest.mark.parametrize("command", ["show", "token", "verify", "history", "link", "pause", "refresh"])
def test_whoever_asks_for_the_old_name_is_told_the_new_one(desk: Desk, worker: Worker, command: str) -> None:
    desk.done("rename", OLD, NEW)
    refused = desk.run(command, OLD)
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert f"{OLD} has another name now: {NEW}." in refused.stderr


def test_a_pointer_that_was_removed_is_not_found(desk: Desk, worker: Worker) -> None:
    desk.done("rename", OLD, NEW)
    desk.done("remove", OLD, "--yes")
    assert f"There is no credential {OLD}" in desk.run("show", OLD).stderr


def test_a_credential_that_is_not_there_is_not_found(desk: Desk, worker: Worker) -> None:
    assert desk.run("rename", "nothing", NEW).exit_code == 3


def test_where_the_first_refresh_fails_it_is_renamed_all_the_same_and_the_failure_is_said(
    desk: Desk, worker: Worker
) -> None:
    worker.ends(Result.NEEDS_A_PERSON, REVOKED)
    result = desk.run("rename", OLD, NEW)
    assert (result.exit_code, result.stdout) == (5, f"{OLD} is {NEW} now.\n")
    assert f"token-refresher link {NEW}" in result.stderr
