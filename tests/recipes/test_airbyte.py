"""Airbyte's source for Microsoft Advertising."""

import json
from typing import Any

import pytest

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline
from tests.local.identity_provider.client_app import ClientApp
from tests.recipes.publisher import Publisher

SECTION = "Airbyte: source-bing-ads"
USERS, ACCOUNTS = "/CustomerManagement/v13/User/Query", "/CustomerManagement/v13/Accounts/Search"
ON_A_CLOCK = """
import os
from datetime import UTC, datetime, timedelta
from token_refresher_client import TokenReader
from token_refresher_client.airbyte import install, run

def clock():
    return datetime.now(UTC) + timedelta(hours=2 if os.path.exists(os.environ["LATER"]) else 0)

install(TokenReader("acme-ads", clock=clock))
run.run()
"""
"""The command of the page, with a clock on which two hours pass once a file is there."""
CONFIGURATION = json.loads(code(SECTION, "json"))
CATALOG = {
    "streams": [
        {
            "stream": {"name": "accounts", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "overwrite",
        }
    ]
}


def _configuration(pipeline: Pipeline, **given: str) -> list[str]:
    return ["--config", str(pipeline.write("config.json", json.dumps(CONFIGURATION | given)))]


def _catalog(pipeline: Pipeline) -> list[str]:
    return ["--catalog", str(pipeline.write("catalog.json", json.dumps(CATALOG)))]


def _messages(printed: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in map(json.loads, printed.splitlines()) if one["type"] == kind]


def test_the_source_uses_the_token_by_soap_and_by_rest(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    _configuration(pipeline)
    _catalog(pipeline)
    printed = pipeline.shell("airbyte", code(SECTION, "sh"))
    assert _messages(printed, "CONNECTION_STATUS")[0]["connectionStatus"]["status"] == "SUCCEEDED"
    assert [one["record"]["data"]["Id"] for one in _messages(printed, "RECORD")] == [1234567]
    assert [call.operation for call in microsoft.calls] == ["GetUser", "SearchAccounts", USERS, ACCOUNTS]
    assert {call.access_token for call in microsoft.calls} == {publisher.published[-1]}
    assert microsoft.token_requests == []
    assert publisher.published[-1] not in printed


def test_a_read_survives_the_end_of_a_token(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    later = pipeline.folder / "later"

    def replace() -> None:
        publisher.replace()
        later.touch()

    microsoft.after(1, replace)
    pipeline.run("airbyte", ON_A_CLOCK, "read", *_configuration(pipeline), *_catalog(pipeline), LATER=str(later))
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(token, 0) for token in publisher.published]
    assert microsoft.token_requests == []


def test_with_the_refresh_token_the_source_ends_the_grant(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, app: ClientApp
) -> None:
    publisher.be_strict()
    given = {
        "tenant_id": "common",
        "developer_token": "planted-developer-token",
        "client_id": app.client_id,
        "client_secret": str(app.secret),
        "refresh_token": publisher.refresh_token,
    }
    pipeline.call("airbyte", "source-bing-ads", "check", *_configuration(pipeline, **given))
    assert len(microsoft.token_requests) == 1
    with pytest.raises(AssertionError, match="invalid_grant"):
        publisher.publish()
