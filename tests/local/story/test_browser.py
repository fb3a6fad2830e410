"""The browser, in front of a server that does not answer with a page."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.story.browser import Browser, NoPageError


class Gateway(BaseHTTPRequestHandler):
    """Answers as API Gateway does if a function gives no answer."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        body = b'{"message":"Service Unavailable"}'
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_that_is_not_a_page_fails_at_once_and_is_described(gateway: str) -> None:
    with pytest.raises(NoPageError, match="503 Service Unavailable of type 'application/json'") as raised:
        Browser().open(f"{gateway}/callback?code=planted-code")
    assert "planted" not in str(raised.value)
