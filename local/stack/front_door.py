"""The front door, ``http://localhost:8080``: the address that the local stack has as its redirect URI.

The API of the local AWS has a host name, which a browser would have to resolve, and a path. This proxy forwards each
request to that path, as a custom domain in AWS does.
"""

import argparse
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy

import requests
from flask import Flask, Response, request
from waitress import serve

from local.stack.ports import HOST
from local.stack.waiting import GENEROUS_SECONDS

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"})
"""Headers for one connection only (RFC 9110, section 7.6.1), and ``Host``, which the API has its own of."""


def create_app(api_id: str, aws_port: int) -> Flask:
    """Return an app that forwards every request to an API of the local AWS.

    Args:
        api_id: The id of the API.
        aws_port: The port of the local AWS.
    """
    app = Flask(__name__)
    session = requests.Session()
    session.trust_env = False
    # The session must not keep cookies: they belong to the visitors.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    # Before routing: the API decides which addresses exist, and Flask cannot route some of them.
    @app.before_request
    def forward() -> Response:
        headers = {name: value for name, value in request.headers if name.lower() not in _HOP_BY_HOP}
        try:
            answer = session.request(
                request.method,
                # By path and not by host name: the local AWS answers /health of every host itself.
                # REQUEST_URI is the path as it was sent, not decoded, with the query.
                f"http://{HOST}:{aws_port}/_aws/execute-api/{api_id}/$default{request.environ['REQUEST_URI']}",
                data=request.get_data(),
                headers=headers,
                allow_redirects=False,
                # API Gateway gives up after 30 seconds, but on a busy machine a function may take longer to start.
                timeout=GENEROUS_SECONDS,
            )
        except requests.RequestException as error:
            # Only the type of the error: its message quotes the address, which holds invites and codes.
            text = f"The front door got no answer from the local AWS ({type(error).__name__}).\n"
            return Response(text, HTTPStatus.BAD_GATEWAY, mimetype="text/plain")
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
