"""Every command once, on a credential whose texts would be misread as markup, as emojis, or in another encoding."""

import pytest
import responses

from local.stack.toolchain import ROOT
from tests.cli.commands.test_list import TOKENS
from tests.cli.desk import CLIENT_ID, Desk
from tests.cli.function_logs import FunctionLogs
from tests.cli.registered import commands
from tests.cli.worker import Worker
from tests.unit.entrypoints.test_settings import GOOD
from token_refresher.credential.account import AccountAccess, KnownAccount

NAME = "acme-bing-ads"
TEXT = "[red]Möller[/] :smile: [/] 日本 \\"
"""What people call their accounts, and the tags of their secrets."""

ENTRY = ROOT / "tests" / "cli" / "acme.toml"
"""A provider of a team's own."""

ARGUMENTS = {
    "add": ("other", "--client-id", CLIENT_ID, "--public-client", "--dry-run"),
    "link": (NAME,),
    "providers": (),
    "check-provider": (str(ENTRY),),
    "add-provider": (str(ENTRY), "--dry-run"),
    "next": (),
    "list": (),
    "show": (NAME,),
    "history": (NAME, "--since", "2000-01-01"),
    "verify": (NAME,),
    "token": (NAME, "--yes"),
    "export": (),
    "doctor": ("--only", "timing", "--only", "secrets"),
    "set": (NAME, f"note={TEXT}", "--dry-run"),
    "refresh": (NAME,),
    "publish": (NAME,),
    "pause": (NAME,),
    "resume": (NAME, "--no-wait"),
    "rotate-client-secret": (NAME, "--stdin"),
    "rotate-private-key": (NAME, "--kms-key-id", "alias/acme"),
    "rename": (NAME, "acme", "--no-wait"),
    "remove": (NAME, "--yes"),
}
"""How each command is called; no command may be missing here."""


def as_json() -> dict[str, tuple[str, ...]]:
    """Return how each command is called that has an output for programs; collected from their definitions."""
    found = [name for name, command in commands().items() if any(one.name == "output" for one in command.params)]
    options: dict[str, tuple[str, ...]] = {"export": (), **dict.fromkeys(found, ("--output", "json"))}
    return {name: (name, *ARGUMENTS[name], *more) for name, more in options.items()}


def furnish(desk: Desk, monkeypatch: pytest.MonkeyPatch, api: responses.RequestsMock) -> None:
    """Put a credential there of which everything is known."""
    FunctionLogs.behind(monkeypatch)
    monkeypatch.setitem(desk.installation.environment, "PROVIDERS_PATH", "/token-refresher/providers")
    Worker(desk, monkeypatch)
    identity = {"username": TEXT, "tenant_id": "t", "object_id": "o", "consented_at": "2026-10-01T08:00:00Z"}
    desk.put(NAME, **{**TOKENS, "developer_token": "planted", "account_id": "1234567", "identity": identity, "x": TEXT})
    desk.know(NAME, account=KnownAccount("1234567", AccountAccess.REACHABLE, name=TEXT, status="Active"))
    secret_id = desk.installation.secret_id(NAME)
    desk.installation.secrets_client.tag_resource(SecretId=secret_id, Tags=[{"Key": "team", "Value": TEXT}])
    desk.installation.secrets_client.update_secret(SecretId=secret_id, Description=TEXT)
    base = f"{GOOD['ADS_API_URL']}/CustomerManagement/v13"
    account = {"Id": 1234567, "Name": TEXT, "AccountLifeCycleStatus": "Active", "ParentCustomerId": 7654321}
    api.post(f"{base}/User/Query", json={"User": {}})
    api.post(f"{base}/Account/Query", json={"Account": account})
