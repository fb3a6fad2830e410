"""Sends the token with httpx: ``httpx.Client(auth=TokenAuth(reader))``, also for ``AsyncClient``. Extra ``httpx``."""

from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from typing import Final

from httpx import Auth, ByteStream, Request, Response, codes

from token_refresher_client.document import Token
from token_refresher_client.reader import TokenReader

_HEADER: Final = "Authorization"


class TokenAuth(Auth):
    """Puts the token into the header ``Authorization``. After a 401, sends the request once more with a newer one.

    A body that comes from a stream or a generator is not sent a second time; then the next request has the newer
    token. In an ``AsyncClient`` the secret is read in a thread, so the event loop goes on.

    Args:
        reader: Where the token comes from.
        min_remaining: How much time the token has to have left when the request begins; the reader's default if absent.
    """

    def __init__(self, reader: TokenReader, min_remaining: timedelta | None = None) -> None:
        self._reader = reader
        self._min_remaining = min_remaining

    def sync_auth_flow(self, request: Request) -> Generator[Request, Response, None]:
        """See `httpx.Auth`."""
        sent = self._reader.token(self._min_remaining)
        response = yield _with(sent, request)
        if _is_refused(response):
            token = self._reader.renewed(sent, self._min_remaining)
            if token is not None and _is_repeatable(request):
                yield _with(token, request)

    async def async_auth_flow(self, request: Request) -> AsyncGenerator[Request, Response]:
        """See `httpx.Auth`."""
        sent = await self._reader.token_async(self._min_remaining)
        response = yield _with(sent, request)
        if _is_refused(response):
            token = await self._reader.renewed_async(sent, self._min_remaining)
            if token is not None and _is_repeatable(request):
                yield _with(token, request)


def _with(token: Token, request: Request) -> Request:
    request.headers[_HEADER] = token.authorization
    return request


def _is_refused(response: Response) -> bool:
    # A 401 of a host to which the first one redirected is no answer to the token: httpx has taken it away.
    return response.status_code == codes.UNAUTHORIZED and _HEADER in response.request.headers


def _is_repeatable(request: Request) -> bool:
    return isinstance(request.stream, ByteStream)
