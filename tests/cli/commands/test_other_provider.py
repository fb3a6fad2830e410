"""The commands on a credential of another provider: they speak of it, and of nothing that it does not have."""

import json
from typing import Any

import pytest
import responses

from tests.cli.commands.test_add_provider import ADWORDS, own
from tests.cli.commands.test_list import TOKENS, healthy
from tests.cli.desk import Desk
from token_refresher.base.words import Words
from token_refresher.registry.issuer import Issuer
from token_refresher_cli.changes.client_secret_rotation import ClientSecretRotation

NAME = "acme-google-ads"
GOOGLE = Issuer("google", "https://oauth2.googleapis.com", Words("Google", "Google", "Google's sign-in service"))
USERINFO = "https://openidconnect.googleapis.com/v1/userinfo"
IDENTITY = {"username": "ads-owner@example.com", "subject": "117", "consented_at": "2026-10-01T08:00:00Z"}


def put(desk: Desk, provider: str = "google", **changes: Any) -> None:
    desk.put(NAME, **{**TOKENS, "provider": provider, "scope": ADWORDS, "identity": IDENTITY, **changes})


@pytest.fixture
def google(desk: Desk) -> Desk:
    """Return a desk with a healthy credential of Google."""
    put(desk)
    desk.know(NAME, issuer=GOOGLE)
    return desk


def test_the_list_has_a_column_for_providers_as_soon_as_there_are_two(google: Desk) -> None:
    healthy(google)
    head, *lines = google.done("list").splitlines()
    assert head.index("PROVIDER") == lines[0].index("microsoft-advertising") == lines[1].index("google ")


def test_programs_get_the_provider(google: Desk) -> None:
    [row] = json.loads(google.done("list", "-o", "json"))["credentials"]
    assert row["provider"] == "google"
    shown = json.loads(google.done("show", NAME, "-o", "json"))
    assert shown["provider"] == {"name": "google", "title": "Google", "product": "Google"}


def test_what_is_shown_of_a_credential_has_nothing_of_microsoft(google: Desk) -> None:
    printed = google.done("show", NAME)
    assert "  Issued by         Google" in printed
    assert "  Subject           117" in printed
    assert "tenant" not in printed
    assert "icrosoft" not in printed


def test_a_provider_that_no_refresh_has_used_yet_is_known_from_the_catalogue(desk: Desk) -> None:
    put(desk, "xero")
    shown = json.loads(desk.done("show", NAME, "-o", "json"))
    assert shown["provider"] == {"name": "xero", "title": "Xero", "product": "Xero data"}


def test_of_a_provider_that_nobody_knows_only_its_name_is_shown(desk: Desk) -> None:
    put(desk, "nobody")
    shown = json.loads(desk.done("show", NAME, "-o", "json"))
    assert shown["provider"] == {"name": "nobody", "title": None, "product": None}


def test_a_link_is_for_a_person_with_access_to_what_pipelines_read(google: Desk) -> None:
    assert "Send it to a person with access to Google data. It works once" in google.run("link", NAME).stderr


def test_the_next_steps_speak_of_each_provider(google: Desk) -> None:
    printed = google.done("next")
    assert "at other providers as docs/providers.md says" in printed
    assert "advertising account" not in printed


@pytest.mark.parametrize(
    ("answer", "exit_code", "says"),
    [
        pytest.param({"status": 200}, 0, "the token works at Google; which data it opens was not asked", id="works"),
        pytest.param({"status": 401}, 5, "Google refuses the access token (HTTP status 401)", id="refused"),
        pytest.param({"status": 403}, 5, "a person signs in again: token-refresher link", id="not enough"),
        pytest.param({"status": 503}, 1, f"{USERINFO} answered with HTTP status 503", id="an outage"),
        pytest.param({"body": ConnectionError()}, 1, f"{USERINFO} gave no answer", id="no answer"),
    ],
)
def test_the_page_of_the_entry_proves_that_a_token_works(
    google: Desk, api: responses.RequestsMock, answer: dict[str, Any], exit_code: int, says: str
) -> None:
    api.get(USERINFO, **answer)
    result = google.run("verify", NAME)
    assert (result.exit_code, says in result.output.replace("\n", " ")) == (exit_code, True), result.output
    assert api.calls[0].request.headers["Authorization"] == "Bearer planted-access-token"
    assert "planted" not in result.output


