"""A short fuzz test over real HTTP, for any deployment: requests of strangers, which change nothing there.

No response may reflect its request, redirect, or be a server error. Answers of API Gateway itself, such as 429, are
not checked further.
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

from local.stack.waiting import GENEROUS_SECONDS
from tests.abuse.document import schema, validate
from tests.abuse.hostile import MARKER, hostile_headers, hostile_texts, junk_bytes, paths, queries
from tests.abuse.visitor import FORM
from token_refresher.entrypoints.web.pages import security_headers

_OF_THE_GATEWAY: Final = {400, 403, 404, 405, 411, 413, 414, 415, 429, 431}
"""The statuses with which a gateway answers before a request reaches the function."""


@dataclass(frozen=True)
class Request:
    """One request, with exactly the bytes that are sent."""

    method: str
    path: str
    query: str
    headers: dict[str, bytes]
    body: bytes


def _sendable(headers: dict[str, str]) -> dict[str, bytes]:
    """Return the headers without what HTTP cannot carry: control characters, and spaces at the ends."""
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
    """Send requests of strangers, half of them generated from the OpenAPI document.

    Args:
        base_url: The URL of the deployment without a path, such as ``http://localhost:8080``.
        examples: About how many requests to send; they are the same in each run.

    Returns:
        The number of requests that were sent.

    Raises:
        AssertionError: A response is wrong.
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
        response = case.call(base_url=base_url, timeout=GENEROUS_SECONDS)
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
        # Set the URL directly: the library would normalize the path.
        prepared.url = f"{base_url}{request.path}" + (f"?{request.query}" if request.query else "")
        return session.send(prepared, allow_redirects=False, timeout=GENEROUS_SECONDS)


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
    """Return whether a gateway gave this answer: it is not a page, and has a status of the gateway's own answers."""
    is_a_page = content_type.startswith("text/html") and body.startswith(b"<!doctype html>")
    return status in _OF_THE_GATEWAY and not is_a_page
