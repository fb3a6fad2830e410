"""The front door: ``http://localhost:8080``, the address that is registered as redirect URI for one machine.

The API of the local AWS is found by its host name; a browser would have to resolve that. This passes each request on
to it, with the host name set, as a custom domain does in AWS.
"""

import argparse
from http.cookiejar import DefaultCookiePolicy

import requests
from flask import Flask, Response, request
from waitress import serve

from local.ports import HOST

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"})
"""RFC 9110, section 7.6.1: for one connection only. ``Host`` is the API's on the other side."""


def create_app(api_host: str, aws_port: int) -> Flask:
    """Return an app that passes every request on to an API of the local AWS.

    Args:
        api_host: The API's host name and port, as in its URL.
        aws_port: Where the local AWS listens.
    """
    app = Flask(__name__)
    session = requests.Session()
    session.trust_env = False
    # The cookies are the visitors', and not ours to keep.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @app.route("/", defaults={"path": ""}, methods=["GET", "HEAD", "POST"])
    @app.route("/<path:path>", methods=["GET", "HEAD", "POST"])
    def forward(path: str) -> Response:  # noqa: ARG001 - The path goes on undecoded, with the query.
        headers = {name: value for name, value in request.headers if name.lower() not in _HOP_BY_HOP}
        answer = session.request(
            request.method,
            f"http://{HOST}:{aws_port}{request.environ['REQUEST_URI']}",
            data=request.get_data(),
            headers={**headers, "Host": api_host},
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
    parser.add_argument("--api-host", required=True)
    parser.add_argument("--aws-port", type=int, required=True)
    arguments = parser.parse_args()
    app = create_app(arguments.api_host, arguments.aws_port)
    serve(app, host=HOST, port=arguments.port, threads=8)


if __name__ == "__main__":
    main()
