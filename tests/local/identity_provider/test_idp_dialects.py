"""The dialects of the catalogue: what a wrong client is told. tests/conformance has what the right one gets."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import requests

from local.identity_provider.catalogue import at_this_machine, served
from tests.local.identity_provider.client_app import (
    CALLBACK,
    SECRET,
    TIMEOUT_SECONDS,
    VERIFIER,
    ClientApp,
    answered,
)
from token_refresher.providers.catalogue.builtin import builtin_names, builtin_text
from token_refresher.providers.catalogue.reader import read_entry

ORIGIN = "http://localhost:8081"


def at(app: ClientApp, provider: str) -> ClientApp:
    return app.register(provider=provider)


def authorize(app: ClientApp, provider: str, **changes: str | None) -> dict[str, str]:
    query = app.authorize_query(scope="read", **changes)
    url = f"{app.url}/{provider}/authorize"
    return answered(requests.get(url, params=query, allow_redirects=False, timeout=TIMEOUT_SECONDS))


def redeem(app: ClientApp, provider: str, form: dict[str, str], **options: Any) -> requests.Response:
    sent = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **form}
    return requests.post(f"{app.url}/{provider}/token", data=sent, timeout=TIMEOUT_SECONDS, **options)


def in_form(app: ClientApp) -> dict[str, str]:
    return {"client_id": app.client_id, "client_secret": SECRET}


@pytest.mark.parametrize("name", ["nobody", "microsoft-advertising", "microsoft-entra"])
@pytest.mark.parametrize("page", ["authorize", "token", "access-check"])
def test_only_entries_that_are_not_microsofts_have_addresses_of_their_own(idp: str, name: str, page: str) -> None:
    assert requests.get(f"{idp}/{name}/{page}", timeout=TIMEOUT_SECONDS).status_code == 404
    assert name not in served()


def test_an_unknown_provider_is_bad_input(app: ClientApp) -> None:
    body = {"redirect_uris": [CALLBACK], "provider": "nobody"}
    answer = requests.put(app.control_url, json=body, timeout=TIMEOUT_SECONDS)
    assert (answer.status_code, answer.json()["field"]) == (400, "provider")


def test_an_app_of_another_provider_is_unknown_at_microsoft(app: ClientApp) -> None:
    at(app, "xero")
    assert app.authorize().status_code == 400
    assert app.refresh("local-rt-any").json()["error_codes"] == [700016]


def test_the_secret_counts_only_where_the_provider_wants_it(app: ClientApp) -> None:
    """LinkedIn takes it in the form, Xero with HTTP Basic."""
    for provider, right in (("linkedin", True), ("xero", False)):
        at(app, provider)
        challenge = {} if provider == "xero" else {"code_challenge": None, "code_challenge_method": None}
        form = {"code": authorize(app, provider, **challenge)["code"]}
        form |= {"code_verifier": VERIFIER} if provider == "xero" else {}
        basic = {"auth": (app.client_id, SECRET)}
        assert redeem(app, provider, {**form, **in_form(app)}).ok is right
        assert redeem(app, provider, form, **basic).ok is not right


def test_linkedin_refuses_a_code_verifier_as_a_wrong_client(app: ClientApp) -> None:
    at(app, "linkedin")
    form = {"code": authorize(app, "linkedin")["code"], **in_form(app)}
    refused = redeem(app, "linkedin", {**form, "code_verifier": VERIFIER})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert redeem(app, "linkedin", form).ok


def test_an_assertion_is_refused_if_the_app_has_no_certificate(app: ClientApp) -> None:
    at(app, "oauth2")
    form = {"code": authorize(app, "oauth2")["code"], "client_id": app.client_id, "client_assertion": "a.b.c"}
    assert redeem(app, "oauth2", form).json()["error"] == "invalid_client"


@pytest.mark.parametrize(("provider", "scope"), [("zoho", "one two"), ("xero", "one  two"), ("pinterest", "one,")])
def test_another_separator_is_an_unknown_scope(app: ClientApp, provider: str, scope: str) -> None:
    at(app, provider)
    query = app.authorize_query(scope=scope)
    answer = requests.get(
        f"{app.url}/{provider}/authorize", params=query, allow_redirects=False, timeout=TIMEOUT_SECONDS
    )
    assert answered(answer)["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("provider", "status", "error"),
    [
        ("zoho", 200, {"error": "invalid_code"}),
        ("atlassian", 403, {"error": "invalid_grant"}),
        ("hubspot", 400, {"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN"}),
        ("snapchat", 400, {"error": "invalid_grant"}),
        ("google", 400, {"error": "invalid_grant"}),
    ],
)
def test_a_refused_refresh_token_has_the_providers_own_shape(
    app: ClientApp, provider: str, status: int, error: dict[str, str]
) -> None:
    at(app, provider)
    form = {"grant_type": "refresh_token", "refresh_token": "local-rt-unknown", **in_form(app)}
    answer = redeem(app, provider, form)
    assert answer.status_code == status
    assert error.items() <= answer.json().items()


@pytest.mark.parametrize(("provider", "error"), [("pinterest", {"code": 283}), ("reddit-ads", {"error": 400})])
def test_codes_may_be_numbers(app: ClientApp, provider: str, error: dict[str, int]) -> None:
    at(app, provider)
    form = {"grant_type": "refresh_token", "refresh_token": "local-rt-unknown"}
    answer = redeem(app, provider, form, auth=(app.client_id, SECRET))
    assert answer.status_code == 400
    assert error.items() <= answer.json().items()


@pytest.mark.parametrize("name", [name for name in builtin_names() if name != "oauth2"])
def test_an_entry_at_this_machine_differs_in_its_addresses_alone(name: str) -> None:
    text = at_this_machine(name, f"{ORIGIN}/")
    ours, theirs = tomllib.loads(text), tomllib.loads(builtin_text(name))
    entry = read_entry(f"local-{name}", text, name)
    assert entry.authority == ORIGIN
    for table, key in (
        ("authorization", "authorization_endpoint"),
        ("token", "token_endpoint"),
        ("access_check", "url"),
    ):
        if table in theirs:
            assert ours[table].pop(key).startswith(ORIGIN)
            theirs[table].pop(key)
    assert ours == theirs
