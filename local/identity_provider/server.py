"""Runs the app on waitress, on loopback only. A stop leaves no thread and no socket behind."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import waitress
from waitress import wasyncore

from local.identity_provider.app import create_app
from local.identity_provider.provider import EXTENSION, Provider, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from flask import Flask

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

THREADS = 32
"""Enough that hanging requests do not delay the others."""

JOIN_SECONDS = 10
"""A stop takes milliseconds. This limits a test run in which it does not."""


@contextmanager
def listening(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an app in the background, and yield its base URL; port 0 takes a free one.

    Raises:
        ValueError: The host is not this machine.
        OSError: The port is in use.
    """
    if host not in LOOPBACK:
        raise ValueError(f"{host} is not loopback: this provider signs in anyone who asks.")
    sockets: dict[int, object] = {}
    # Waitress warns whenever a request waits for a thread, which looks like an error of the app.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    dispatcher = waitress.task.ThreadedTaskDispatcher()
    try:
        server = waitress.create_server(
            app,
            map=sockets,
            _dispatcher=dispatcher,
            listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            ident=None,
            # `hang_up` in token_response needs this: an OSError of the app then closes the connection silently.
            log_socket_errors=False,
        )
    except OSError:
        wasyncore.close_all(sockets)
        raise
    dispatcher.set_thread_count(THREADS)
    loop = threading.Thread(target=server.run, name="identity-provider")
    loop.start()
    try:
        yield f"http://{host}:{server.effective_port}"
    finally:
        app.extensions[EXTENSION].closing.set()
        # Stop the workers first: they write to the pipe that the next lines close.
        dispatcher.shutdown()
        # If the loop has already ended and closed the pipe, nothing is left to do.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
        loop.join(JOIN_SECONDS)


@contextmanager
def running(clock: Callable[[], datetime] = utc_now, port: int = 0) -> Iterator[str]:
    """Run a fresh provider for a test, and yield its base URL."""
    with listening(create_app(Provider(clock)), port=port) as url:
        yield url


def serve(app: Flask, host: str, port: int) -> None:
    """Serve an app until SIGTERM or SIGINT, then stop cleanly.

    Raises:
        ValueError: The host is not this machine.
        OSError: The port is in use.
    """
    stop = threading.Event()
    with listening(app, host, port) as url:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        print(
            f"Local identity provider on {url}; it stands in for Microsoft and signs in anyone who asks.",
            flush=True,
        )
        stop.wait()
