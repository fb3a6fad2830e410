"""The adapters: whatever the package, the token comes from the reader, and nobody asks Microsoft for one."""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests

from tests.client import packages
from tests.client.aws import CONSUMER, FakeSecrets, ManualClock, consumer
from tests.client.http_server import Api
from token_refresher_client import TokenNotFreshError, TokenReader

Adapter = Callable[[str, Mapping[str, ModuleType]], Any]
CANARY = "refresh-token-of-the-operator"


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Adapter:
    """Return what imports an adapter beside stand-ins for its packages."""

    def imported(name: str, modules: Mapping[str, ModuleType]) -> Any:
        for module_name, module in {**packages.bingads(), **modules}.items():
            monkeypatch.setitem(sys.modules, module_name, module)
        for other in ("bingads", "dlt", "singer", "airbyte"):
            monkeypatch.delitem(sys.modules, f"token_refresher_client.{other}", raising=False)
        made = import_module(f"token_refresher_client.{name}")
        # It knows the stand-ins, so the next test must not get it.
        monkeypatch.setitem(sys.modules, made.__name__, made)
        return made

    return imported


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, reader: TokenReader) -> list[str]:
    """Make the command lines use the reader of the test, and return the names that they asked for."""
    names: list[str] = []

    def named(name: str) -> TokenReader:
        names.append(name)
        return reader

    monkeypatch.setattr("token_refresher_client.reader.TokenReader", named)
    monkeypatch.setattr(sys, "argv", ["pytest"])
    return names


def configuration(folder: Path, **values: str) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps(values))
    return str(path)


