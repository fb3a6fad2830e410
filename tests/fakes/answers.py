"""Answers of the token endpoint in Microsoft's shape, and the diagnosis that the real client makes of one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from token_refresher.base.errors import ProviderError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose
from token_refresher.providers.http import HttpAnswer, HttpClient
from token_refresher.providers.microsoft.provider import microsoft_endpoint

CREDENTIAL = Credential.parse(json.dumps({"client_id": "app-1", "scope": "a offline_access"}))
TAIL = (
    "\r\nTrace ID: 00000000-0000-4000-8000-000000000001\r\nCorrelation ID: 00000000-0000-4000-8000-000000000002"
    "\r\nTimestamp: 2026-01-31 09:00:00Z"
)


def answered(body: Any, status: int = 400) -> Diagnosis:
    """Return the diagnosis of an answer of the token endpoint."""
    http = HttpClient()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    http.post_form = lambda *_: HttpAnswer(status, raw)  # type: ignore[method-assign] # Replaces the network.
    endpoint = microsoft_endpoint(http, "https://login.example.com", lambda: datetime(2026, 1, 31, 9, tzinfo=UTC))
    with pytest.raises(ProviderError) as caught:
        endpoint.refresh(CREDENTIAL, Sensitive("presented"))
    return diagnose(caught.value.failure)


def body(code: int, error: str, text: str, *, first: int | None = None, suberror: str = "") -> dict[str, Any]:
    """Return the JSON of an error answer of the Microsoft identity platform."""
    return {
        "error": error,
        "error_description": f"AADSTS{first or code}: {text}{TAIL}",
        "error_codes": [first, code] if first else [code],
        "timestamp": "2026-01-31 09:00:00Z",
        "trace_id": "00000000-0000-4000-8000-000000000001",
        "correlation_id": "00000000-0000-4000-8000-000000000002",
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    } | ({"suberror": suberror} if suberror else {})
