"""``token-refresher rename``: the credential moves, and its old secret becomes a pointer."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.rotating import grant, rotate, store_of_another_process
from tests.cli.steps import Steps
from tests.cli.worker import REVOKED, TOKENS, Worker
from tests.fakes.calls import KilledError
from token_refresher.alert import Event
from token_refresher.clock import from_rfc3339
from token_refresher.credential import Credential
from token_refresher.intent import Base, End, Intent
from token_refresher.open_alert import OpenAlert
from token_refresher.outcome import Result
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import successor
from token_refresher.status import Status

OLD, NEW = "acme", "acme-bing-ads"
PRICE = '{ "price": 1.10 }'


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    text = json.dumps({"client_id": "of-the-operator", "client_secret": "planted-client-secret", **TOKENS})
    desk.installation.secrets.create_secret(
        Name=desk.installation.secret_id(OLD),
        SecretString=f'{text[:-1]}, "kept": {PRICE}}}',
        Description="The ads of Acme.",
        KmsKeyId="alias/of-the-operator",
        Tags=[{"Key": "team", "Value": "search"}, {"Key": "token-refresher:status", "Value": "healthy"}],
    )
    return Worker(desk, monkeypatch)


def _known(desk: Desk, **changes: Any) -> RegistryEntry:
    return desk.know(OLD, lineage=("a", "b"), **changes)


def _entry(desk: Desk, name: str) -> RegistryEntry:
    entry = desk.installation.registry.get(name)
    assert entry is not None
    return entry


def _described(desk: Desk, name: str) -> dict[str, Any]:
    client = desk.installation.session.client("secretsmanager")
    return {**client.describe_secret(SecretId=desk.installation.secret_id(name))}


def _tags(desk: Desk, name: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in _described(desk, name)["Tags"]}


def _text(desk: Desk, name: str) -> str:
    store = desk.installation.store
    current = next(
        version for version, labels in _described(desk, name)["VersionIdsToStages"].items() if "AWSCURRENT" in labels
    )
    return store.read(name, current)


def _managed(desk: Desk) -> list[str]:
    return [state.name for state in desk.installation.store.managed()]


def test_the_credential_is_there_under_its_new_name_byte_for_byte(desk: Desk, worker: Worker) -> None:
    before = _text(desk, OLD)
    assert desk.done("rename", OLD, NEW, "--no-wait") == f"{OLD} is {NEW} now.\n"
    assert _text(desk, NEW) == before
    assert _managed(desk) == [NEW]


def test_tags_description_and_key_of_the_operator_go_along(desk: Desk, worker: Worker) -> None:
    desk.done("rename", OLD, NEW, "--no-wait")
    described = _described(desk, NEW)
    assert (described["Description"], described["KmsKeyId"]) == ("The ads of Acme.", "alias/of-the-operator")
    assert _tags(desk, NEW)["team"] == "search"
    assert {key for key in _tags(desk, NEW) if key.startswith("token-refresher:")} == {
        "token-refresher:status",
        "token-refresher:reason",
    }


def test_the_old_secret_says_where_to_read_and_has_the_access_token_and_no_other_secret(
    desk: Desk, worker: Worker
) -> None:
    desk.done("rename", OLD, NEW, "--pointer-days", "7", "--no-wait")
    assert json.loads(_text(desk, OLD)) == {
        "moved_to": desk.installation.secret_id(NEW),
        "access_token": "planted-access-token-0",
        "token_type": "Bearer",
        "expires_at": "2026-11-22T09:30:00Z",
    }
    tags = _tags(desk, OLD)
    assert tags["token-refresher:moved-to"] == NEW
    assert from_rfc3339(tags["token-refresher:moved-until"]) == NOW + timedelta(days=7)
    assert "token-refresher:renaming-to" not in tags


def test_before_the_first_sign_in_a_pointer_has_no_token(desk: Desk, worker: Worker) -> None:
    desk.put("empty")
    desk.done("rename", "empty", "another", "--no-wait")
    assert json.loads(_text(desk, "empty")) == {"moved_to": desk.installation.secret_id("another")}


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
    entry = _entry(desk, NEW)
    assert (entry.lineage, entry.warned, entry.alert) == (("a", "b"), ("client_secret:x:30",), None)
    assert (entry.status, entry.next_action_at) == (Status.HEALTHY, NOW)
    assert desk.installation.registry.get(OLD) is None


def test_an_incident_with_others_is_left_to_the_next_tick(desk: Desk, worker: Worker) -> None:
    alert = OpenAlert(Event.OPERATOR_ACTION_REQUIRED, "client_secret", NOW, NOW, incident="app")
    _known(desk, alert=alert)
    desk.done("rename", OLD, NEW, "--no-wait")
    entry = _entry(desk, OLD)
    assert (entry.alert, entry.is_paused) == (alert, False)
    assert _entry(desk, NEW).alert is None


def test_what_was_paused_stays_paused_and_is_not_refreshed(desk: Desk, worker: Worker) -> None:
    desk.done("pause", OLD)
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 0
    assert "It is paused, as it was before" in result.stderr
    assert _entry(desk, NEW).is_paused
    assert _tags(desk, NEW)["token-refresher:status"] == "paused"
    assert worker.asked == []


def test_consumers_are_told_what_they_have_to_do_and_until_when(desk: Desk, worker: Worker) -> None:
    desk.installation.secrets.put_resource_policy(SecretId=desk.installation.secret_id(OLD), ResourcePolicy="{}")
    said = desk.run("rename", OLD, NEW, "--no-wait").stderr
    assert f"read {desk.installation.secret_id(NEW)}" in said
    assert "2026-11-22 09:30 UTC: they must follow by then" in said
    assert f"until 2026-12-22, then: token-refresher remove {OLD}" in said
    assert "resource policy, which is not carried over" in said
    assert "Connect links that were sent for the old name no longer work" in said


def test_an_exchange_that_is_under_way_is_waited_for(desk: Desk, worker: Worker) -> None:
    entry = _known(desk)
    intent = Intent.begin(entry.version_id, Base("a", None), NOW, None)
    worker.registry.save(replace(entry, intent=intent))
    looks: list[Status] = []

    def ended(_: float) -> None:
        known = worker.registry.get(OLD)
        assert known is not None
        looks.append(known.status)
        if len(looks) == 3:
            rotate(desk, OLD, 1)
            worker.registry.save(replace(known, intent=intent.ended(End.ROTATED)))

    desk.monkeypatch.setattr("token_refresher_cli.on_demand.sleep", ended)
    desk.done("rename", OLD, NEW, "--no-wait")
    assert looks == [Status.HEALTHY] * 3, "it is not paused before its end is on record"
    assert desk.document(NEW)["refresh_token"] == "planted-refresh-token-1"


def test_an_exchange_whose_end_nobody_recorded_has_to_be_looked_into_first(desk: Desk, worker: Worker) -> None:
    entry = _known(desk)
    intent = Intent.begin(entry.version_id, Base("a", None), NOW - timedelta(hours=1), None)
    worker.registry.save(replace(entry, intent=intent))
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 1
    assert f"token-refresher refresh {OLD}" in result.stderr
    assert not _entry(desk, OLD).is_paused
    assert _managed(desk) == [OLD]


def test_a_successor_that_is_stored_and_not_current_has_to_be_made_current_first(desk: Desk, worker: Worker) -> None:
    state = desk.installation.store.describe(OLD)
    desk.installation.store.put_pending(OLD, successor(state.arn, state.require_current()), _text(desk, OLD))
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 1
    assert f"token-refresher refresh {OLD}" in result.stderr
    assert _managed(desk) == [OLD]


CALLS = 60
"""More than it makes."""


@pytest.mark.parametrize("was_known", [True, False], ids=["on record", "before the first tick"])
def test_a_kill_after_any_call_is_finished_by_the_same_command(desk: Desk, worker: Worker, was_known: bool) -> None:
    """There is one managed secret at the end, with the newest tokens, and the old one is a pointer to it."""
    for after in range(1, CALLS):
        old, new = f"old{after}", f"new{after}"
        desk.put(old, note="kept", **TOKENS)
        if was_known:
            desk.know(old, refreshed_at=NOW)
        try:
            with Steps.killing(after).of(desk):
                desk.run("rename", old, new, "--no-wait")
        except KilledError:
            pass
        else:
            assert after > 20, "it makes more calls than that"
            break
        desk.done("rename", old, new, "--no-wait")
        assert desk.document(new) == {**desk.document(new), **TOKENS, "note": "kept"}
        assert json.loads(_text(desk, old)).keys() == {"moved_to", "access_token", "token_type", "expires_at"}
        names = _managed(desk)
        assert (new in names, old in names) == (True, False)
        assert not _entry(desk, new).is_paused
        assert desk.installation.registry.get(old) is None
        for name in (old, new):
            assert not {"token-refresher:copy-of", "token-refresher:renaming-to"} & _tags(desk, name).keys()
    else:
        pytest.fail("it was killed every time")


def test_a_paused_one_stays_paused_whenever_its_renaming_is_cut_short(desk: Desk, worker: Worker) -> None:
    for after in range(1, CALLS):
        old, new = f"old{after}", f"new{after}"
        desk.put(old, **TOKENS)
        desk.done("pause", old)
        try:
            with Steps.killing(after).of(desk):
                desk.run("rename", old, new, "--no-wait")
        except KilledError:
            desk.done("rename", old, new, "--no-wait")
            assert _entry(desk, new).is_paused
        else:
            assert after > 15
            break
    else:
        pytest.fail("it was killed every time")


def test_a_write_to_the_old_one_after_any_call_is_in_the_new_one_or_lands_on_a_pointer(
    desk: Desk, worker: Worker
) -> None:
    """A sign-in may end while it is renamed: nobody is told to stop, and its tokens are not lost."""
    lands_before = 0
    for after in range(1, CALLS):
        old, new = f"old{after}", f"new{after}"
        desk.put(old, **TOKENS)
        desk.know(old)

        def rotated(name: str = old) -> None:
            nonlocal lands_before
            if "moved_to" not in _text(desk, name):
                _sign_in_ends(desk, name)
                lands_before += 1

        steps = Steps(after, rotated)
        before = lands_before
        with steps.of(desk):
            desk.done("rename", old, new, "--no-wait")
        if len(steps.log) < after:
            break
        if lands_before > before:
            assert desk.document(new)["refresh_token"] == "planted-refresh-token-1", after
        assert "refresh_token" not in _text(desk, old)
    assert lands_before > 10


def _sign_in_ends(desk: Desk, name: str) -> None:
    """Write new tokens over what is current, as a sign-in does that began before: it does not look at tags again."""
    client = desk.installation.session.client("secretsmanager")
    answer = client.get_secret_value(SecretId=desk.installation.secret_id(name), VersionStage="AWSCURRENT")
    document = Credential.parse(answer["SecretString"]).with_grant(grant(1, NOW + timedelta(minutes=1))).dump()
    arn = answer["ARN"]
    store = store_of_another_process(desk)
    version_id = successor(arn, answer["VersionId"])
    store.put_pending(name, version_id, document)
    store.promote(name, version_id, answer["VersionId"])


def test_tokens_that_were_stored_and_lost_the_race_to_the_pointer_are_brought_in(desk: Desk, worker: Worker) -> None:
    state = desk.installation.store.describe(OLD)
    version = state.require_current()
    document = Credential.parse(_text(desk, OLD)).with_grant(grant(1, NOW + timedelta(minutes=1))).dump()

    def stored() -> None:
        store_of_another_process(desk).put_pending(OLD, successor(state.arn, version), document)

    with Steps().of(desk) as undisturbed:
        desk.put("other", **TOKENS)
        desk.run("rename", "other", "another", "--no-wait")
    # The first of the writes that make it a pointer.
    puts = [number for number, call in enumerate(undisturbed.log, 1) if call == "PutSecretValue"]
    with Steps(puts[-1] - 1, stored).of(desk):
        desk.done("rename", OLD, NEW, "--no-wait")
    assert desk.document(NEW)["refresh_token"] == "planted-refresh-token-1"


def test_a_tick_that_finds_the_copy_does_not_get_in_the_way(desk: Desk, worker: Worker) -> None:
    times_found = 0
    for after in range(1, CALLS):
        old, new = f"old{after}", f"new{after}"
        desk.put(old, **TOKENS)
        desk.know(old, lineage=("a", "b"))

        def found(name: str = new) -> None:
            nonlocal times_found
            if name in _managed(desk) and worker.registry.get(name) is None:
                worker.registry.save(RegistryEntry.discovered(name, "x", NOW, is_paused=True))
                times_found += 1

        with Steps(after, found).of(desk) as steps:
            desk.done("rename", old, new, "--no-wait")
        entry = _entry(desk, new)
        assert (entry.lineage, entry.is_paused) == (("a", "b"), False)
        if len(steps.log) < after:
            break
    assert times_found > 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([OLD, OLD], "Both names are the same", id="the same name"),
        pytest.param([OLD, "taken"], "There is a credential taken already", id="a name that is taken"),
        pytest.param([OLD, "deleted"], "scheduled for deletion", id="a name that is about to be free"),
        pytest.param([OLD, "no spaces"], "letters without accents", id="a name that no secret can have"),
        pytest.param([OLD, "x" * 300], "can hold 256", id="a name that no tag can hold"),
    ],
)
def test_a_name_that_it_cannot_have_is_refused_before_anything_happens(
    desk: Desk, worker: Worker, arguments: list[str], said: str
) -> None:
    desk.put("taken")
    desk.put("deleted")
    desk.installation.secrets.delete_secret(SecretId=desk.installation.secret_id("deleted"))
    before = _tags(desk, OLD)
    result = desk.run("rename", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert _tags(desk, OLD) == before
    assert desk.installation.registry.get(OLD) is None


def test_another_new_name_has_to_wait_until_the_first_is_finished(desk: Desk, worker: Worker) -> None:
    with Steps.killing(14).of(desk), pytest.raises(KilledError):
        desk.run("rename", OLD, NEW)
    assert NEW in _managed(desk)
    result = desk.run("rename", OLD, "another")
    assert result.exit_code == 2
    assert f"about to be renamed to {NEW}" in result.stderr
    desk.done("rename", OLD, NEW, "--no-wait")


def test_a_pointer_is_not_renamed_and_what_was_renamed_already_is_said_again(desk: Desk, worker: Worker) -> None:
    desk.done("rename", OLD, NEW, "--no-wait")
    result = desk.run("rename", OLD, "another")
    assert result.exit_code == 2
    assert f"its credential is {NEW} now" in result.stderr
    before = _text(desk, NEW)
    desk.done("pause", NEW)
    assert desk.done("rename", OLD, NEW) == f"{OLD} is {NEW} now.\n"
    assert _text(desk, NEW) == before
    assert _entry(desk, NEW).is_paused, "that is not undone"


def test_what_is_malformed_has_to_be_mended_first(desk: Desk, worker: Worker) -> None:
    desk.put("malformed", client_id=None)
    assert desk.run("rename", "malformed", "another").exit_code == 5
    assert "another" not in _managed(desk)
    assert desk.installation.registry.get("malformed") is None


def test_a_credential_that_is_not_there_is_not_found(desk: Desk, worker: Worker) -> None:
    assert desk.run("rename", "nothing", NEW).exit_code == 3


def test_where_the_first_refresh_fails_it_is_renamed_all_the_same_and_the_failure_is_said(
    desk: Desk, worker: Worker
) -> None:
    worker.ends(Result.NEEDS_A_PERSON, REVOKED)
    result = desk.run("rename", OLD, NEW)
    assert (result.exit_code, result.stdout) == (5, f"{OLD} is {NEW} now.\n")
    assert f"token-refresher link {NEW}" in result.stderr