class TestBingads:
    @pytest.fixture
    def sdk(self, adapter: Adapter) -> Any:
        return adapter("bingads", {})

    def test_each_call_has_the_newest_token_and_the_account(
        self, sdk: Any, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        data = sdk.authorization_data(reader)
        sent: list[dict[str, Any]] = []

        def record(headers: dict[str, Any]) -> str:
            sent.append(headers)
            return "done"

        for generation in (2, 3):
            packages.call_service(data, record)
            clock.advance(minutes=58)
            secrets.put(
                CONSUMER, consumer(f"token-{generation}", ends=clock.now.replace(hour=23), generation=generation)
            )
        assert [headers["AuthenticationToken"] for headers in sent] == ["token-1", "token-2"]
        assert (sent[0]["DeveloperToken"], sent[0]["CustomerId"]) == ("developer-token-1", "987654321")
        assert (data.account_id, data.customer_id) == ("123456789", "987654321")

    def test_after_code_109_the_call_is_made_once_more_with_a_newer_token(
        self, sdk: Any, reader: TokenReader, secrets: FakeSecrets
    ) -> None:
        data = sdk.authorization_data(reader)
        secrets.put(CONSUMER, consumer("token-2", generation=2))

        def send(headers: dict[str, Any]) -> str:
            if headers["AuthenticationToken"] == "token-1":
                raise packages.TokenExpiredError
            return str(headers["AuthenticationToken"])

        assert packages.call_service(data, send) == "token-2"
        assert secrets.reads == 2

    def test_a_second_code_109_is_the_answer(self, sdk: Any, reader: TokenReader, secrets: FakeSecrets) -> None:
        tries: list[str] = []

        def refuse(headers: dict[str, Any]) -> str:
            tries.append(headers["AuthenticationToken"])
            raise packages.TokenExpiredError

        with pytest.raises(packages.TokenExpiredError):
            packages.call_service(sdk.authorization_data(reader), refuse)
        assert tries == ["token-1", "token-1"]
        assert secrets.reads == 2

    def test_the_sdk_gets_no_refresh_token(self, sdk: Any, reader: TokenReader) -> None:
        assert sdk.TokenReaderAuthentication(reader).oauth_tokens.refresh_token is None

    def test_an_id_that_is_nowhere_is_refused_and_not_sent_as_the_text_none(
        self, sdk: Any, reader: TokenReader, secrets: FakeSecrets
    ) -> None:
        secrets.put(CONSUMER, consumer(customer_id=None, developer_token=None))
        with pytest.raises(ValueError, match=f"{CONSUMER} has no customer_id, developer_token"):
            sdk.authorization_data(reader)
        data = sdk.authorization_data(reader, customer_id="1", developer_token="mine")
        assert (data.customer_id, data.developer_token, data.account_id) == ("1", "mine", "123456789")

    def test_without_a_fresh_token_nothing_is_sent(self, sdk: Any, reader: TokenReader, clock: ManualClock) -> None:
        data = sdk.authorization_data(reader)
        clock.advance(hours=2)
        with pytest.raises(TokenNotFreshError):
            packages.call_service(data, lambda _: pytest.fail("a call was sent"))


class TestDlt:
    @pytest.fixture
    def dlt(self, adapter: Adapter) -> Any:
        return adapter("dlt", packages.dlt())

    def test_each_request_has_the_token_and_is_sent_once_more_after_a_401(
        self, dlt: Any, reader: TokenReader, secrets: FakeSecrets, api: Api
    ) -> None:
        reader.token()
        secrets.put(CONSUMER, consumer("token-2", generation=2))
        api.accepts = {"token-2"}
        assert requests.get(api.url, auth=dlt.TokenReaderAuth(reader=reader), timeout=30).ok
        assert api.tokens == ["token-1", "token-2"]

    def test_the_name_of_the_credential_is_enough(
        self, dlt: Any, reader: TokenReader, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[tuple[str, str | None]] = []

        def named(name: str, prefix: str | None) -> TokenReader:
            asked.append((name, prefix))
            return reader

        monkeypatch.setattr(dlt, "TokenReader", named)
        api.accepts = {"token-1"}
        auth = dlt.TokenReaderAuth("acme-ads", "mine")
        for _ in range(2):
            assert requests.get(api.url, auth=auth, timeout=30).ok
        assert asked == [("acme-ads", "mine")]


class TestSinger:
    def test_the_tap_runs_on_the_token_alone(self, adapter: Adapter, reads: list[str], tmp_path: Path) -> None:
        clients: list[str] = []
        modules = packages.tap_bing_ads(lambda authentication: clients.append(authentication.oauth_tokens.access_token))
        tap: Any = modules["tap_bing_ads"]
        adapter("singer", modules).main(
            ["acme-ads", "--config", configuration(tmp_path, start_date="2026-01-01", account_ids="1,2"), "--discover"]
        )
        assert (reads, clients) == (["acme-ads"], ["token-1"])
        assert tap.CONFIG == {
            "start_date": "2026-01-01",
            "account_ids": "1,2",
            "customer_id": "987654321",
            "developer_token": "developer-token-1",
        }

    def test_what_neither_the_secret_nor_the_configuration_has_is_still_required(
        self, adapter: Adapter, reads: list[str], secrets: FakeSecrets, tmp_path: Path
    ) -> None:
        secrets.put(CONSUMER, consumer(developer_token=None))
        singer = adapter("singer", packages.tap_bing_ads(lambda _: None))
        with pytest.raises(ValueError, match=r"missing required keys: \['start_date', 'developer_token'\]"):
            singer.main(["acme-ads", "--config", configuration(tmp_path)])

    def test_a_refresh_token_in_the_configuration_is_not_used(
        self, adapter: Adapter, reads: list[str], tmp_path: Path
    ) -> None:
        config = configuration(tmp_path, start_date="2026-01-01", refresh_token=CANARY)
        tokens: list[Any] = []
        modules = packages.tap_bing_ads(lambda authentication: tokens.append(authentication.oauth_tokens))
        adapter("singer", modules).main(["acme-ads", "--config", config])
        assert [token.refresh_token for token in tokens] == [None]


class TestAirbyte:
    def test_the_source_runs_on_the_token_alone(self, adapter: Adapter, reads: list[str], tmp_path: Path) -> None:
        seen: list[tuple[str, dict[str, Any], str]] = []

        def client(sdk: Any, config: dict[str, Any], token: str) -> None:
            seen.append((sdk.oauth_tokens.access_token, config, token))

        config = configuration(tmp_path, refresh_token=CANARY, reports_start_date="2026-01-01")
        adapter("airbyte", packages.source_bing_ads(client)).main(["acme-ads", "check", "--config", config])
        [(of_the_sdk, given, of_the_cdk)] = seen
        assert (reads, of_the_sdk, of_the_cdk) == (["acme-ads"], "token-1", "token-1")
        assert given["developer_token"] == "developer-token-1"
        assert given["reports_start_date"] == "2026-01-01"
        assert given["refresh_token"] == given["client_secret"] == given["client_id"] == "kept-by-token-refresher"
