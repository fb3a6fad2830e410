"""A client app of the provider, and a clock that the test sets."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from local.identity_provider.codes import challenge_of

CALLBACK = "http://localhost:8080/callback"
SCOPE = "https://ads.microsoft.com/msads.manage offline_access openid profile"
SANDBOX_SCOPE = "https://si.ads.microsoft.com/msads.manage offline_access openid profile"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
SECRET = "planted-client-secret"
TIMEOUT_SECONDS = 10


class Clock:
    """A clock that stands still until the test lets time pass."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@dataclass
class ClientApp:
    """One registered app, and its requests. Each test has its own app, because apps share nothing."""

    url: str
    clock: Clock
    secret: str | None = SECRET
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def register(self, **settings: Any) -> ClientApp:
        body = {"redirect_uris": [CALLBACK], "auto_account": "ads-owner@example.com", **settings}
        if self.secret:
            body["client_secret"] = self.secret
        answer = requests.put(self.control_url, json=body, timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 200, answer.text
        return self

    @property
    def control_url(self) -> str:
        return f"{self.url}/_control/apps/{self.client_id}"

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.post(f"{self.control_url}/{path}", json=body or {}, timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def journal(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.read("journal")
        return events

    def read(self, path: str) -> Any:
        answer = requests.get(f"{self.control_url}/{path}", timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def authorize_query(self, **changes: str | None) -> dict[str, str]:
        query: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "response_mode": "query",
            "scope": SCOPE,
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in query.items() if value is not None}

    def authorize(self, **changes: str | None) -> requests.Response:
        return requests.get(
            f"{self.url}/common/oauth2/v2.0/authorize",
            params=self.authorize_query(**changes),
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )

    def code(self, **changes: str | None) -> str:
        return answered(self.authorize(**changes))["code"]

    def token(self, form: dict[str, str | None], tenant: str = "common", **options: Any) -> requests.Response:
        sent = {"client_id": self.client_id, "client_secret": self.secret, **form}
        return requests.post(
            f"{self.url}/{tenant}/oauth2/v2.0/token",
            data={name: value for name, value in sent.items() if value is not None},
            timeout=TIMEOUT_SECONDS,
            **options,
        )

    def redeem(self, code: str, **changes: str | None) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.token({**form, "code_verifier": VERIFIER, **changes})

    def refresh(self, refresh_token: str, **changes: str | None) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": SCOPE}
        return self.token({**form, **changes})

    def consent(self, **changes: str | None) -> dict[str, Any]:
        answer = self.redeem(self.code(**changes))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def ads(
        self,
        operation: str,
        access_token: str,
        body: Any = None,
        developer_token: str | None = "any",
        environment: str = "",
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {access_token}", "DeveloperToken": developer_token}
        return requests.post(
            f"{self.url}{environment}/CustomerManagement/v13/{operation}",
            json={} if body is None else body,
            headers={name: value for name, value in headers.items() if value is not None},
            timeout=TIMEOUT_SECONDS,
        )


def answered(response: requests.Response) -> dict[str, str]:
    """Return the query of a redirect to the app."""
    assert response.status_code == 302, response.text
    location = response.headers["Location"]
    assert location.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(location).query))


def claims_of(id_token: str) -> dict[str, Any]:
    """Return the claims of an ID token, without verification."""
    payload = id_token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
