"""API Gateway in this process: it turns an HTTP request into an event of version 2.0, and the answer into a response.

It forwards every request, even if the template has no such route. It does not have API Gateway's own answers.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from tests.fakes.world import PUBLIC_URL, World
from token_refresher.entrypoints.observability import metrics
from token_refresher.entrypoints.web.pages import Pages
from token_refresher.entrypoints.web.routes import routes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEXTS = ("text/", "application/json", "application/xml", "application/javascript")
"""Bodies of these types reach the function as text, all others in base64."""


class Context:
    """Lambda's context, with 30 seconds left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the function's whole timeout."""
        return int(timedelta(seconds=30) / timedelta(milliseconds=1))


class Gateway:
    """A WSGI app over a world.

    Args:
        world: The world behind it.
        public_url: The base URL that browsers see.
        unescapes: Whether the function gets the path unescaped, as from API Gateway; the local AWS leaves it escaped.
    """

    def __init__(self, world: World, public_url: str = PUBLIC_URL, *, unescapes: bool = True) -> None:
        self.world = world
        self.answered: list[dict[str, Any]] = []
        """The function's answers."""
        self._unescapes = unescapes
        self._routes = routes(world.consent, Pages(world.links), public_url)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        answer = self.invoke(self._event(Request(environ)))
        headers = Headers(answer["headers"])
        for cookie in answer.get("cookies", []):
            headers.add("Set-Cookie", cookie)
        response = Response(answer["body"], answer["statusCode"], headers)
        # Werkzeug must not complete a path in Location to a URL: the test checks what the function sent.
        response.autocorrect_location_header = False
        return response(environ, start_response)

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the function's answer to an event, and reset the metrics for the next one."""
        answer: dict[str, Any] = self._routes.resolve(event, Context())  # type: ignore[arg-type] # All that is asked of it.
        metrics.clear_metrics()
        self.answered.append(answer)
        return answer

    def _event(self, request: Request) -> dict[str, Any]:
        query = request.query_string.decode("utf-8", "replace")
        # An event is JSON, so bytes that are not UTF-8 are replaced.
        escaped = request.environ.get("REQUEST_URI", request.path).partition("?")[0]
        return event(
            request.method,
            request.path if self._unescapes else escaped,
            query,
            {name.lower(): value for name, value in request.headers.items() if name.lower() != "cookie"},
            [pair.strip() for pair in request.headers.get("Cookie", "").split(";") if pair.strip()],
            request.get_data(),
        )


def event(
    method: str,
    path: str,
    query: str = "",
    headers: dict[str, str] | None = None,
    cookies: list[str] | None = None,
    body: bytes = b"",
) -> dict[str, Any]:
    """Return the event of a request. The values of a repeated parameter are joined by commas."""
    lowered = {"host": "connect.example.com", **(headers or {})}
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    is_text = lowered.get("content-type", "").startswith(TEXTS)
    text = body.decode("utf-8", "replace") if is_text else base64.b64encode(body).decode()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": lowered,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": "connect.example.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": ""},
            "requestId": "example",
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 1767225600000,
        },
        **({"cookies": cookies} if cookies else {}),
        **({"queryStringParameters": parameters} if parameters else {}),
        **({"body": text, "isBase64Encoded": not is_text} if body else {"isBase64Encoded": False}),
    }
