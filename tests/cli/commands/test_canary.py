"""Looking at a credential never shows a secret: planted ones are searched for in all that is printed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from tests.cli.commands.test_list import healthy
from tests.cli.commands.test_verify import answers
from tests.cli.desk import Desk
from tests.cli.function_logs import FunctionLogs
from token_refresher.credential.fields import SECRET_KEYS

NAME = "acme-bing-ads"
PLANTED: dict[str, Any] = {key: f"planted-{key}-canary-zebra" for key in (*SECRET_KEYS, "warehouse_password")}
NESTED: dict[str, Any] = {
    "warehouse": {"password": "planted-nested-canary-zebra"},
    "planted_list": ["planted-listed-canary-zebra"],
}

LOOKS = [
    pytest.param(["list"], id="list"),
    pytest.param(["list", "--output", "json"], id="list for a program"),
    pytest.param(["show", NAME], id="show"),
    pytest.param(["show", NAME, "--output", "json"], id="show for a program"),
    pytest.param(["history", NAME, "--since", "2000-01-01"], id="history"),
    pytest.param(["history", NAME, "--since", "2000-01-01", "--output", "json"], id="history for a program"),
    pytest.param(["export"], id="export"),
    pytest.param(["verify", NAME], id="verify"),
    pytest.param(["verify", NAME, "--output", "json"], id="verify for a program"),
]


@pytest.fixture
def planted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    logs = FunctionLogs.behind(monkeypatch)
    leaks = {"access_token": PLANTED["access_token"], "detail": PLANTED["client_secret"]}
    logs.logged("refresh", desk.installation.clock(), "credential", credential=NAME, result="refreshed", **leaks)
    identity = {
        "username": "ads-owner@example.com",
        "consented_at": "2026-10-01T08:00:00Z",
        "note": "planted-canary-zebra",
    }
    healthy(desk, **PLANTED, **NESTED, identity=identity)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as api:
        answers(api)
        yield desk


@pytest.mark.parametrize("arguments", LOOKS)
def test_no_secret_is_printed(planted: Desk, arguments: list[str]) -> None:
    result = planted.run(*arguments)
    assert result.exit_code == 0
    assert NAME in result.output or "1234567" in result.output or "version" in result.output
    assert "canary-zebra" not in result.output


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param({"SecretString": "{planted-canary-zebra"}, id="it is no JSON"),
        pytest.param({"SecretString": '"planted-canary-zebra"'}, id="it is no object"),
        pytest.param({"SecretBinary": b"planted-canary-zebra"}, id="it is no text"),
        pytest.param(
            {
                "SecretString": json.dumps(
                    {**PLANTED, **NESTED, "client_id": "planted-canary-zebra", "tenant": "planted canary-zebra"}
                )
            },
            id="secrets are under the wrong keys",
        ),
    ],
)
def test_no_secret_of_a_malformed_document_is_printed(planted: Desk, secret: dict[str, Any]) -> None:
    planted.installation.secrets_client.put_secret_value(SecretId=planted.installation.secret_id(NAME), **secret)
    for look in [*LOOKS, pytest.param(["token", NAME])]:
        [arguments] = look.values
        result = planted.run(*arguments)  # type: ignore[misc] # A parameter set holds objects.
        assert result.output, arguments
        assert "canary-zebra" not in result.output, arguments


def test_only_what_is_asked_for_is_printed(planted: Desk) -> None:
    token = planted.run("token", NAME)
    assert token.stdout == f"{PLANTED['access_token']}\n"
    assert "canary-zebra" not in token.stderr
    export = planted.run("export", "--with-secrets", "--yes")
    assert all(secret in export.stdout for secret in PLANTED.values())
    assert "canary-zebra" not in export.stderr
