"""What the configurations of other tools say of a credential."""

import json
from typing import Any

import pytest

from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.values.foreign_configuration import Configuration
from token_refresher_cli.values.foreign_kinds import KindName

CLIENT_ID = "0f6c1f1e-5a2b-4a51-9c4e-2d1b7f1c9a10"
OURS = {
    "client_id": CLIENT_ID,
    "client_secret": "planted-client-secret",
    "developer_token": "planted-developer-token",
    "refresh_token": "planted-refresh-token",
}
AIRBYTE = {"auth_method": "oauth2.0", "tenant_id": "common", **OURS, "reports_start_date": "2026-01-01"}
SINGER = {
    "start_date": "2026-01-01T00:00:00Z",
    "customer_id": "34",
    "account_ids": "12",
    "oauth_client_id": CLIENT_ID,
    "oauth_client_secret": "planted-client-secret",
    "refresh_token": "planted-refresh-token",
    "developer_token": "planted-developer-token",
}
THEIRS = {
    "ClientId": CLIENT_ID,
    "ClientSecret": "planted-client-secret",
    "DeveloperToken": "planted-developer-token",
    "RefreshToken": "planted-refresh-token",
}


def _wrapped(values: dict[str, str]) -> dict[str, dict[str, str]]:
    return {key: {"value": value} for key, value in values.items()}


OWOX = {
    "AuthType": {"value": "oauth2", "items": _wrapped(THEIRS)},
    "ClientID": {"value": "an older one"},
    **_wrapped(
        {"AccountIDs": "12", "CustomerID": "34", "ReportTimezone": "GreenwichMeanTimeDublinEdinburghLisbonLondon"}
    ),
}
MODULE = f"""
from bingads.authorization import *

# Required
DEVELOPER_TOKEN = 'planted-developer-token'  # Universal token for sandbox
ENVIRONMENT = 'production'
CLIENT_ID = '{CLIENT_ID}'
CLIENT_STATE = 'ClientStateGoesHere'
REFRESH_TOKEN = "planted-refresh-token"

def authenticate(authorization_data):
    refresh_token = get_refresh_token()
    authentication = OAuthWebAuthCodeGrant(
        client_id=CLIENT_ID,
        env=ENVIRONMENT)
"""
LINES = f"""
export CLIENT_ID={CLIENT_ID}
CLIENT_SECRET="planted-client-secret"
developer_token: planted-developer-token
RefreshToken = planted-refresh-token
AccountId=12
CustomerId=34
"""


@pytest.mark.parametrize(
    ("text", "kind", "more"),
    [
        pytest.param(json.dumps(AIRBYTE), "airbyte", {"tenant": "common"}, id="Airbyte"),
        pytest.param(
            json.dumps({"name": "x", "connectionConfiguration": AIRBYTE}), "airbyte", {"tenant": "common"}, id="its API"
        ),
        pytest.param(
            json.dumps({"credentials": {"auth_method": "oauth2.0", **OURS}, "tenant_id": "common"}),
            "airbyte",
            {"tenant": "common"},
            id="an older Airbyte",
        ),
        pytest.param(
            json.dumps({**OURS, "customer_id": "34", "accounts": {"selection_strategy": "subset", "ids": ["12"]}}),
            "airbyte",
            {"customer_id": "34", "account_id": "12"},
            id="the first Airbyte",
        ),
        pytest.param(json.dumps(SINGER), "singer", {"customer_id": "34", "account_id": "12"}, id="Singer"),
        pytest.param(
            json.dumps({**SINGER, **OURS, "customer_id": 34, "scope": "https://ads.microsoft.com/ads.manage"}),
            "singer",
            {"customer_id": "34", "account_id": "12"},
            id="Singer with numbers, and a scope of long ago that is not taken",
        ),
        pytest.param(json.dumps(OWOX), "owox", {"customer_id": "34", "account_id": "12"}, id="OWOX"),
        pytest.param(
            json.dumps({**THEIRS, "ClientID": CLIENT_ID, "AccountID": 12, "CustomerID": 34}),
            "owox",
            {"customer_id": "34", "account_id": "12"},
            id="OWOX without wraps",
        ),
        pytest.param(json.dumps(THEIRS), "bingads-sdk", {}, id="the SDK's names as JSON"),
        pytest.param(LINES, "bingads-sdk", {"customer_id": "34", "account_id": "12"}, id="lines of all kinds"),
        pytest.param(
            json.dumps({**OURS, "scope": "https://a offline_access", "account_id": "12", "access_token": "planted"}),
            "credential",
            {"scope": "https://a offline_access", "account_id": "12"},
            id="another installation",
        ),
        pytest.param(json.dumps(OURS), "credential", {}, id="nothing but what all say alike"),
    ],
)
def test_a_configuration_is_recognised_by_its_keys_and_read(text: str, kind: str, more: dict[str, str]) -> None:
    configuration = Configuration.parse(text)
    assert configuration.kind.name == kind
    assert configuration.for_account(None, "add") == {**OURS, **more}


