"""An operator changes credentials while the functions work: they meet in the queue, the registry and the tags."""

import json

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.functions import Functions
from tests.cli.steps import Steps
from token_refresher.base.clock import to_rfc3339

pytestmark = pytest.mark.exhaustive

NAME, NEW_NAME = "acme", "acme-bing-ads"
OLD, NEW = "planted-client-secret", "planted-new-secret"


@pytest.fixture
def functions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Functions:
    """A stack with one credential that was just refreshed."""
    functions = Functions(desk, monkeypatch)
    functions.microsoft.good_secrets = frozenset({OLD})
    desk.put(NAME, client_secret=OLD, refresh_token=functions.microsoft.open_family())
    functions.tick()
    assert desk.document(NAME)["refresh_token"] == functions.microsoft.newest
    return functions


def test_a_refresh_on_demand_exchanges_a_token_that_is_not_due(desk: Desk, functions: Functions) -> None:
    before = functions.microsoft.newest
    said = json.loads(desk.done("refresh", NAME, "-o", "json"))
    assert said["result"] == "refreshed"
    assert desk.document(NAME)["refresh_token"] == functions.microsoft.newest != before


def test_a_refresh_that_needs_a_person_says_so(desk: Desk, functions: Functions) -> None:
    functions.microsoft.revoke(functions.microsoft.newest)
    result = desk.run("refresh", NAME)
    assert result.exit_code == 5
    assert f"token-refresher link {NAME}" in result.stderr


def test_what_is_paused_is_left_alone_by_ticks_and_at_work_again_after_it_was_resumed(
    desk: Desk, functions: Functions
) -> None:
    desk.done("pause", NAME)
    before = functions.microsoft.newest
    for _ in range(3):
        functions.sleep(3600)
        functions.tick()
    assert functions.microsoft.newest == before
    assert "was refreshed" in desk.done("resume", NAME)
    assert functions.microsoft.newest != before
    label = desk.installation.store.describe(NAME).status_tags
    assert label is not None
    assert label.status == "healthy"


def test_a_new_client_secret_that_works_stays(desk: Desk, functions: Functions) -> None:
    functions.microsoft.good_secrets |= {NEW}
    result = desk.run("rotate-client-secret", NAME, "--stdin", stdin=NEW)
    assert result.exit_code == 0, result.stderr
    document = desk.document(NAME)
    assert (document["client_secret"], document.get("previous_client_secret")) == (NEW, None)
    assert document["refresh_token"] == functions.microsoft.newest


def test_a_wrong_client_secret_is_taken_out_and_nobody_is_told(desk: Desk, functions: Functions) -> None:
    result = desk.run("rotate-client-secret", NAME, "--stdin", stdin=NEW)
    assert result.exit_code == 5
    document = desk.document(NAME)
    assert (document["client_secret"], document.get("previous_client_secret")) == (OLD, None)
    assert document["refresh_token"] == functions.microsoft.newest
    assert functions.topic.alerts == []


def test_a_set_is_taken_up_by_the_next_tick_beside_its_tokens(desk: Desk, functions: Functions) -> None:
    desk.done("set", NAME, "note=one")
    functions.sleep(3600)
    functions.tick()
    document = desk.document(NAME)
    assert (document["note"], document["refresh_token"]) == ("one", functions.microsoft.newest)


def test_a_tick_after_any_call_of_a_rename_leaves_one_credential_at_work_under_its_new_name(
    desk: Desk, functions: Functions
) -> None:
    """And no refresh token is presented twice, though it is due: nobody refreshes the old one and its copy."""
    microsoft = functions.microsoft
    for after in range(1, 60):
        old, new = f"old{after}", f"new{after}"
        first = microsoft.open_family()
        desk.put(old, client_secret=OLD, refresh_token=first)
        functions.tick()
        functions.sleep(50 * 60)
        with Steps(after, functions.tick).of(desk) as steps:
            desk.done("rename", old, new)
        assert desk.document(new)["refresh_token"] == microsoft.newest_of(first)
        managed = [state.name for state in desk.installation.store.managed()]
        assert (old in managed, new in managed) == (False, True)
        functions.tick()
        assert desk.installation.registry.get(old) is None
        entry = desk.installation.registry.get(new)
        assert entry is not None
        assert entry.status == "healthy"
        desk.clear(old, new)
        if len(steps.log) < after:
            break
    assert len(microsoft.presented) == len(set(microsoft.presented))


def test_a_removed_credential_is_forgotten_and_a_restored_one_is_found_again(desk: Desk, functions: Functions) -> None:
    desk.done("remove", NAME, "--yes")
    functions.tick()
    assert desk.installation.registry.get(NAME) is None
    desk.installation.session.client("secretsmanager").restore_secret(SecretId=desk.installation.secret_id(NAME))
    functions.tick()
    entry = desk.installation.registry.get(NAME)
    assert entry is not None
    assert entry.status == "healthy"
    assert to_rfc3339(NOW) == desk.document(NAME)["refreshed_at"]
