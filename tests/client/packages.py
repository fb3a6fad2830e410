"""Stand-ins for the packages that the adapters are for: as much of them as an adapter uses.

The recipes run the adapters with the packages themselves. These show which part of a package an adapter relies on, and
what it does to it.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import requests.auth


class TokenExpiredError(Exception):
    """The fault of Microsoft Advertising with code 109."""


class OAuthTokens:
    """Of bingads.authorization."""

    def __init__(self, access_token: str, access_token_expires_in_seconds: int, refresh_token: str | None) -> None:
        self.access_token = access_token
        self.access_token_expires_in_seconds = access_token_expires_in_seconds
        self.refresh_token = refresh_token
        self._received = datetime.now(UTC)

    @property
    def access_token_expired(self) -> bool:
        if self.access_token_expires_in_seconds <= 0:
            return False
        return datetime.now(UTC) > self._received + timedelta(seconds=self.access_token_expires_in_seconds)


class OAuthWithAuthorizationCode:
    """Of bingads.authorization: asks Microsoft for tokens."""

    def __init__(self, client_id: str, client_secret: str | None, redirection_uri: str, **_: Any) -> None:
        self.client_id = client_id

    @property
    def oauth_tokens(self) -> Any:
        return None

    def request_oauth_tokens_by_refresh_token(self, refresh_token: str | None) -> OAuthTokens:
        raise AssertionError(f"Microsoft was asked for a token with {refresh_token}")


class AuthorizationData:
    """Of bingads.authorization."""

    def __init__(self, **values: Any) -> None:
        vars(self).update(values)


def call_service(data: Any, send: Callable[[dict[str, Any]], str]) -> str:
    """Do what `ServiceClient` of bingads 13 does for a call (service_client.py, `_ServiceCall.__call__`)."""
    authentication = data.authentication

    def headers() -> dict[str, Any]:
        made = {"DeveloperToken": data.developer_token, "CustomerId": str(data.customer_id)}
        authentication.enrich_headers(made)
        return made

    sent = headers()
    refresh = authentication.oauth_tokens is not None and authentication.oauth_tokens.access_token_expired
    while True:
        if refresh:
            if not isinstance(authentication, OAuthWithAuthorizationCode):
                raise TypeError("cannot refresh token automatically")
            authentication.request_oauth_tokens_by_refresh_token(authentication.oauth_tokens.refresh_token)
            sent = headers()
        try:
            return send(sent)
        except TokenExpiredError:
            if refresh:
                raise
            refresh = True


def bingads() -> dict[str, ModuleType]:
    """Return the modules of the SDK."""
    authorization = _module(
        "bingads.authorization",
        AuthorizationData=AuthorizationData,
        OAuthTokens=OAuthTokens,
        OAuthWithAuthorizationCode=OAuthWithAuthorizationCode,
    )
    return _named(_module("bingads", authorization=authorization), authorization)


def dlt() -> dict[str, ModuleType]:
    """Return the modules of dlt. Its ``configspec`` makes a dataclass whose fields come from its configuration."""
    from dataclasses import dataclass  # noqa: PLC0415 - It is named as in dlt below.

    class AuthConfigBase(requests.auth.AuthBase):
        def __bool__(self) -> bool:
            return True

    names = ["dlt", "dlt.common", "dlt.common.configuration.specs", "dlt.sources", "dlt.sources.helpers"]
    return _named(
        *(_module(name) for name in [*names, "dlt.sources.helpers.rest_client"]),
        _module("dlt.common.configuration", configspec=dataclass),
        _module("dlt.common.configuration.specs.base_configuration", NotResolved=object),
        _module("dlt.sources.helpers.rest_client.auth", AuthConfigBase=AuthConfigBase),
    )


def tap_bing_ads(client: Callable[[Any], None]) -> dict[str, ModuleType]:
    """Return the tap.

    Args:
        client: Takes the authentication of each client that the tap makes.
    """
    tap: Any = _module("tap_bing_ads")
    tap.REQUIRED_CONFIG_KEYS = [
        "start_date",
        "customer_id",
        "account_ids",
        "oauth_client_id",
        "oauth_client_secret",
        "refresh_token",
        "developer_token",
    ]
    tap.CONFIG = {}

    def get_authentication() -> OAuthWithAuthorizationCode:
        raise AssertionError("Microsoft was asked for a token")

    def main() -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("--config", required=True)
        parser.add_argument("--discover", action="store_true")
        with open(parser.parse_args().config, encoding="utf-8") as file:  # noqa: PTH123 - As in singer-python.
            config = json.load(file)
        missing = [key for key in tap.REQUIRED_CONFIG_KEYS if key not in config]
        if missing:
            raise ValueError(f"Config is missing required keys: {missing}")
        tap.CONFIG.update(config)
        client(tap.get_authentication())

    tap.get_authentication, tap.main = get_authentication, main
    return _named(tap)


def source_bing_ads(client: Callable[[Any, dict[str, Any], str], None]) -> dict[str, ModuleType]:
    """Return the source, and what it uses of Airbyte's CDK.

    Args:
        client: Takes the authentication of the SDK, the configuration, and the token of the CDK's HTTP client.
    """

    class DeclarativeOauth2Authenticator:
        def get_access_token(self) -> str:
            raise AssertionError("Microsoft was asked for a token")

    class SourceBingAds:
        @staticmethod
        def read_config(path: str) -> dict[str, Any]:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - As in airbyte-cdk.
                config: dict[str, Any] = json.load(file)
            return config

    hidden: list[str] = []
    own: Any = _module("source_bing_ads.client", OAuthWebAuthCodeGrant=OAuthWithAuthorizationCode)

    def run() -> None:
        config = SourceBingAds.read_config(sys.argv[sys.argv.index("--config") + 1])
        sdk = own.OAuthWebAuthCodeGrant(
            client_id=config["client_id"], client_secret=None, redirection_uri="", tenant=""
        )
        tokens = sdk.request_oauth_tokens_by_refresh_token(config["refresh_token"])
        assert isinstance(tokens.access_token_expires_in_seconds, int)
        token = DeclarativeOauth2Authenticator().get_access_token()
        assert token in hidden
        client(sdk, config, token)

    runner = _module("source_bing_ads.run", run=run)
    cdk = [
        "airbyte_cdk",
        "airbyte_cdk.sources",
        "airbyte_cdk.sources.declarative",
        "airbyte_cdk.sources.declarative.auth",
    ]
    return _named(
        *(_module(name) for name in [*cdk, "airbyte_cdk.utils"]),
        _module(
            "airbyte_cdk.sources.declarative.auth.oauth",
            DeclarativeOauth2Authenticator=DeclarativeOauth2Authenticator,
        ),
        _module("airbyte_cdk.utils.airbyte_secrets_utils", add_to_secrets=hidden.append),
        own,
        runner,
        _module("source_bing_ads", SourceBingAds=SourceBingAds, client=own, run=runner),
    )


def _module(name: str, **values: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(values)
    module.__path__ = []
    return module


def _named(*modules: ModuleType) -> dict[str, ModuleType]:
    return {module.__name__: module for module in modules}
