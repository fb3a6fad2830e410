"""``token-refresher add``, as a script runs it."""

import io
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import typer

from tests.cli.desk import CLIENT_ID, Desk
from token_refresher.base.sensitive import Sensitive
from token_refresher_cli.shell import terminal

NEEDED = ("--client-id", CLIENT_ID, "--client-secret", "planted-client-secret")
ACCOUNT = "https://ui.ads.microsoft.com/campaign?aid=123&cid=456#/customer/456/account/123/campaign"
EVERYTHING = {
    "client_id": CLIENT_ID,
    "client_secret": "planted-client-secret",
    "tenant": "organizations",
    "scope": "https://ads.microsoft.com/msads.manage offline_access",
    "developer_token": "planted-developer-token",
    "customer_id": "456",
    "account_id": "123",
    "client_secret_expires_at": "2027-01-31T00:00:00Z",
    "refresh_token": "planted-refresh-token",
}


def _secrets(desk: Desk) -> list[str]:
    return [state.name for state in desk.installation.store.managed()]


def test_the_secret_holds_what_was_given_in_the_order_of_the_document(desk: Desk) -> None:
    options = [word for key in reversed(EVERYTHING) for word in (f"--{key.replace('_', '-')}", EVERYTHING[key])]
    desk.done("add", "acme", *options)
    text = desk.installation.secrets_client.get_secret_value(SecretId="token-refresher/acme")["SecretString"]
    assert text == json.dumps(EVERYTHING, indent=2)


def test_it_prints_the_redirect_uri_and_a_link_that_the_stack_accepts(desk: Desk) -> None:
    printed = desk.done("add", "acme", *NEEDED, "--account-url", ACCOUNT)
    assert f"Redirect URI  {desk.installation.outputs['CallbackUrl']}\n" in printed
    [link] = [line.split()[-1] for line in printed.splitlines() if line.startswith("Connect link")]
    [invite] = parse_qs(urlsplit(link).query)["invite"]
    assert desk.installation.links.read("acme", invite).consent_generation == ""
    assert (desk.document("acme")["account_id"], desk.document("acme")["customer_id"]) == ("123", "456")


def test_a_link_is_not_broken_into_lines_on_a_narrow_screen(desk: Desk) -> None:
    screen = io.StringIO()
    desk.monkeypatch.setattr(terminal, "out", lambda: terminal.plain_console(file=screen, width=40))
    desk.done("add", "acme", *NEEDED)
    [link] = [line.split()[-1] for line in screen.getvalue().splitlines() if line.startswith("Connect link")]
    [invite] = parse_qs(urlsplit(link).query)["invite"]
    assert desk.installation.links.read("acme", invite).credential == "acme"


def test_it_says_what_happens_next(desk: Desk) -> None:
    said = desk.run("add", "acme", *NEEDED).stderr
    assert "platform, Web" in said.replace("\n", " ")
    assert "token-refresher show acme" in said
    assert "cannot check that the right person signs in" in said


def test_an_imported_grant_needs_no_link(desk: Desk) -> None:
    result = desk.run("add", "acme", *NEEDED, "--refresh-token", "planted-refresh-token")
    assert result.exit_code == 0
    assert "Connect link" not in result.stdout
    assert "a tick refreshes it within 5 minutes" in result.stderr
    assert desk.document("acme")["refresh_token"] == "planted-refresh-token"


def test_a_script_reads_json(desk: Desk) -> None:
    shown = json.loads(desk.done("add", "acme", *NEEDED, "--output", "json"))
    assert shown.keys() == {"name", "secret_id", "arn", "redirect_uri", "connect_url"}
    assert shown["arn"] == desk.installation.store.describe("acme").arn
    assert (shown["name"], shown["secret_id"]) == ("acme", "token-refresher/acme")


def test_a_dry_run_shows_fingerprints_and_writes_nothing(desk: Desk) -> None:
    printed = desk.done("add", "acme", *NEEDED, "--dry-run")
    assert f"client_secret  (fingerprint {Sensitive('planted-client-secret').fingerprint})" in printed
    assert "planted" not in printed
    assert _secrets(desk) == []
    shown = json.loads(desk.done("add", "acme", *NEEDED, "--dry-run", "--output", "json"))
    assert (shown["arn"], shown["connect_url"], shown["document"]["client_id"]) == (None, None, CLIENT_ID)


def test_the_link_is_opened_on_demand(desk: Desk) -> None:
    opened: list[str] = []
    desk.monkeypatch.setattr(typer, "launch", opened.append)
    assert opened == [json.loads(desk.done("add", "acme", *NEEDED, "--open", "--output", "json"))["connect_url"]]


def test_the_secret_is_encrypted_with_the_key_of_the_stack_and_tagged(desk: Desk) -> None:
    arn = desk.installation.client("kms").create_key()["KeyMetadata"]["Arn"]
    desk.monkeypatch.setitem(desk.installation.environment, "KMS_KEY_ARN", arn)
    desk.done("add", "acme", *NEEDED, "--tag", "team=ads", "--tag", "cost=a=b")
    found = desk.installation.secrets_client.describe_secret(SecretId="token-refresher/acme")
    assert found["KmsKeyId"] == arn
    assert found["Tags"] == [{"Key": "team", "Value": "ads"}, {"Key": "cost", "Value": "a=b"}]


def test_the_sandbox_has_its_scope_and_its_developer_token(desk: Desk) -> None:
    desk.done("add", "acme", *NEEDED, "--sandbox")
    assert desk.document("acme")["scope"] == "https://si.ads.microsoft.com/msads.manage offline_access"
    assert desk.document("acme")["developer_token"] == "BBD37VB98"


