"""The fuzz over real HTTP, over the routes in this process; the tests in a browser send it to a deployed stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from local.ports import HOST
from tests.abuse.front import Front
from tests.abuse.live import fuzz
from tests.abuse.visitor import snapshot
from tests.fakes.world import World


class Quiet(WSGIRequestHandler):
    """Prints nothing."""

    def log(self, *_: Any) -> None:
        """Print nothing."""


@contextmanager
def served(front: Front) -> Iterator[str]:
    """Serve a front on loopback; yields its address."""
    server = make_server(HOST, 0, front, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_strangers_get_pages_and_change_nothing() -> None:
    world = World.waiting()
    before = snapshot(world)
    front = Front(world, unescapes=False)
    with served(front) as address:
        sent = fuzz(address, examples=120)
    assert sent > 60
    assert len(front.answered) > sent / 2, "most of them reached the function"
    assert snapshot(world) == before


FAULTS = {
    "a fault of ours": {"statusCode": 500, "body": "<!doctype html>"},
    "what was sent": {"body": "<!doctype html>zq7Marker"},
    "an address to go to": {"statusCode": 303, "headers": {"Location": "https://evil.example/"}},
    "a cookie": {"cookies": ["consent=planted"]},
    "a page without its headers": {"headers": {"Content-Type": "text/html"}},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_answer_that_must_not_be_is_found(fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    front = Front(World.waiting())
    invoke = front.invoke
    monkeypatch.setattr(front, "invoke", lambda event: {**invoke(event), **fault})
    with served(front) as address, pytest.raises(AssertionError):
        fuzz(address, examples=10)
