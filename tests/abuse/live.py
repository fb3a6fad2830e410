"""A short fuzz over real HTTP, for whatever is deployed: strangers' requests, which change nothing there.

About as many requests are sent as are asked for, one after the other. Nothing that was sent may come back, nobody is
sent anywhere, and nothing is a fault of ours. What API Gateway answers by itself, such as 429, is let pass.
"""

import re
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from tests.abuse.document import schema, validate
from tests.abuse.hostile import MARKER, hostile_headers, hostile_texts, junk_bytes, paths, queries
from tests.abuse.visitor import FORM
from token_refresher.pages import security_headers

_TIMEOUT_SECONDS: Final = 35
"""API Gateway waits for 30."""

_OF_THE_GATEWAY: Final = {400, 403, 404, 405, 411, 413, 414, 415, 429, 431}
"""What a gateway answers before a request has reached us."""


@dataclass(frozen=True)
class Request:
    """One request, as it goes over the wire."""

    method: str
    path: str
    query: str
    headers: dict[str, bytes]
    body: bytes


def _sendable(headers: dict[str, str]) -> dict[str, bytes]:
    """Return the headers that HTTP can carry: no line ends, nothing but bytes, no space around them."""
    cleaned = {name: re.sub(r"[\x00-\x1f\x7f]", "", value).strip() for name, value in headers.items()}
    return {name: value.encode() for name, value in cleaned.items()}


_REQUESTS: Final = st.builds(
    Request,
    method=st.sampled_from(["GET", "GET", "POST", "HEAD"]),
    path=paths.map(lambda path: quote(path, safe="/", errors="replace")),
    query=queries,
    headers=st.builds(
        lambda headers, cookie: _sendable({**headers, "content-type": FORM, "cookie": f"consent={cookie}"}),
        hostile_headers,
        hostile_texts,
    ),
    body=st.one_of(queries.map(str.encode), junk_bytes),
)


def fuzz(base_url: str, examples: int) -> int:
    """Send strangers' requests, half of them made from the document of the API.

    Args:
        base_url: Where it is deployed, without a path, such as ``http://localhost:8080``.
        examples: About how many requests to send; the same ones in each run.

    Returns:
        How many were sent.

    Raises:
        AssertionError: An answer is not as it has to be.
    """
    sent = count()
    base_url = base_url.rstrip("/")
    bounded = settings(
        max_examples=max(1, examples // 2),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @bounded
    @given(request=_REQUESTS)
    def hostile(request: Request) -> None:
        next(sent)
        _check(request, _send(base_url, request))

    @bounded
    @given(data=st.data(), mode=st.sampled_from(list(GenerationMode)))
    def documented(data: st.DataObject, mode: GenerationMode) -> None:
        operation = data.draw(st.sampled_from([one.ok() for one in schema().get_all_operations()]))
        case: Case[Any] = data.draw(operation.as_strategy(mode))
        next(sent)
        response = case.call(base_url=base_url, timeout=_TIMEOUT_SECONDS)
        if not _is_of_the_gateway(
            response.status_code, response.content, response.headers.get("content-type", [""])[0]
        ):
            validate(case, response)

    hostile()
    documented()
    return next(sent)


def _send(base_url: str, request: Request) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        prepared = session.prepare_request(
            requests.Request(request.method, base_url, headers=request.headers, data=request.body)
        )
        # As it is: the library would tidy the path up.
        prepared.url = f"{base_url}{request.path}" + (f"?{request.query}" if request.query else "")
        return session.send(prepared, allow_redirects=False, timeout=_TIMEOUT_SECONDS)


def _check(request: Request, response: requests.Response) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert response.status_code not in range(300, 400), request
    assert not {"location", "refresh", "set-cookie"} & headers.keys(), request
    assert MARKER not in f"{headers}{response.text}".lower(), request
    kind = headers.get("content-type", "")
    if not _is_of_the_gateway(response.status_code, response.content, kind):
        assert response.status_code < 500, request
    if kind.startswith("text/html"):
        expected = {name.lower(): value for name, value in security_headers().items()}
        assert {**headers, **expected} == headers, request


def _is_of_the_gateway(status: int, body: bytes, content_type: str) -> bool:
    """Tell whether a gateway gave this answer: no page, and a status that it has for what it does not pass on."""
    is_a_page = content_type.startswith("text/html") and body.startswith(b"<!doctype html>")
    return status in _OF_THE_GATEWAY and not is_a_page