def test_values_come_from_the_environment(desk: Desk) -> None:
    for key, value in EVERYTHING.items():
        desk.monkeypatch.setenv(f"TOKEN_REFRESHER_{key.upper()}", value)
    desk.done("add", "acme")
    assert desk.document("acme") == EVERYTHING


def test_values_come_from_standard_input_and_options_count_before_them(desk: Desk) -> None:
    result = desk.run("add", "acme", "--stdin", "--tenant", "consumers", stdin=json.dumps(EVERYTHING))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {**EVERYTHING, "tenant": "consumers"}
    assert "not taken from standard input: tenant." in result.stderr


def test_one_secret_comes_from_standard_input(desk: Desk) -> None:
    desk.done("add", "acme", "--client-id", CLIENT_ID, "--client-secret", "-", stdin="planted-client-secret\r\n")
    assert desk.document("acme")["client_secret"] == "planted-client-secret"


def test_a_public_client_has_no_secret(desk: Desk) -> None:
    desk.done("add", "acme", "--client-id", CLIENT_ID, "--public-client")
    assert desk.document("acme") == {"client_id": CLIENT_ID}


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        pytest.param(("acme",), None, "--client-id, TOKEN_REFRESHER_CLIENT_ID, or --stdin", id="no client id"),
        pytest.param(
            ("acme", "--client-id", CLIENT_ID),
            None,
            "--client-secret, TOKEN_REFRESHER_CLIENT_SECRET, or --stdin. For an app without one, add --public-client",
            id="no client secret",
        ),
        pytest.param(("acme", *NEEDED, "--public-client"), None, "A public client has no client secret", id="and one"),
        pytest.param(
            ("acme", "--client-id", CLIENT_ID, "--public-client", "--client-secret-expires-at", "2027-01-31"),
            None,
            "no client secret that expires",
            id="the end of a client secret that there is not",
        ),
        pytest.param(
            ("acme", "--client-id", CLIENT_ID, "--client-secret", CLIENT_ID), None, "that is its id", id="secret's id"
        ),
        pytest.param(("acme", *NEEDED, "--account-id", "F118XXXX"), None, "account number", id="an account number"),
        pytest.param(
            ("acme", *NEEDED, "--account-url", ACCOUNT, "--account-id", "124"), None, "another account id", id="two ids"
        ),
        pytest.param(
            ("acme", *NEEDED, "--sandbox", "--scope", "https://ads.microsoft.com/msads.manage offline_access"),
            None,
            "not the one of the sandbox",
            id="the sandbox with the scope of production",
        ),
        pytest.param(("acme", *NEEDED, "--refresh-token", "p" * 66_000), None, "longer than 65536", id="too long"),
        pytest.param(("acme", *NEEDED, "--tag", "team"), None, "KEY=VALUE", id="a tag without a value"),
        pytest.param(("acme", *NEEDED, "--tag", "aws:x=y"), None, "aws: are reserved", id="a tag of AWS"),
        pytest.param(
            ("acme", *NEEDED, "--tag", "token-refresher:status=paused"),
            None,
            "are reserved",
            id="a tag of the functions",
        ),
        pytest.param(("token-refresher/acme", *NEEDED), None, "Write acme.", id="the prefix twice"),
        pytest.param(("acme", "--stdin"), "planted", "is not one JSON object", id="no JSON"),
        pytest.param(("acme", "--stdin"), '{"tenant": 1, "tenant": 2}', "every key once", id="a key twice"),
        pytest.param(("acme", "--stdin"), '{"client_secrett": "planted"}', "Do you mean client_secret?", id="a slip"),
        pytest.param(("acme", "--stdin"), '{"access_token": "planted"}', "that add does not take", id="not theirs"),
        pytest.param(("acme", "--stdin"), '{"client_id": ["planted"]}', "client_id on standard input", id="a list"),
        pytest.param(("acme", "--stdin", "--client-secret", "-"), "{}", "--client-secret and --stdin", id="read twice"),
        pytest.param(("acme", "--from", "-", "--stdin"), "{}", "--stdin and --from", id="read twice for a file"),
        pytest.param(("acme", "--from", "no/such/file"), None, "cannot be read: No such file", id="no file"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    desk: Desk, arguments: tuple[str, ...], stdin: str | None, says: str
) -> None:
    result = desk.run("add", *arguments, stdin=stdin)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "planted" not in result.output
    assert _secrets(desk) == []


def test_a_file_that_is_no_text_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"\x89PNG\xff")
    result = desk.run("add", "acme", "--from", str(tmp_path / "photo"))
    assert result.exit_code == 2
    assert "not a text in UTF-8" in result.stderr


def test_a_name_that_is_taken_is_refused_with_what_shows_and_changes_it(desk: Desk) -> None:
    before = desk.put("acme")
    result = desk.run("add", "acme", *NEEDED)
    assert result.exit_code == 2
    assert "There is a secret token-refresher/acme already" in result.stderr
    assert "token-refresher show acme" in result.stderr
    assert desk.installation.store.describe("acme").current == before


def test_a_name_in_its_recovery_window_is_refused_with_how_to_bring_it_back(desk: Desk) -> None:
    desk.put("acme")
    desk.installation.secrets_client.delete_secret(SecretId="token-refresher/acme")
    result = desk.run("add", "acme", *NEEDED)
    assert result.exit_code == 2
    assert "aws secretsmanager restore-secret --secret-id token-refresher/acme" in result.stderr


def test_a_link_that_cannot_be_signed_leaves_no_secret_behind(desk: Desk) -> None:
    desk.installation.secrets_client.delete_secret(SecretId="signing", ForceDeleteWithoutRecovery=True)
    assert desk.run("add", "acme", *NEEDED).exit_code != 0
    assert _secrets(desk) == []
