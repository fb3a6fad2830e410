"""``token-refresher rename`` that is cut short, or meets others at every step."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.cli.desk import NOW, Desk
from tests.cli.moving import NEW, OLD, entry_of, managed, tags_of, text_of, to_be_renamed
from tests.cli.rotating import grant, store_of_another_process
from tests.cli.steps import Steps
from tests.cli.worker import TOKENS, Worker
from tests.fakes.calls import KilledError
from token_refresher.credential.document import Credential
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.secret_store import successor
from token_refresher_cli.shell import waiting

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    return to_be_renamed(desk, monkeypatch)


CALLS = 60
"""More than it makes."""


@pytest.mark.parametrize(
    "was_known",
    [
        pytest.param(True, id="on record"),
        pytest.param(False, id="before the first tick"),
    ],
)
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
        pointer = {"moved_to", "access_token", "token_type", "expires_at", "expires_at_epoch", "refreshed_at"}
        assert json.loads(text_of(desk, old)).keys() == pointer
        names = managed(desk)
        assert (new in names, old in names) == (True, False)
        assert not entry_of(desk, new).is_paused
        assert desk.installation.registry.get(old) is None
        for name in (old, new):
            assert not {"token-refresher:copy-of", "token-refresher:renaming-to"} & tags_of(desk, name).keys()
        desk.clear(old, new)
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
            assert entry_of(desk, new).is_paused
            desk.clear(old, new)
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
            if "moved_to" not in text_of(desk, name):
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
        assert "refresh_token" not in text_of(desk, old)
        desk.clear(old, new)
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
    document = Credential.parse(text_of(desk, OLD)).with_grant(grant(1, NOW + timedelta(minutes=1))).dump()

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


def test_a_sign_in_that_saw_no_tag_and_is_on_no_record_yet_has_time_to_end(
    desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The callback looked at the secret before it was tagged, and stores its tokens half a minute later."""
    begun_at, ends_at = worker.now, worker.now + timedelta(seconds=30)

    def pass_time(seconds: float) -> None:
        worker.sleep(seconds)
        if worker.now >= ends_at and "moved_to" not in text_of(desk, OLD) and len(managed(desk)) == 1:
            _sign_in_ends(desk, OLD)

    monkeypatch.setattr(waiting, "sleep", pass_time)
    desk.done("rename", OLD, NEW, "--no-wait")
    assert worker.now >= begun_at + desk.installation.settings.timing.lease
    assert desk.document(NEW)["refresh_token"] == "planted-refresh-token-1"


def test_what_was_renamed_already_is_not_waited_for_again(desk: Desk, worker: Worker) -> None:
    desk.done("rename", OLD, NEW, "--no-wait")
    before = worker.now
    desk.done("rename", OLD, NEW, "--no-wait")
    assert worker.now == before


def test_a_tick_that_finds_the_copy_does_not_get_in_the_way(desk: Desk, worker: Worker) -> None:
    times_found = 0
    for after in range(1, CALLS):
        old, new = f"old{after}", f"new{after}"
        desk.put(old, **TOKENS)
        desk.know(old, lineage=("a", "b"))

        def found(name: str = new) -> None:
            nonlocal times_found
            if name in managed(desk) and worker.registry.get(name) is None:
                worker.registry.save(RegistryEntry.discovered(name, "x", NOW, is_paused=True))
                times_found += 1

        with Steps(after, found).of(desk) as steps:
            desk.done("rename", old, new, "--no-wait")
        entry = entry_of(desk, new)
        assert (entry.lineage, entry.is_paused) == (("a", "b"), False)
        desk.clear(old, new)
        if len(steps.log) < after:
            break
    assert times_found > 1


def test_another_new_name_has_to_wait_until_the_first_is_finished(desk: Desk, worker: Worker) -> None:
    with Steps.killing(14).of(desk), pytest.raises(KilledError):
        desk.run("rename", OLD, NEW)
    assert NEW in managed(desk)
    result = desk.run("rename", OLD, "another")
    assert result.exit_code == 2
    assert f"about to be renamed to {NEW}" in result.stderr
    desk.done("rename", OLD, NEW, "--no-wait")


def _no_right_to_create(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "CreateSecret")

    monkeypatch.setattr(desk.installation.secrets_client, "create_secret", refuse)


def test_who_lacks_a_right_half_way_learns_that_nobody_refreshes_it_now(
    desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_right_to_create(desk, monkeypatch)
    result = desk.run("rename", OLD, NEW)
    assert result.exit_code == 4
    assert entry_of(desk, OLD).is_paused
    assert "nobody refreshes" in result.stderr
    assert f"token-refresher resume {OLD}" in result.stderr


def test_a_pause_after_a_renaming_that_was_undone_is_the_operators(
    desk: Desk, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as context:
        _no_right_to_create(desk, context)
        desk.run("rename", OLD, NEW)
    desk.done("resume", OLD)
    desk.done("pause", OLD)
    desk.done("rename", OLD, NEW)
    assert entry_of(desk, NEW).is_paused
