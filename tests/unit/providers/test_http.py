"""HTTP over real sockets: limits of time and size, no redirects, and nothing of the request in an error."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import SimpleNamespace

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import START, ManualClock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.timeouts import UNATTENDED
from token_refresher.providers.http import HttpAnswer, HttpClient, _retry_after

CANARY = "canary-9d20"
FORM = {"refresh_token": CANARY, "scope": "a b"}
MEBIBYTE = 1024 * 1024

Script = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Plays one script for every request, and records the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: Script = answer(200, b"{}")
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: these tests close connections on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.server.script(self)

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers), b""))
        self.server.script(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - The name is the base class's.
        """Print nothing."""


def answer(status: int, body: bytes, **headers: str) -> Script:
    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return play


def dated(status: int, **headers: str) -> Script:
    """Answer with only these headers: `send_response` would add the current date."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(status)
        for name, value in {"Content_Length": "0", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return play


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Answer with chunks until the client closes the connection."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 1024)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient()
    yield made
    made._session.close()


@contextmanager
def at_the_time(now: datetime) -> Iterator[HttpClient]:
    made = HttpClient(clock=ManualClock(now))
    yield made
    made._session.close()


def not_sent(reason: Reason) -> ProviderFailure:
    return ProviderFailure(FailureKind.NOT_SENT, reason=reason)


def failed(client: HttpClient, url: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        client.post_form(url, FORM)
    return caught.value


def test_an_answer_has_its_status_and_body(server: Server, client: HttpClient) -> None:
    server.script = answer(418, b'{"a": 1}')
    got = client.post_form(server.url, FORM)
    assert (got.status, got.body, got.json_object(), got.retry_after) == (418, b'{"a": 1}', {"a": 1}, None)


def test_a_form_is_sent_with_its_content_type(server: Server, client: HttpClient) -> None:
    client.post_form(f"{server.url}/path", FORM)
    path, headers, body = server.requests[0]
    assert (path, body) == ("/path", f"refresh_token={CANARY}&scope=a+b".encode())
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_document_is_sent_as_json_with_its_headers(server: Server, client: HttpClient) -> None:
    client.post_json(server.url, {"UserId": None}, {"DeveloperToken": "developer"})
    _, headers, body = server.requests[0]
    assert (headers["Content-Type"], headers["DeveloperToken"]) == ("application/json", "developer")
    assert body == b'{"UserId": null}'


def test_a_request_has_a_user_agent_and_asks_for_uncompressed_json(server: Server, client: HttpClient) -> None:
    client.post_form(server.url, FORM)
    headers = server.requests[0][1]
    assert (headers["Accept"], headers["Accept-Encoding"]) == ("application/json", "identity")
    assert headers["User-Agent"].startswith("token-refresher/")


def test_no_origin_is_sent(server: Server, client: HttpClient) -> None:
    """Microsoft refuses an Origin header for every platform except a single-page app (AADSTS9002326, 9002327)."""
    client.post_form(server.url, FORM)
    assert {"origin", "cookie", "authorization"}.isdisjoint(name.lower() for name in server.requests[0][1])


def test_the_headers_of_one_call_are_not_sent_with_the_next(server: Server, client: HttpClient) -> None:
    client.post_json(server.url, {}, {"DeveloperToken": CANARY})
    client.post_form(server.url, {})
    assert "DeveloperToken" not in server.requests[1][1]


def test_a_redirect_is_not_followed(server: Server, client: HttpClient) -> None:
    server.script = answer(307, b"", Location=f"{server.url}/elsewhere")
    assert client.post_form(server.url, FORM).status == 307
    assert len(server.requests) == 1


def test_a_document_is_read_without_following_a_redirect(server: Server, client: HttpClient) -> None:
    server.script = answer(302, b"", Location=f"{server.url}/elsewhere")
    assert client.get(f"{server.url}/path", {"Authorization": "Bearer a"}).status == 302
    [(path, headers, _)] = server.requests
    assert (path, headers["Authorization"]) == ("/path", "Bearer a")


def test_a_document_that_does_not_end_is_none(server: Server, client: HttpClient) -> None:
    server.script = endless
    with pytest.raises(ProviderError) as caught:
        client.get(server.url)
    assert caught.value.failure == ProviderFailure(FailureKind.NO_ANSWER, reason=Reason.ANSWER_CUT_OFF)


def test_the_target_of_a_redirect_is_not_even_parsed(server: Server, client: HttpClient) -> None:
    server.script = answer(302, b"", Location="http://[broken")
    assert client.post_form(server.url, FORM).status == 302


def test_a_call_on_a_broken_connection_is_not_retried(server: Server, client: HttpClient) -> None:
    """The refresh token may be spent. Only the next attempt, which checks first, may send it again."""
    server.script = lambda handler: handler.connection.close()
    failed(client, server.url)
    assert len(server.requests) == 1


def test_a_refused_connection_means_that_nothing_was_sent(client: HttpClient) -> None:
    closed = Server()
    closed.server_close()
    assert failed(client, closed.url).failure == not_sent(Reason.CONNECTION_REFUSED)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("login.example.com", id="a URL without a scheme"),
        pytest.param("ftp://127.0.0.1", id="a URL of another scheme"),
        pytest.param("http://", id="a URL without a host"),
    ],
)
def test_an_unusable_url_means_that_nothing_was_sent(client: HttpClient, url: str) -> None:
    assert failed(client, url).failure == not_sent(Reason.ADDRESS_UNUSABLE)


