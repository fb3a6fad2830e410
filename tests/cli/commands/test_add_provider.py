"""``token-refresher add --provider``: each provider gets what it needs, by its own rules."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import responses
from typer.testing import Result

from tests.cli.commands import test_add_questions
from tests.cli.desk import CLIENT_ID, Desk
from tests.unit.providers.test_catalogue import GOOD as OWN
from tests.unit.providers.test_discovery import GOOD as METADATA
from tests.unit.providers.test_discovery import ISSUER, OAUTH, OPENID
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.builtin import builtin_names
from token_refresher_cli.installation.known_providers import KnownProviders

ask = test_add_questions.ask
"""Somebody at the terminal."""

ADWORDS = "https://www.googleapis.com/auth/adwords"
GOOGLE = ("--client-id", "1-a.apps.googleusercontent.com", "--client-secret", "GOCSPX-planted", "--scope", ADWORDS)
SERVER = ("--provider", "oauth2", "--issuer", ISSUER, "--client-id", "app", "--scope", "read")
PATH = "/token-refresher/providers"


def own(desk: Desk, text: str = OWN, name: str = "acme") -> None:
    """Put a provider of the team's own beside the stack."""
    desk.monkeypatch.setitem(desk.installation.environment, "PROVIDERS_PATH", PATH)
    desk.installation.client("ssm").put_parameter(Name=f"{PATH}/{name}", Value=text, Type="String", Tier="Advanced")


def refused(desk: Desk, *arguments: str, stdin: str | None = None) -> str:
    """Return what the command says when it refuses, and check that it wrote nothing."""
    result = desk.run("add", "acme", *arguments, stdin=stdin)
    assert result.exit_code == 2, result.output
    assert [state.name for state in desk.installation.store.managed()] == []
    assert "planted" not in result.output
    return result.stderr.replace("\n", " ")


def test_a_credential_of_google_is_taken_as_google_gives_it(desk: Desk) -> None:
    result = desk.run("add", "acme", "--provider", "google", *GOOGLE)
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {
        "provider": "google",
        "client_id": "1-a.apps.googleusercontent.com",
        "client_secret": "GOCSPX-planted",
        "scope": ADWORDS,
    }
    assert "with the app at Google (docs/providers/google.md)" in result.stderr
    assert "a person with access to Google data." in result.stderr
    assert "account id and developer token" not in result.stderr


def test_the_provider_may_come_from_standard_input_or_the_environment(desk: Desk) -> None:
    document = {"provider": "google", "client_id": "a", "client_secret": "planted", "scope": ADWORDS}
    desk.done("add", "acme", "--stdin", stdin=json.dumps(document))
    assert desk.document("acme") == document
    desk.monkeypatch.setenv("TOKEN_REFRESHER_PROVIDER", "google")
    desk.done("add", "other", *GOOGLE)
    assert desk.document("other")["provider"] == "google"


def test_a_dry_run_checks_all_and_writes_nothing(desk: Desk) -> None:
    shown = json.loads(desk.done("add", "acme", "--provider", "google", *GOOGLE, "--dry-run", "-o", "json"))
    assert shown["document"]["provider"] == "google"
    assert [state.name for state in desk.installation.store.managed()] == []


def test_an_imported_token_answer_is_taken_for_another_provider(desk: Desk, tmp_path: Any) -> None:
    (tmp_path / "answer.json").write_text('{"access_token": "planted", "refresh_token": "1//planted"}', "utf-8")
    desk.done("add", "acme", "--provider", "google", *GOOGLE, "--from", str(tmp_path / "answer.json"))
    assert desk.document("acme")["refresh_token"] == "1//planted"


def test_what_another_provider_has_no_use_for_is_not_imported(desk: Desk, tmp_path: Any) -> None:
    configuration = {"client_id": "app", "client_secret": "planted", "tenant_id": "common", "customer_id": "12"}
    (tmp_path / "airbyte.json").write_text(json.dumps({**configuration, "refresh_token": "planted"}), "utf-8")
    given = ("--provider", "google", "--scope", ADWORDS, "--from", str(tmp_path / "airbyte.json"))
    desk.done("add", "acme", *given, "--format", "airbyte")
    assert desk.document("acme").keys() == {"provider", "client_id", "client_secret", "scope", "refresh_token"}


