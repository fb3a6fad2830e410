"""`TokenAuth` for httpx, sync and async, against a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.client.aws import CONSUMER, FakeSecrets, ManualClock, consumer
from tests.client.http_server import Api
from token_refresher_client import TokenNotFreshError, TokenReader
from token_refresher_client.httpx import TokenAuth

Post = Callable[..., httpx.Response]


def post_sync(auth: TokenAuth, url: str, **arguments: Any) -> httpx.Response:
    with httpx.Client(auth=auth, trust_env=False, follow_redirects=True) as client:
        return client.post(url, **arguments)


def post_async(auth: TokenAuth, url: str, **arguments: Any) -> httpx.Response:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(auth=auth, trust_env=False, follow_redirects=True) as client:
            return await client.post(url, **arguments)

    return asyncio.run(post())


@pytest.fixture(params=[post_sync, post_async], ids=["sync", "async"])
def post(request: pytest.FixtureRequest) -> Post:
    chosen: Post = request.param
    return chosen


@pytest.fixture
def auth(reader: TokenReader) -> TokenAuth:
    return TokenAuth(reader)


@pytest.fixture
def rotated(reader: TokenReader, secrets: FakeSecrets, api: Api) -> None:
    """The reader holds a token that the API no longer takes, and the secret has the next one."""
    reader.token()
    secrets.put(CONSUMER, consumer("token-2", generation=2))
    api.accepts = {"token-2"}


def test_each_request_has_the_token(post: Post, auth: TokenAuth, api: Api, secrets: FakeSecrets) -> None:
    api.accepts = {"token-1"}
    for _ in range(3):
        assert post(auth, api.url).is_success
    assert api.tokens == ["token-1"] * 3
    assert secrets.reads == 1


def test_after_a_401_the_request_is_sent_once_more(post: Post, auth: TokenAuth, api: Api, rotated: None) -> None:
    answer = post(auth, api.url, data={"a": "1"})
    assert answer.is_success
    assert api.tokens == ["token-1", "token-2"]
    assert [call.body for call in api.calls] == [b"a=1", b"a=1"]
    assert [earlier.status_code for earlier in answer.history] == [401]


def test_a_second_401_is_the_answer(post: Post, auth: TokenAuth, api: Api, rotated: None, secrets: FakeSecrets) -> None:
    api.accepts = set()
    assert post(auth, api.url).status_code == 401
    assert api.tokens == ["token-1", "token-2"]
    assert secrets.reads == 2


def test_if_the_secret_has_no_other_token_nothing_is_sent_again(
    post: Post, auth: TokenAuth, api: Api, secrets: FakeSecrets
) -> None:
    assert post(auth, api.url).status_code == 401
    assert api.tokens == ["token-1"]
    assert secrets.reads == 2


def test_a_body_that_is_generated_is_not_sent_again_and_the_next_request_has_the_newer_token(
    auth: TokenAuth, api: Api, rotated: None
) -> None:
    def body() -> Iterator[bytes]:
        yield from [b"a", b"b"]

    async def async_body() -> AsyncIterator[bytes]:
        for part in body():
            yield part

    assert post_sync(auth, api.url, content=body()).status_code == 401
    assert api.tokens == ["token-1"]
    assert post_async(auth, api.url, content=async_body()).is_success
    assert api.tokens == ["token-1", "token-2"]


def test_another_host_never_gets_the_token(
    post: Post, auth: TokenAuth, api: Api, elsewhere: Api, secrets: FakeSecrets
) -> None:
    """Also not if it answers 401 in order to get it."""
    api.redirects = {"/moved": f"{elsewhere.url}/there"}
    assert post(auth, f"{api.url}/moved").status_code == 401
    assert [call.authorization for call in elsewhere.calls] == [None]
    assert secrets.reads == 1


def test_without_a_fresh_token_nothing_is_sent(post: Post, auth: TokenAuth, api: Api, clock: ManualClock) -> None:
    clock.advance(hours=2)
    with pytest.raises(TokenNotFreshError):
        post(auth, api.url)
    assert api.calls == []