def test_an_unknown_host_name_means_that_nothing_was_sent(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    assert failed(client, "http://login.example.com").failure == not_sent(Reason.NAME_NOT_RESOLVED)


def test_a_connect_timeout_means_that_nothing_was_sent(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        raise requests.ConnectTimeout

    monkeypatch.setattr(client._session, "send", hang)
    assert failed(client, "http://127.0.0.1").failure == not_sent(Reason.CONNECT_TIMEOUT)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(lambda handler: handler.connection.close(), Reason.CONNECTION_RESET, id="hung up"),
        pytest.param(
            lambda handler: handler.wfile.write(b"220 mail.example.com ESMTP\r\n"), Reason.NO_HTTP, id="no HTTP at all"
        ),
    ],
)
def test_a_request_without_an_answer_may_have_arrived(
    server: Server, client: HttpClient, script: Script, reason: Reason
) -> None:
    server.script = script
    assert failed(client, server.url).failure == ProviderFailure(FailureKind.NO_ANSWER, reason=reason)


CUT_OFF = [
    pytest.param(answer(200, b"{}", Content_Length="50"), id="cut off in the body"),
    pytest.param(
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{}"),
        id="cut off in a chunk",
    ),
    pytest.param(
        lambda handler: handler.wfile.write(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nnope\r\n"
        ),
        id="a chunk of no size",
    ),
]


@pytest.mark.parametrize("script", CUT_OFF)
def test_an_incomplete_answer_to_a_form_is_returned(server: Server, client: HttpClient, script: Script) -> None:
    server.script = script
    got = client.post_form(server.url, FORM)
    assert (got.status, got.body, got.whole) == (200, b"{}", False)


@pytest.mark.parametrize("script", CUT_OFF)
def test_an_incomplete_answer_to_a_json_document_is_an_error(
    server: Server, client: HttpClient, script: Script
) -> None:
    server.script = script
    with pytest.raises(ProviderError) as caught:
        client.post_json(server.url, {}, {})
    assert caught.value.failure == ProviderFailure(FailureKind.NO_ANSWER, reason=Reason.ANSWER_CUT_OFF)


def test_a_complete_answer_is_whole(server: Server, client: HttpClient) -> None:
    assert client.post_form(server.url, FORM).whole


def test_a_call_to_a_server_that_never_answers_ends_at_the_timeout(server: Server, client: HttpClient) -> None:
    released = threading.Event()
    server.script = lambda _: (released.wait(10), None)[1]
    client._timeouts = (1.0, 0.01)
    failure = failed(client, server.url).failure
    assert failure == ProviderFailure(FailureKind.NO_ANSWER, reason=Reason.READ_TIMEOUT)
    released.set()