def test_the_samples_of_the_sdk_are_read_by_their_constants_alone() -> None:
    configuration = Configuration.parse(MODULE)
    secret = {"client_secret"}
    assert configuration.for_account(None, "add") == {key: OURS[key] for key in OURS.keys() - secret}
    assert configuration.ignored == ("CLIENT_STATE",)
    assert "client_secret" in configuration.missing


def test_a_sample_for_the_sandbox_has_the_scope_of_the_sandbox() -> None:
    configuration = Configuration.parse(MODULE.replace("'production'", "'sandbox'"))
    assert configuration.values["scope"] == "https://si.ads.microsoft.com/msads.manage offline_access"


@pytest.mark.parametrize(
    "token", ["planted-refresh-token", "EwBplanted==", "M.C519_BAY.0.U.-planted*a=b!c:d", "Ew:planted", "Ew=planted"]
)
def test_a_token_alone_is_what_the_sdk_keeps_in_a_file(token: str) -> None:
    configuration = Configuration.parse(f"{token}\n")
    assert configuration.kind.name is KindName.BINGADS_SDK
    assert configuration.values == {"refresh_token": token}


def test_what_is_taken_ignored_and_missing_is_told_by_names() -> None:
    configuration = Configuration.parse(json.dumps({**AIRBYTE, "client_secret": ""}))
    assert set(configuration.taken) == {"client_id", "developer_token", "refresh_token", "tenant_id"}
    assert set(configuration.ignored) == {"auth_method", "client_secret", "reports_start_date"}
    assert configuration.missing == ("client_secret", "customer_id", "account_id")


def test_no_configuration_shows_a_secret_of_its_own() -> None:
    assert "planted" not in repr(Configuration.parse(json.dumps(AIRBYTE)))


def _refused(text: str, kind: KindName | None = None) -> str:
    with pytest.raises(CommandError) as caught:
        Configuration.parse(text, kind).for_account(None, "add")
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert "planted" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "no key of a known tool", id="nothing"),
        pytest.param('{"planted": 1}', "no key of a known tool", id="another tool"),
        pytest.param("planted words\nplanted words", "no key of a known tool", id="a letter"),
        pytest.param('{"client_id": planted}', "not valid JSON", id="broken JSON"),
        pytest.param("[" * 100_000, "not valid JSON", id="JSON without an end"),
        pytest.param(json.dumps([AIRBYTE]), "is a list", id="a list of them"),
        pytest.param(
            json.dumps({**OURS, "tenant_id": "common", "start_date": "2026-01-01"}), "Give its --format", id="two tools"
        ),
        pytest.param(
            json.dumps({**AIRBYTE, "refresh_token": {"_secret": "planted"}}), "refresh_token", id="kept elsewhere"
        ),
        pytest.param(json.dumps({**AIRBYTE, "client_id": True}), "client_id", id="true or false"),
        pytest.param(
            json.dumps({**OWOX, "GeneratedRefreshToken": {"value": "planted-another"}}), "two refresh tokens", id="two"
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: str, says: str) -> None:
    assert says in _refused(text)


def test_a_doubt_ends_with_the_format() -> None:
    text = json.dumps({**OURS, "tenant_id": "common", "start_date": "2026-01-01"})
    assert Configuration.parse(text, KindName.SINGER).kind.name is KindName.SINGER


@pytest.mark.parametrize(
    "several",
    [
        pytest.param({**SINGER, "account_ids": "12, 56"}, id="Singer"),
        pytest.param({**OWOX, "AccountIDs": {"value": "12;56"}}, id="OWOX"),
        pytest.param({**AIRBYTE, "accounts": {"ids": ["12", "56"]}}, id="Airbyte"),
    ],
)
def test_one_of_several_accounts_is_to_be_chosen(several: dict[str, Any]) -> None:
    complaint = _refused(json.dumps(several))
    assert "has 2 accounts" in complaint
    assert "add --account-id 12\n  add --account-id 56" in complaint
    configuration = Configuration.parse(json.dumps(several))
    assert configuration.for_account("56", "add")["account_id"] == "56"
    with pytest.raises(CommandError, match="It has: 12, 56"):
        configuration.for_account("78", "add")
