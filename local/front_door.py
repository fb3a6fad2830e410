"""The front door: ``http://localhost:8080``, the address that is registered as redirect URI for one machine.

The API of the local AWS is found by its host name, which a browser would have to resolve, or below a path. This passes
each request on to that path, as a custom domain in AWS does.
"""

import argparse
from http.cookiejar import DefaultCookiePolicy

import requests
from flask import Flask, Response, request
from waitress import serve

from local.ports import HOST

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"})
"""RFC 9110, section 7.6.1: for one connection only. ``Host`` is another on the other side."""


def create_app(api_id: str, aws_port: int) -> Flask:
    """Return an app that passes every request on to an API of the local AWS.

    Args:
        api_id: The API's id.
        aws_port: Where the local AWS listens.
    """
    app = Flask(__name__)
    session = requests.Session()
    session.trust_env = False
    # The cookies are the visitors', and not ours to keep.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    # Before any route: Flask has none for some addresses, and which ones there are is said by the other side.
    @app.before_request
    def forward() -> Response:
        headers = {name: value for name, value in request.headers if name.lower() not in _HOP_BY_HOP}
        answer = session.request(
            request.method,
            # Below a path and not by the host name: the local AWS keeps /health of every host for itself.
            # The path goes on undecoded, with the query.
            f"http://{HOST}:{aws_port}/_aws/execute-api/{api_id}/$default{request.environ['REQUEST_URI']}",
            data=request.get_data(),
            headers=headers,
            allow_redirects=False,
            timeout=35,
        )
        kept = [(name, value) for name, value in answer.raw.headers.items() if name.lower() not in _HOP_BY_HOP]
        return Response(answer.content, answer.status_code, kept)

    return app


def main() -> None:
    """Serve on loopback until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api-id", required=True)
    parser.add_argument("--aws-port", type=int, required=True)
    arguments = parser.parse_args()
    app = create_app(arguments.api_id, arguments.aws_port)
    serve(app, host=HOST, port=arguments.port, threads=8)


if __name__ == "__main__":
    main()