def test_reading_a_slow_body_ends_at_the_deadline(
    server: Server, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reading of the clock is three seconds later, so the deadline passes with the third piece."""
    server.script = endless
    looks = count(step=3)
    monkeypatch.setattr("token_refresher.providers.http.time", SimpleNamespace(monotonic=lambda: next(looks)))
    assert not client.post_form(server.url, FORM).whole
    assert next(looks) == 4 * 3


def test_reading_an_endless_body_ends_at_the_limit(server: Server, client: HttpClient) -> None:
    server.script = endless
    got = client.post_form(server.url, FORM)
    assert (got.whole, MEBIBYTE < len(got.body) <= MEBIBYTE + 64 * 1024) == (False, True)


@pytest.mark.parametrize(("size", "taken"), [(MEBIBYTE, True), (MEBIBYTE + 1, False)], ids=["at the limit", "over it"])
def test_a_body_may_have_a_mebibyte(server: Server, client: HttpClient, size: int, *, taken: bool) -> None:
    server.script = answer(200, b"x" * size)
    assert client.post_form(server.url, FORM).whole is taken


def test_a_body_that_is_not_compressed_as_the_header_says_is_unusable(server: Server, client: HttpClient) -> None:
    server.script = answer(200, b"\x1f\x8b\x08 packed", Content_Encoding="gzip")
    assert client.post_form(server.url, FORM).json_object() is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("17", timedelta(seconds=17), id="seconds"),
        pytest.param("0", timedelta(0), id="zero"),
        pytest.param("999999", timedelta(hours=1), id="many days are limited to an hour"),
        pytest.param("Sat, 31 Jan 2026 09:02:00 GMT", timedelta(minutes=2), id="a date"),
        pytest.param("Saturday, 31-Jan-26 09:02:00 GMT", timedelta(minutes=2), id="a date of RFC 850"),
        pytest.param("Sat Jan 31 09:02:00 2026", timedelta(minutes=2), id="a date of asctime"),
        pytest.param("Sun Feb  1 09:02:00 2026", timedelta(hours=1), id="a date of tomorrow is limited to an hour"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=1), id="the last date is limited to an hour"),
        pytest.param("Sat, 31 Jan 2026 09:00:00 GMT", timedelta(0), id="the current date"),
        pytest.param("Sat, 31 Jan 2026 08:00:00 GMT", timedelta(0), id="a date in the past"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", timedelta(0), id="a date of the last century"),
        pytest.param("Mon, 01 Jan 0100 00:00:00 +2359", timedelta(0), id="a date of antiquity"),
        pytest.param("99999999999999999999", None, id="too many digits"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("17, 18", None, id="two numbers"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="nothing"),
        pytest.param("Sat, 31 Feb 2026 09:00:00 GMT", None, id="a day that does not exist"),
        pytest.param("Sat, 31 Jan 99999 09:00:00 GMT", None, id="a year beyond the calendar"),
        pytest.param("Sat, 31 Jan " + "9" * 5000 + " 09:00:00 GMT", None, id="a year too long to read"),
        pytest.param("Sat, 31 Jan 2026 09:00:00 +9999", None, id="an offset beyond a day"),
        pytest.param("Sat, 31 Jan 2026", None, id="a date without a time"),
        pytest.param("((((", None, id="comments that do not end"),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(server: Server, header: str, expected: timedelta | None) -> None:
    server.script = dated(429, Retry_After=header, Date="Sat, 31 Jan 2026 09:00:00 GMT")
    with at_the_time(START + timedelta(days=365)) as client:
        assert client.post_form(server.url, FORM).retry_after == expected


@pytest.mark.parametrize(
    "dates",
    [
        pytest.param({}, id="no date"),
        pytest.param({"Date": ""}, id="an empty date"),
        pytest.param({"Date": "today"}, id="a text that is no date"),
        pytest.param({"Date": "Sat, 31 Jan 99999 09:00:00 GMT"}, id="a date beyond the calendar"),
    ],
)
def test_without_a_date_header_retry_after_counts_from_this_clock(server: Server, dates: dict[str, str]) -> None:
    server.script = dated(429, Retry_After="Sat, 31 Jan 2026 09:02:00 GMT", **dates)
    with at_the_time(START) as client:
        assert client.post_form(server.url, FORM).retry_after == timedelta(minutes=2)


@given(st.text(st.characters(codec="latin-1")) | st.text("Sat, 31Jn206:GM+-()"), st.text("Sat, 31Jn206:GM+-()"))
def test_no_header_raises_an_error(retry_after: str, date: str) -> None:
    response = requests.Response()
    response.headers.update({"Retry-After": retry_after, "Date": date})
    read = _retry_after(response, ManualClock())
    assert read is None or timedelta(0) <= read <= timedelta(hours=1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html></html>", id="a page"),
        pytest.param(b"[{}]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b'{"a": 1', id="an object cut short"),
        pytest.param(b"\xff\xfe\x00", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="too deep to read"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="a number too long to read"),
    ],
)
def test_a_body_that_is_no_json_object_is_none(body: bytes) -> None:
    assert HttpAnswer(200, body).json_object() is None


def test_the_repr_of_an_answer_does_not_show_its_body() -> None:
    assert repr(HttpAnswer(200, CANARY.encode())) == "HttpAnswer(status=200, 11 bytes)"


def test_the_deadline_covers_connecting_waiting_and_reading(client: HttpClient) -> None:
    connect, read = client._timeouts
    assert timedelta(seconds=connect + 3 * read) == UNATTENDED.deadline == client.deadline


def chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(lambda handler: handler.connection.close(), id="hung up"),
        pytest.param(lambda handler: handler.wfile.write(f"{CANARY}\r\n".encode()), id="no HTTP at all"),
    ],
)
def test_an_error_shows_neither_the_request_nor_the_answer(server: Server, client: HttpClient, script: Script) -> None:
    server.script = script
    error = failed(client, server.url)
    assert CANARY not in " ".join(f"{one} {one!r} {vars(one)}" for one in chain(error))


@pytest.mark.parametrize("value", ["токен-canary-9d20", "canary-9d20\r\nX: y"], ids=["not Latin", "a line break"])
def test_a_header_that_cannot_be_sent_is_a_provider_error(server: Server, client: HttpClient, value: str) -> None:
    """An operator can paste anything as a developer token, and an encoding error would quote it."""
    with pytest.raises(ProviderError) as caught:
        client.post_json(server.url, {}, {"DeveloperToken": value})
    assert CANARY not in " ".join(f"{one} {one!r}" for one in chain(caught.value))
