"""The front door of the local stack, in front of a server that records the requests."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask.testing import FlaskClient

from local.stack.front_door import create_app
from local.stack.ports import free_port


class Recorder(ThreadingHTTPServer):
    """A server that answers 418 to everything."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Recorder)
        self.server.reached.append((self.command, self.path.removeprefix("/_aws/execute-api/api/$default")))
        self.send_response(418)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - The library calls them so.

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def behind() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_without_an_answer_of_the_local_aws_it_says_so_without_the_address() -> None:
    """The address holds invites and codes."""
    answer = create_app("api", free_port()).test_client().get("/callback?code=planted-code")
    assert answer.status_code == 502
    assert "got no answer from the local AWS (ConnectionError)" in answer.text
    assert "planted" not in answer.text


@pytest.fixture
def client(behind: Recorder) -> FlaskClient:
    return create_app("api", behind.server_port).test_client()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/", id="the root"),
        pytest.param("/connect/agency/client-1?invite=a%20b", id="a link"),
        pytest.param("/connect/a%0D%0Ab", id="a line end"),
        pytest.param("/connect/a%2Fb", id="a slash that is no separator"),
        pytest.param("/static/style.css", id="Flask's path for static files"),
        pytest.param("/connect/", id="no name"),
    ],
)
def test_every_address_is_forwarded_unchanged(client: FlaskClient, behind: Recorder, address: str) -> None:
    assert client.get(address).status_code == 418
    assert behind.reached == [("GET", address)]


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_every_method_is_forwarded(client: FlaskClient, behind: Recorder, method: str) -> None:
    assert client.open("/connect/a", method=method).status_code == 418
    assert behind.reached == [(method, "/connect/a")]
