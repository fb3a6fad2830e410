"""`TokenAuth` for requests, against a real server."""

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.client.aws import CONSUMER, FakeSecrets, ManualClock, consumer
from tests.client.http_server import Api
from token_refresher_client import TokenNotFreshError, TokenReader
from token_refresher_client.requests import TokenAuth

LIMIT = 30


@pytest.fixture
def session(reader: TokenReader) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = TokenAuth(reader)
        yield session


@pytest.fixture
def rotated(reader: TokenReader, secrets: FakeSecrets, api: Api) -> None:
    """The reader holds a token that the API no longer takes, and the secret has the next one."""
    reader.token()
    secrets.put(CONSUMER, consumer("token-2", generation=2))
    api.accepts = {"token-2"}


def test_each_request_has_the_token(session: requests.Session, api: Api, secrets: FakeSecrets) -> None:
    api.accepts = {"token-1"}
    for _ in range(3):
        assert session.get(api.url, timeout=LIMIT).ok
    assert api.tokens == ["token-1"] * 3
    assert secrets.reads == 1


def test_after_a_401_the_request_is_sent_once_more(session: requests.Session, api: Api, rotated: None) -> None:
    answer = session.post(api.url, data={"a": "1"}, timeout=LIMIT)
    assert answer.ok
    assert api.tokens == ["token-1", "token-2"]
    assert [call.body for call in api.calls] == [b"a=1", b"a=1"]
    assert [earlier.status_code for earlier in answer.history] == [401]
    assert answer.request.headers["Authorization"] == "Bearer token-2"


def test_a_second_401_is_the_answer(session: requests.Session, api: Api, rotated: None, secrets: FakeSecrets) -> None:
    api.accepts = set()
    assert session.get(api.url, timeout=LIMIT).status_code == 401
    assert api.tokens == ["token-1", "token-2"]
    assert secrets.reads == 2


def test_if_the_secret_has_no_other_token_nothing_is_sent_again(
    session: requests.Session, api: Api, secrets: FakeSecrets
) -> None:
    assert session.get(api.url, timeout=LIMIT).status_code == 401
    assert api.tokens == ["token-1"]
    assert secrets.reads == 2


def test_a_file_is_sent_again_from_where_it_began(session: requests.Session, api: Api, rotated: None) -> None:
    file = io.BytesIO(b"header,rows")
    file.seek(7)
    assert session.post(api.url, data=file, timeout=LIMIT).ok
    assert [call.body for call in api.calls] == [b"rows", b"rows"]


def test_a_body_that_cannot_be_rewound_is_not_sent_again_and_the_next_request_has_the_newer_token(
    session: requests.Session, api: Api, rotated: None
) -> None:
    assert session.post(api.url, data=iter([b"a", b"b"]), timeout=LIMIT).status_code == 401
    assert [call.body for call in api.calls] == [b"ab"]
    assert session.post(api.url, data=iter([b"a", b"b"]), timeout=LIMIT).ok


def test_another_host_never_gets_the_token(
    session: requests.Session, api: Api, elsewhere: Api, secrets: FakeSecrets
) -> None:
    """Also not if it answers 401 in order to get it."""
    api.redirects = {"/moved": f"{elsewhere.url}/there"}
    assert session.get(f"{api.url}/moved", timeout=LIMIT).status_code == 401
    assert [call.authorization for call in elsewhere.calls] == [None]
    assert secrets.reads == 1


def test_a_redirect_within_the_host_keeps_the_token(session: requests.Session, api: Api, rotated: None) -> None:
    api.redirects = {"/moved": "/there"}
    assert session.get(f"{api.url}/moved", timeout=LIMIT).ok
    assert [(call.path, token) for call, token in zip(api.calls, api.tokens, strict=True)] == [
        ("/moved", "token-1"),
        ("/there", "token-1"),
        ("/there", "token-2"),
    ]


def test_many_threads_that_are_refused_share_one_read(
    session: requests.Session, api: Api, rotated: None, secrets: FakeSecrets, reader: TokenReader
) -> None:
    barrier = threading.Barrier(8)

    def call() -> int:
        barrier.wait(LIMIT)
        return requests.get(api.url, auth=TokenAuth(reader), timeout=LIMIT).status_code

    with ThreadPoolExecutor(8) as pool:
        assert {future.result() for future in [pool.submit(call) for _ in range(8)]} == {200}
    assert secrets.reads == 2


def test_without_a_fresh_token_nothing_is_sent(session: requests.Session, api: Api, clock: ManualClock) -> None:
    clock.advance(hours=2)
    with pytest.raises(TokenNotFreshError):
        session.get(api.url, timeout=LIMIT)
    assert api.calls == []
