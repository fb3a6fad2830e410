"""The front door of the local stack, in front of a server that notes what reaches it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask.testing import FlaskClient

from local.front_door import create_app


class Noting(ThreadingHTTPServer):
    """A server that answers 418 to everything."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Noting)
        self.server.reached.append((self.command, self.path.removeprefix("/_aws/execute-api/api/$default")))
        self.send_response(418)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - The library calls them so.

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def behind() -> Iterator[Noting]:
    with Noting() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(behind: Noting) -> FlaskClient:
    return create_app("api", behind.server_port).test_client()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/", id="the root"),
        pytest.param("/connect/agency/client-1?invite=a%20b", id="a link"),
        pytest.param("/connect/a%0D%0Ab", id="a line end"),
        pytest.param("/connect/a%2Fb", id="a slash that is no separator"),
        pytest.param("/static/style.css", id="where Flask looks for files"),
        pytest.param("/connect/", id="no name"),
    ],
)
def test_every_address_is_passed_on_as_it_is(client: FlaskClient, behind: Noting, address: str) -> None:
    assert client.get(address).status_code == 418
    assert behind.reached == [("GET", address)]


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_every_method_is_passed_on(client: FlaskClient, behind: Noting, method: str) -> None:
    assert client.open("/connect/a", method=method).status_code == 418
    assert behind.reached == [(method, "/connect/a")]