def test_a_provider_of_the_team_is_found(desk: Desk) -> None:
    own(desk)
    desk.done("add", "acme", "--provider", "acme", "--client-id", "app", "--public-client")
    assert desk.document("acme") == {"provider": "acme", "client_id": "app"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            ("--provider", "goggle", *GOOGLE),
            "The provider goggle is no provider that is known here; the catalogue has amazon-ads",
            id="an unknown provider",
        ),
        pytest.param(("--provider", "goggle"), "Do you mean google? To add one of your own: ", id="a near miss"),
        pytest.param(("--provider", "../x"), "other characters than small letters", id="a path"),
        pytest.param(("--provider", "google", *GOOGLE[:4]), "The scope is missing", id="no scope"),
        pytest.param(
            ("--provider", "google", *GOOGLE[:2], "--scope", "a"), "The client secret is missing", id="no client secret"
        ),
        pytest.param(
            ("--provider", "google", *GOOGLE[:2], "--scope", ADWORDS, "--public-client"),
            "At Google every app has a client secret.",
            id="a public client where there is none",
        ),
        pytest.param(
            ("--provider", "google", *GOOGLE, "--tenant", "common"),
            "The provider google has no use for tenant.   Leave it out (--tenant, TOKEN_REFRESHER_TENANT",
            id="a tenant where there is none",
        ),
        pytest.param(("--provider", "google", *GOOGLE, "--account-id", "1"), "no use for account_id", id="an account"),
        pytest.param(("--provider", "google", *GOOGLE, "--issuer", ISSUER), "no use for issuer", id="an issuer"),
        pytest.param(("--provider", "google", *GOOGLE, "--sandbox"), "The sandbox is one of Microsoft", id="a sandbox"),
        pytest.param(
            ("--provider", "xero", *GOOGLE[:4], "--scope", "accounting.reports.read"),
            "The scope lacks offline_access: without it Xero issues no refresh token",
            id="a scope that brings no refresh token",
        ),
        pytest.param(
            ("--provider", "microsoft-entra", "--client-id", "app", *GOOGLE[2:]),
            "must be a GUID",
            id="an app of Microsoft is a GUID for any of its APIs",
        ),
        pytest.param(
            ("--provider", "google", "--client-id", "two words", *GOOGLE[2:]),
            "Copy it from the page of the app at Google.",
            id="a client id of two words",
        ),
        pytest.param(
            ("--provider", "oauth2", "--client-id", "app", "--public-client", "--scope", "a"),
            "The authorization endpoint is missing",
            id="no address",
        ),
        pytest.param(
            (
                *("--provider", "oauth2", "--client-id", "app", "--public-client", "--scope", "a"),
                *("--authorization-endpoint", "http://id.example.com/a", "--token-endpoint", "https://id.example.com"),
            ),
            "The authorization_endpoint must begin with https://",
            id="an address that is not https",
        ),
    ],
)
def test_what_the_provider_would_refuse_is_refused_with_the_reason(
    desk: Desk, arguments: tuple[str, ...], says: str
) -> None:
    assert says in refused(desk, *arguments)


def test_an_entry_of_the_team_that_cannot_be_used_names_its_parameter_line_and_key(desk: Desk) -> None:
    own(desk, OWN.replace("https://id.acme.example/token", "https://10.0.0.1/token"))
    said = refused(desk, "--provider", "acme", *GOOGLE)
    assert f"{PATH}/acme, line 10: token.token_endpoint points to a private network" in said


def test_google_is_asked_for_what_it_needs_and_no_more(desk: Desk, ask: Callable[..., Result]) -> None:
    result = ask("1-a.apps.googleusercontent.com", "", "GOCSPX-planted", ADWORDS, "", options=("--provider", "google"))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme").keys() == {"provider", "client_id", "client_secret", "scope"}
    assert "The client secret is empty" in result.stderr
    assert "Developer token" not in result.stderr
    assert "account" not in result.stderr.partition("Next:")[0]


def test_an_authorization_server_is_asked_for_its_addresses(
    desk: Desk, ask: Callable[..., Result], api: responses.RequestsMock
) -> None:
    api.get(OAUTH, json=METADATA)
    result = ask("http://id.example.com", ISSUER, "app", "planted-secret", "read", "", options=("--provider", "oauth2"))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {
        "provider": "oauth2",
        "client_id": "app",
        "client_secret": "planted-secret",
        "scope": "read",
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "token_endpoint_auth_method": "client_secret_post",
    }
    assert "which often is what brings a refresh token" in result.stderr.replace("\n", " ")


def test_an_address_that_is_given_counts_before_the_one_that_the_server_says(
    desk: Desk, api: responses.RequestsMock
) -> None:
    api.get(OAUTH, status=404)
    api.get(OPENID, json={**METADATA, "token_endpoint_auth_methods_supported": ["none"]})
    desk.done("add", "acme", *SERVER, "--public-client", "--token-endpoint", "https://other.example.com/token")
    document = desk.document("acme")
    assert (document["token_endpoint"], document["token_endpoint_auth_method"]) == (
        "https://other.example.com/token",
        "none",
    )


@pytest.mark.parametrize(
    ("metadata", "arguments", "says"),
    [
        pytest.param(
            {"issuer": "https://other.example.com"},
            ("--client-secret", "planted"),
            f"{OAUTH} names the issuer https://other.example.com, and not {ISSUER}.   Give --issuer exactly as",
            id="the server is another one",
        ),
        pytest.param(
            {"token_endpoint_auth_methods_supported": ["private_key_jwt", "none"]},
            ("--client-secret", "planted"),
            "takes no client secret; it takes private_key_jwt, none.   For an app without a client secret, add",
            id="it takes no client secret",
        ),
        pytest.param({}, ("--public-client",), "takes no application without a client secret", id="it wants one"),
    ],
)
def test_a_server_that_says_something_else_is_refused(
    desk: Desk, api: responses.RequestsMock, metadata: dict[str, Any], arguments: tuple[str, ...], says: str
) -> None:
    api.get(OAUTH, json={**METADATA, **metadata})
    assert says in refused(desk, *SERVER, *arguments)


@pytest.mark.parametrize("name", [name for name in builtin_names() if name != "oauth2"])
def test_each_entry_of_the_catalogue_takes_a_credential_that_its_functions_take(desk: Desk, name: str) -> None:
    known = KnownProviders(desk.installation)
    scope = f"read {known.entry(name).scope.refresh_token}".strip()
    desk.done("add", "acme", "--provider", name, "--client-id", CLIENT_ID, "--client-secret", "a", "--scope", scope)
    assert known.of(Credential.parse(json.dumps(desk.document("acme")))).entry.name == name
