"""No command that changes a credential shows a secret, whatever becomes of it."""

from collections.abc import Callable

import pytest

from tests.cli.desk import Desk
from tests.cli.steps import Steps
from tests.cli.worker import REVOKED, TOKENS, Worker
from tests.grids import sampled
from token_refresher.registry.outcome import Result

NAME = "acme-bing-ads"
NEW_SECRET = "planted-new-secret"

RUNS: dict[str, list[tuple[list[str], str | None]]] = {
    "set": [
        ([NAME, "note=planted-note", 'limits:={"planted": "planted-limit"}', "account_id=1234567"], None),
        ([NAME, "client_secret=-"], NEW_SECRET),
        ([NAME, "client_secret=planted-on-the-line"], None),
        ([NAME, "refresh_token=-"], "planted-refresh-token-x"),
        ([NAME, "developer_token=-", "--dry-run"], "planted-developer-token"),
        ([NAME, "planted-value"], None),
        ([NAME, "limits:={planted"], None),
        ([NAME, "client_id=planted-secret-as-id"], None),
    ],
    "pause": [([NAME], None)],
    "resume": [([NAME], None), ([NAME, "--no-wait"], None)],
    "refresh": [([NAME], None), ([NAME, "-o", "json"], None), ([NAME, "--timeout", "1"], None)],
    "rotate-client-secret": [
        ([NAME, "--stdin"], NEW_SECRET),
        ([NAME, "--stdin", "--unchecked", "--all-of-application"], NEW_SECRET),
        ([NAME, "--stdin"], "planted secret of three words"),
    ],
    "rotate-private-key": [([NAME, "--kms-key-id", "alias/acme"], None), ([NAME], None)],
    "rename": [([NAME, "another"], None), ([NAME, NAME], None)],
    "remove": [([NAME, "--yes"], None), ([NAME, "--now", "--yes"], None)],
}
"""Arguments and standard input of each command."""

WORLDS: dict[str, Callable[[Desk, Worker], object]] = {
    "all is well": lambda desk, worker: None,
    "paused": lambda desk, worker: desk.done("pause", NAME),
    "nobody answers": lambda desk, worker: worker.stays_silent(),
    "a sign-in is needed": lambda desk, worker: worker.ends(Result.NEEDS_A_PERSON, REVOKED),
    "no client secret is taken": lambda desk, worker: setattr(worker, "accepts", set()),
    "no document": lambda desk, worker: _overwrite(desk, '{"client_id": "planted-client-secret" '),
    "malformed": lambda desk, worker: _overwrite(desk, '{"client_secret": "planted-client-secret"}'),
}


def _overwrite(desk: Desk, text: str) -> None:
    desk.installation.secrets_client.put_secret_value(SecretId=desk.installation.secret_id(NAME), SecretString=text)


@pytest.mark.parametrize("world", sampled(WORLDS, 4))
@pytest.mark.parametrize("command", RUNS)
def test_no_secret_is_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch, command: str, world: str) -> None:
    for arguments, stdin in RUNS[command]:
        _remove_all(desk)
        desk.put(NAME, note="planted-note", developer_token="planted-developer-token", **TOKENS)
        desk.know(NAME)
        worker = Worker(desk, monkeypatch)
        WORLDS[world](desk, worker)
        result = desk.run(command, *arguments, stdin=stdin)
        assert "planted" not in result.output, arguments
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert "Traceback" not in result.output


def _remove_all(desk: Desk) -> None:
    secrets = desk.installation.secrets_client
    for found in secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        if found["Name"].startswith(f"{desk.installation.prefix}/"):
            secrets.delete_secret(SecretId=found["Name"], ForceDeleteWithoutRecovery=True)
    for overview in list(desk.installation.registry.overview()):
        desk.installation.registry.forget(overview.name)


def test_the_tables_and_tags_hold_no_secret_either(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.put(NAME, **TOKENS)
    desk.know(NAME)
    Worker(desk, monkeypatch)
    with Steps().of(desk) as steps:
        desk.run("rotate-client-secret", NAME, "--stdin", stdin=NEW_SECRET)
        desk.run("rename", NAME, "another")
    assert steps.log
    items = desk.installation.registry._table.scan()["Items"]
    tags = [found.get("Tags") for found in desk.installation.secrets_client.list_secrets()["SecretList"]]
    assert items
    assert "planted" not in repr(items) + repr(tags)
