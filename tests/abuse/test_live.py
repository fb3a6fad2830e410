"""The fuzz test over real HTTP, on the routes in this process. tests/browser runs it on a deployed stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from local.stack.ports import HOST
from tests.abuse.gateway import Gateway
from tests.abuse.live import fuzz
from tests.abuse.visitor import snapshot
from tests.fakes.world import World


class Quiet(WSGIRequestHandler):
    """Prints nothing."""

    def log(self, *_: Any) -> None:
        """Print nothing."""


@contextmanager
def served(gateway: Gateway) -> Iterator[str]:
    """Serve a gateway on loopback, and yield its URL."""
    server = make_server(HOST, 0, gateway, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.exhaustive
def test_strangers_get_pages_and_change_nothing() -> None:
    world = World.waiting()
    before = snapshot(world)
    gateway = Gateway(world, unescapes=False)
    with served(gateway) as address:
        sent = fuzz(address, examples=120)
    assert sent > 60
    assert len(gateway.answered) > sent / 2, "most of them reached the function"
    assert snapshot(world) == before


FAULTS = {
    "a server error": {"statusCode": 500, "body": "<!doctype html>"},
    "a reflection": {"body": "<!doctype html>zq7Marker"},
    "a redirect": {"statusCode": 303, "headers": {"Location": "https://evil.example/"}},
    "a cookie": {"cookies": ["consent=planted"]},
    "a page without its headers": {"headers": {"Content-Type": "text/html"}},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_wrong_answer_is_found(fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(World.waiting())
    invoke = gateway.invoke
    monkeypatch.setattr(gateway, "invoke", lambda event: {**invoke(event), **fault})
    with served(gateway) as address, pytest.raises(AssertionError):
        fuzz(address, examples=10)
