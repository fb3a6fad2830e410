"""Airbyte's source for Microsoft Advertising."""

import json
from typing import Any

import pytest

from tests.local.identity_provider.client_app import ClientApp
from tests.recipes.microsoft import Microsoft
from tests.recipes.page import code
from tests.recipes.pipeline import Pipeline
from tests.recipes.publisher import Publisher

SECTION = "Airbyte: source-bing-ads"
RECIPE = code(SECTION)
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


def test_the_check_uses_the_token_by_soap(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    printed = pipeline.run("airbyte", RECIPE, "check", *_configuration(pipeline))
    assert _messages(printed, "CONNECTION_STATUS")[0]["connectionStatus"]["status"] == "SUCCEEDED"
    assert [call.operation for call in microsoft.calls] == ["GetUser", "SearchAccounts"]
    assert {call.access_token for call in microsoft.calls} == {publisher.published[-1]}
    assert microsoft.token_requests == []


def test_a_read_uses_the_token_by_rest_and_survives_its_end(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    publisher.replace_what_lasts_for_four_minutes(microsoft)
    printed = pipeline.run("airbyte", RECIPE, "read", *_configuration(pipeline), *_catalog(pipeline))
    assert [one["record"]["data"]["Id"] for one in _messages(printed, "RECORD")] == [1234567]
    assert [call.access_token for call in microsoft.calls] == publisher.published[1:]
    assert [call.code for call in microsoft.calls] == [0, 0]
    assert microsoft.token_requests == []


def test_with_the_refresh_token_the_source_ends_the_grant(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, app: ClientApp
) -> None:
    publisher.be_strict()
    given = {
        "client_id": app.client_id,
        "client_secret": str(app.secret),
        "refresh_token": publisher.refresh_token,
    }
    pipeline.call("airbyte", "source-bing-ads", "check", *_configuration(pipeline, **given))
    assert len(microsoft.token_requests) == 1
    with pytest.raises(AssertionError, match="invalid_grant"):
        publisher.publish()
