"""The Singer tap for Microsoft Advertising."""

import json
from typing import Any

import pytest

from local.recipes.microsoft import LIVE, TOKEN_ENDPOINT, Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline, RecipeFailedError
from tests.local.identity_provider.client_app import ClientApp
from tests.recipes.publisher import ACCOUNT_ID, CUSTOMER_ID, Publisher

SECTION = "Singer: tap-bing-ads"
CONFIGURATION = json.loads(code(SECTION, "json"))


def _stream(name: str) -> dict[str, Any]:
    selected = [{"breadcrumb": [], "metadata": {"selected": True}}]
    return {"tap_stream_id": name, "stream": name, "schema": {"properties": {"Id": {}}}, "metadata": selected}


CATALOG = {"streams": [_stream("accounts"), _stream("campaigns")]}


def _files(pipeline: Pipeline, **given: str) -> list[str]:
    configuration = pipeline.write("config.json", json.dumps(CONFIGURATION | given))
    return ["--config", str(configuration), "--catalog", str(pipeline.write("catalog.json", json.dumps(CATALOG)))]


def _tap(pipeline: Pipeline) -> list[dict[str, Any]]:
    _files(pipeline)
    return [json.loads(line) for line in pipeline.shell("singer", code(SECTION, "sh")).splitlines()]


def test_the_tap_writes_the_records_of_two_streams(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    records = [(one["stream"], one["record"]["Id"]) for one in _tap(pipeline) if one["type"] == "RECORD"]
    assert records == [("accounts", 1234567), ("campaigns", 77)]
    assert {call.access_token for call in microsoft.calls} == {publisher.published[-1]}
    assert {call.headers["DeveloperToken"] for call in microsoft.calls} == {"planted-developer-token"}
    assert microsoft.token_requests == []


def test_the_tap_survives_the_end_of_a_token(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    microsoft.after(1, publisher.replace)
    _tap(pipeline)
    first, second = publisher.published
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(first, 0), (first, 109), (second, 0)]
    assert microsoft.token_requests == []


def test_with_the_refresh_token_the_tap_ends_the_grant(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, app: ClientApp
) -> None:
    """It presents the refresh token of its configuration a second time, and a strict provider revokes all."""
    publisher.be_strict()
    given = {
        "account_ids": ACCOUNT_ID,
        "customer_id": CUSTOMER_ID,
        "developer_token": "planted-developer-token",
        "oauth_client_id": app.client_id,
        "oauth_client_secret": str(app.secret),
        "refresh_token": publisher.refresh_token,
    }
    with pytest.raises(RecipeFailedError, match="invalid_grant"):
        pipeline.call("singer", "tap-bing-ads", *_files(pipeline, **given))
    assert [request.host for request in microsoft.token_requests] == [TOKEN_ENDPOINT, TOKEN_ENDPOINT, LIVE]
    with pytest.raises(AssertionError, match="invalid_grant"):
        publisher.publish()