def test_a_program_gets_what_was_asked_and_what_it_proved(google: Desk, api: responses.RequestsMock) -> None:
    api.get(USERINFO, json={"sub": "117"})
    assert json.loads(google.done("verify", NAME, "-o", "json")) == {
        "name": NAME,
        "provider": "google",
        "access": "reachable",
        "consent": {"username": "ads-owner@example.com", "at": "2026-10-01T08:00:00Z"},
        "asked": USERINFO,
        "http_status": 200,
    }


def test_where_there_is_nothing_to_ask_that_is_said(desk: Desk) -> None:
    put(desk, "linkedin", identity=None, consented_at="2026-10-01T08:00:00Z")
    printed = desk.done("verify", NAME)
    assert "Access        not asked: no page is known that every token of LinkedIn opens" in printed
    assert "somebody whom the provider does not name, 2026-10-01" in printed
    assert json.loads(desk.done("verify", NAME, "-o", "json"))["access"] == "unverified"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"provider": "nobody"}, "provider is no provider that is known here", id="an unknown provider"),
        pytest.param({"scope": None}, "scope is missing; Google has no default", id="no scope"),
        pytest.param({"provider": "acme"}, "acme, line 10: token.token_endpoint must be an address", id="its entry"),
        pytest.param(
            {"provider": "oauth2", "authorization_endpoint": "https://10.0.0.1/a", "token_endpoint": "https://a.com/t"},
            "authorization_endpoint points to a private network",
            id="a private address",
        ),
    ],
)
def test_the_doctor_names_what_keeps_a_provider_from_being_used(desk: Desk, changes: dict[str, Any], says: str) -> None:
    own(desk, BROKEN)
    put(desk, **changes)
    result = desk.run("doctor", "--only", "secrets")
    assert result.exit_code == 11
    assert f"{NAME} cannot be refreshed: " in result.stdout
    assert says in result.stdout


def test_a_value_is_set_by_the_rules_of_the_provider(google: Desk) -> None:
    google.done("set", NAME, "client_id=2-b.apps.googleusercontent.com", f"scope={ADWORDS} email")
    assert google.document(NAME)["client_id"] == "2-b.apps.googleusercontent.com"
    result = google.run("set", NAME, "provider=goggle")
    assert (result.exit_code, "Do you mean google?" in result.stderr) == (2, True)
    assert google.document(NAME)["provider"] == "google"
    assert "must be a GUID" in google.run("set", NAME, "provider=microsoft-entra", "client_id=app").stderr


def test_a_note_may_be_set_whatever_the_provider_is(desk: Desk) -> None:
    put(desk, "nobody")
    desk.done("set", NAME, "note=kept")
    assert desk.document(NAME)["note"] == "kept"


def test_another_provider_means_another_sign_in(google: Desk) -> None:
    said = google.run("set", NAME, "provider=xero", "scope=offline_access accounting.reports.read").stderr
    assert "only at the provider that issued it" in said.replace("\n", " ")


def test_a_client_secret_is_checked_by_the_rules_of_the_provider(google: Desk) -> None:
    guid = "00001111-aaaa-2222-bbbb-3333cccc4444"
    google.monkeypatch.setattr(ClientSecretRotation, "check", lambda self, name: f"checked {name}")
    google.done("rotate-client-secret", NAME, "--stdin", stdin=guid)
    assert google.document(NAME)["client_secret"] == guid


BROKEN = "\n".join(
    [
        'title = "Acme"',
        *[""] * 3,
        "[authorization]",
        'authorization_endpoint = "https://id.acme.example/authorize"',
        'source = ["DOCS"]',
        "",
        "[token]",
        'token_endpoint = "id.acme.example"',
        'source = ["DOCS"]',
        "[sources.DOCS]",
        'url = "https://docs.acme.example"',
        "looked_at = 2026-11-29",
    ]
)
"""An entry whose tenth line is wrong."""
