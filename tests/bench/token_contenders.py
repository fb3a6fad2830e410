"""``python token_contenders.py URL BUNDLE TURNS CALLS``: measures the token call of this product and others, in turns.

It runs in .venv-bench, with ``layers`` on the path. Every contender verifies the certificate. Each opens a connection
for each call, as an invocation of a function does that makes one call; one session keeps its connection, to compare.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

URL, BUNDLE = sys.argv[1:3]
TURNS, CALLS = map(int, sys.argv[3:5])
CLIENT_ID, CLIENT_SECRET = "00000000-0000-4000-8000-000000000001", "planted-client-secret"
REFRESH_TOKEN = "planted-refresh-token-" + "b" * 1000
SCOPE = "https://ads.microsoft.com/msads.manage offline_access"
TOKEN_URL = f"{URL}/common/oauth2/v2.0/token"

# The certificates that requests trusts by itself: the usual ones, and the server's.
import certifi  # noqa: E402

certifi.where = lambda: BUNDLE

import msal  # type: ignore[import-not-found]  # noqa: E402
import requests  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]  # noqa: E402
from bingads import authorization  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402
from urllib3.util.ssl_ import create_urllib3_context  # noqa: E402

from token_refresher.base.sensitive import Sensitive  # noqa: E402
from token_refresher.credential.document import Credential  # noqa: E402
from token_refresher.providers.http import HttpClient  # noqa: E402
from token_refresher.providers.microsoft.provider import microsoft_endpoint  # noqa: E402

CLOSE = {"Connection": "close"}


class OneContext(HTTPAdapter):
    """Reads the trusted certificates once, and not for each connection. It verifies all the same."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        context = create_urllib3_context()
        context.load_verify_locations(BUNDLE)
        super().init_poolmanager(*arguments, ssl_context=context, **named)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


def ours() -> Callable[[], str]:
    document = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
    credential = Credential.parse(json.dumps(document))
    endpoint = microsoft_endpoint(HttpClient(), URL, lambda: datetime.now(UTC))

    def call() -> str:
        token = endpoint.refresh(credential, Sensitive(REFRESH_TOKEN)).access_token
        assert token is not None
        return token.reveal()

    return call


def session(headers: dict[str, str], *, one_context: bool = False) -> Callable[[], str]:
    kept = requests.Session()
    kept.headers.update(headers)
    if one_context:
        kept.mount("https://", OneContext())
    form = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "grant_type": "refresh_token",
        "refresh_token": REFRESH_TOKEN,
        "scope": SCOPE,
    }

    def call() -> str:
        answer = kept.post(TOKEN_URL, data=form, timeout=5)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    return call


def authlib() -> Callable[[], str]:
    client = OAuth2Session(CLIENT_ID, CLIENT_SECRET, token_endpoint_auth_method="client_secret_post")
    client.headers.update(CLOSE)

    def call() -> str:
        token: str = client.refresh_token(TOKEN_URL, refresh_token=REFRESH_TOKEN)["access_token"]
        return token

    return call


def of_msal() -> Callable[[], str]:
    http = requests.Session()
    http.headers.update(CLOSE)
    client = msal.ConfidentialClientApplication(
        CLIENT_ID,
        client_credential=CLIENT_SECRET,
        oidc_authority=f"{URL}/common/v2.0",
        instance_discovery=False,
        http_client=http,
    )

    def call() -> str:
        answer = client.acquire_token_by_refresh_token(REFRESH_TOKEN, scopes=["https://ads.microsoft.com/msads.manage"])
        token: str = answer["access_token"]
        return token

    return call


def bingads() -> Callable[[], str]:
    addresses = authorization._UriOAuthService.AUTH_TOKEN_URI
    addresses.update(dict.fromkeys(addresses, TOKEN_URL))
    grant = authorization.OAuthWebAuthCodeGrant(CLIENT_ID, CLIENT_SECRET, "https://localhost/callback")

    def call() -> str:
        token: str = grant.request_oauth_tokens_by_refresh_token(REFRESH_TOKEN).access_token
        return token

    return call


def main() -> None:
    """Measure, and print the processor seconds of each turn as JSON."""
    contenders = {
        "a session with one TLS context": session(CLOSE, one_context=True),
        "this product": ours(),
        "requests.Session": session(CLOSE),
        "authlib": authlib(),
        "msal": of_msal(),
        "bingads": bingads(),
        "requests.Session that keeps its connection": session({}),
    }
    tokens = {name: call() for name, call in contenders.items()}
    assert len(set(tokens.values())) == 1, "the contenders got different tokens"
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, call in contenders.items():
            begun = time.process_time()
            for _ in range(CALLS):
                call()
            measured[name].append(time.process_time() - begun)
    versions = {name: version(name) for name in ("requests", "urllib3", "authlib", "msal", "bingads")}
    print(json.dumps({"seconds": measured, "versions": versions}))  # noqa: T201 - The answer.


if __name__ == "__main__":
    main()
