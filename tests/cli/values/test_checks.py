"""The checks of the values that an operator gives."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.providers.catalogue.builtin import builtin
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.values import checks

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GUID = "00001111-aaaa-2222-bbbb-3333cccc4444"


def _part(document: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


SIGNED_TOKEN = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part({'aud': 'planted'})}.planted-signature"
CODE = f"M.C519_BAY.2.U.{GUID}"


def _expires(text: str) -> str:
    return checks.client_secret_expires_at(text, NOW)


def _scope(text: str) -> str:
    return checks.scope(text, builtin("microsoft-advertising"))


CHECKS: dict[str, Callable[[str], str]] = {
    "client id": checks.client_id,
    "client secret": checks.client_secret,
    "developer token": checks.developer_token,
    "account id": checks.account_id,
    "customer id": checks.customer_id,
    "tenant": checks.tenant,
    "scope": _scope,
    "refresh token": checks.refresh_token,
    "end of the client secret": _expires,
}


@pytest.mark.parametrize(
    ("check", "text", "value"),
    [
        pytest.param(checks.client_id, f" {GUID.upper()}\n", GUID, id="a client id loses what was copied around it"),
        pytest.param(checks.client_secret, " Ab8~Q.planted_-\n", "Ab8~Q.planted_-", id="a client secret, too"),
        pytest.param(checks.developer_token, "PLANTED12345", "PLANTED12345", id="a developer token"),
        pytest.param(checks.account_id, "123456789", "123456789", id="an account id"),
        pytest.param(checks.customer_id, " 987654321", "987654321", id="a customer id"),
        pytest.param(checks.tenant, "Common", "common", id="everybody"),
        pytest.param(checks.tenant, GUID, GUID, id="a tenant by its id"),
        pytest.param(checks.tenant, "contoso.onmicrosoft.com", "contoso.onmicrosoft.com", id="a tenant by its domain"),
        pytest.param(
            _scope,
            "https://ads.microsoft.com/msads.manage  offline_access",
            "https://ads.microsoft.com/msads.manage offline_access",
            id="a scope",
        ),
        pytest.param(
            checks.refresh_token, "M.C519_BAY.0.U.-planted*!$", "M.C519_BAY.0.U.-planted*!$", id="of a person"
        ),
        pytest.param(checks.refresh_token, "0.AXoAplanted.AgABAwEA", "0.AXoAplanted.AgABAwEA", id="of a work account"),
        pytest.param(_expires, "2027-01-31", "2027-01-31T00:00:00Z", id="a date is its beginning in UTC"),
        pytest.param(_expires, "2027-01-31T09:00:00+01:00", "2027-01-31T08:00:00Z", id="a time is kept in UTC"),
        pytest.param(_expires, "2026-11-22", "2026-11-22T00:00:00Z", id="it may end today"),
    ],
)
def test_a_value_of_the_right_shape_is_taken(check: Callable[[str], str], text: str, value: str) -> None:
    assert check(text) == value


@pytest.mark.parametrize(
    ("check", "text", "says"),
    [
        pytest.param(
            checks.client_id, "planted-app", "a text of 11 characters, and must be a GUID", id="an app's name"
        ),
        pytest.param(checks.client_id, "0000000012345A67", "before Microsoft Entra", id="a client id of old"),
        pytest.param(checks.client_id, "", "is empty, and must be a GUID", id="no client id"),
        pytest.param(checks.client_secret, GUID, "that is its id, and its value is needed", id="its id"),
        pytest.param(checks.client_secret, "*" * 10, "is masked", id="a masked client secret"),
        pytest.param(checks.client_secret, "two words", "with spaces, and must be one word", id="a name"),
        pytest.param(checks.client_secret, "", "is empty, and must be one word", id="no client secret"),
        pytest.param(checks.developer_token, SIGNED_TOKEN, "a JSON Web Token", id="an access token for a developer's"),
        pytest.param(checks.developer_token, "BBD37VB98", "the one of the sandbox", id="the sandbox's token"),
        pytest.param(checks.account_id, "F118XXXX", "as the account number is", id="an account number"),
        pytest.param(checks.account_id, "A00000A0AA", "as the account number is", id="a longer account number"),
        pytest.param(checks.customer_id, "C00000C0CC", "as the customer number is", id="a customer number"),
        pytest.param(checks.account_id, "0", "a number of 1 digits, and must be a number", id="no account at all"),
        pytest.param(checks.account_id, "acme", "must be a number", id="the name of an account"),
        pytest.param(checks.tenant, "Contoso", "a tenant id (a GUID) or a domain", id="the name of a company"),
        pytest.param(checks.tenant, "https://login.microsoftonline.com/common", "a web address", id="a URL"),
        pytest.param(_scope, "https://ads.microsoft.com/msads.manage", "lacks offline_access", id="no refresh"),
        pytest.param(
            _scope, "https://ads.microsoft.com/ads.manage offline_access", "requires msads.manage", id="legacy"
        ),
        pytest.param(_scope, "bingads.manage offline_access", "requires msads.manage", id="older than legacy"),
        pytest.param(_scope, "offline_access", "must be scopes separated by spaces", id="nothing but to stay"),
        pytest.param(checks.refresh_token, SIGNED_TOKEN, "as access tokens and ID tokens", id="an access token"),
        pytest.param(checks.refresh_token, CODE, "an authorization code", id="a code"),
        pytest.param(checks.refresh_token, f"http://localhost/?code={CODE}", "an authorization code", id="its address"),
        pytest.param(checks.refresh_token, "refresh.txt", "the name of a text file", id="a file"),
        pytest.param(_expires, "31.01.2027", "must be a date such as 2027-01-31", id="a date as people write it"),
        pytest.param(_expires, "2027-02-31", "must be a date such as 2027-01-31", id="a day that there is not"),
        pytest.param(_expires, "2027-01-31T09:00:00", "must be a date", id="a time without its offset"),
        pytest.param(_expires, "2026-11-20", "expired on 2026-11-20", id="an end that is over"),
    ],
)
def test_another_value_is_refused_with_the_reason_and_the_place_to_look(
    check: Callable[[str], str], text: str, says: str
) -> None:
    with pytest.raises(CommandError) as caught:
        check(text)
    assert says in caught.value.message
    assert caught.value.next_step
    assert caught.value.exit_code is ExitCode.BAD_INPUT


def test_the_sandboxs_developer_token_is_taken_for_the_sandbox() -> None:
    assert checks.developer_token("BBD37VB98", sandbox=True) == "BBD37VB98"


@pytest.mark.parametrize("what", CHECKS)
@given(st.text(min_size=4, max_size=60))
def test_no_complaint_quotes_what_was_given(what: str, text: str) -> None:
    planted = f"§{text}§"
    with pytest.raises(CommandError) as caught:
        CHECKS[what](planted)
    assert planted.strip() not in str(caught.value)
    assert "§" not in str(caught.value)
