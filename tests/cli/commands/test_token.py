"""``token-refresher token``."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cli.commands.test_list import TOKENS, healthy, refuse
from tests.cli.desk import Desk
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import diagnose
from token_refresher_cli.commands import print_token
from token_refresher_cli.shell import terminal

NAME = "acme-bing-ads"
ENDED = "2026-11-22T09:00:00Z"


def test_a_pipe_gets_the_token_on_one_line_and_nothing_else(desk: Desk) -> None:
    healthy(desk, access_token=f"planted:key:{'x' * 3000} [bold]")
    result = desk.run("token", NAME)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"planted:key:{'x' * 3000} [bold]\n", "")


def test_a_terminal_gets_it_only_after_a_question(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy(desk)
    monkeypatch.setattr(print_token, "is_screen", lambda: True)
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    refused = desk.run("token", NAME, stdin="n\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    agreed = desk.run("token", NAME, stdin="y\n")
    assert (agreed.exit_code, agreed.stdout) == (0, "planted-access-token\n")
    assert "good until 2026-11-22 09:45 UTC, 45 minutes from now" in agreed.stderr


def test_a_terminal_gets_it_without_a_question_where_it_was_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy(desk)
    monkeypatch.setattr(print_token, "is_screen", lambda: True)
    assert desk.done("token", NAME, "--yes") == "planted-access-token\n"


@pytest.mark.parametrize(
    ("changes", "status", "exit_code", "said"),
    [
        pytest.param(
            {"access_token": None, "refresh_token": None, "expires_at": None},
            Status.AWAITING_CONSENT,
            5,
            "token-refresher link acme-bing-ads",
            id="nobody has signed in",
        ),
        pytest.param(
            {"access_token": None, "expires_at": None},
            Status.HEALTHY,
            1,
            "token-refresher refresh acme-bing-ads",
            id="an imported refresh token was not used yet",
        ),
        pytest.param(
            {"expires_at": ENDED}, Status.RETRYING, 1, "token-refresher refresh acme-bing-ads", id="it ends this second"
        ),
        pytest.param(
            {"expires_at": ENDED}, Status.PAUSED, 5, "operator: token-refresher resume acme-bing-ads", id="it is paused"
        ),
        pytest.param(
            {"expires_at": ENDED},
            Status.NEEDS_CONSENT,
            5,
            "ads-owner@example.com: sign in with token-refresher link acme-bing-ads",
            id="the grant is revoked",
        ),
        pytest.param({"account_id": "x"}, Status.NEEDS_OPERATOR, 5, "token-refresher set", id="the secret is broken"),
        pytest.param(
            {"access_token": "planted\nbroken"}, Status.HEALTHY, 1, "control character", id="it is more than one line"
        ),
    ],
)
def test_without_a_good_token_nothing_is_printed_and_the_next_step_is_said(
    desk: Desk, changes: dict[str, Any], status: Status, exit_code: int, said: str
) -> None:
    desk.put(NAME, **TOKENS)
    revoked = diagnose(ProviderFailure(FailureKind.REFUSED, 400, codes=(50173,)))
    desk.know(NAME, status, diagnosis=revoked if status is Status.NEEDS_CONSENT else None)
    rewrite(desk, **changes)
    result = desk.run("token", NAME)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert said in result.stderr
    assert "planted" not in result.stderr


def rewrite(desk: Desk, **changes: Any) -> None:
    """Change the document, and let the registry know."""
    secret_id = desk.installation.secret_id(NAME)
    entry = desk.installation.registry.get(NAME)
    assert entry is not None
    desk.installation.secrets_client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
    version_id = desk.put(NAME, **{**TOKENS, **changes})
    desk.installation.registry.save(replace(entry, version_id=version_id))


def test_a_secret_that_may_not_be_read_says_which_right_is_missing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy(desk)
    refuse(desk, monkeypatch)
    result = desk.run("token", NAME)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "secretsmanager:GetSecretValue" in result.stderr


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        pytest.param('{"client_id": "one", "tenant": ""}', "token-refresher set torn KEY=VALUE", id="a key is wrong"),
        pytest.param('{"client_id": "on', "docs/operations.md#a-secret-that-is-no-json", id="it is no JSON"),
    ],
)
@pytest.mark.parametrize("command", ["token", "verify"])
def test_a_malformed_secret_is_named_with_what_mends_it(desk: Desk, command: str, text: str, remedy: str) -> None:
    desk.installation.secrets_client.create_secret(Name=desk.installation.secret_id("torn"), SecretString=text)
    result = desk.run(command, "torn")
    assert (result.exit_code, result.stdout) == (5, "")
    assert "The secret of torn is no credential document" in result.stderr
    assert remedy in result.stderr
