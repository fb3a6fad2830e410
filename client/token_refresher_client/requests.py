"""Sends the token with requests: ``requests.get(url, auth=TokenAuth(reader))``. It needs the extra ``requests``."""

from datetime import timedelta
from functools import partial
from typing import Any

from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.cookies import extract_cookies_to_jar

from token_refresher_client.document import Token
from token_refresher_client.reader import TokenReader

_UNAUTHORIZED = 401


class TokenAuth(AuthBase):
    """Puts the token into the header ``Authorization``. After a 401, sends the request once more with a newer one.

    A body that is read from a stream is sent a second time only if it can be rewound; if not, the next request has the
    newer token.

    Args:
        reader: Where the token comes from.
        min_remaining: How much time the token has to have left when the request begins; the reader's default if absent.
    """

    def __init__(self, reader: TokenReader, min_remaining: timedelta | None = None) -> None:
        self._reader = reader
        self._min_remaining = min_remaining

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """See `requests.auth.AuthBase`."""
        token = self._reader.token(self._min_remaining)
        request.headers["Authorization"] = token.authorization
        position = _position(request)
        request.register_hook("response", partial(self._send_again, token, position))  # type: ignore[no-untyped-call]
        return request

    def _send_again(self, sent: Token, position: int | None, response: Response, **kwargs: Any) -> Response:
        request = response.request
        # Requests takes the header away from a redirect to another host, which must not get it back here.
        mine = request.headers.get("Authorization") == sent.authorization
        if response.status_code != _UNAUTHORIZED or not mine:
            return response
        token = self._reader.renewed(sent, self._min_remaining)
        if token is None or position is None:
            return response
        response.content  # noqa: B018 - The connection is free once the answer was read.
        response.close()
        again = request.copy()
        extract_cookies_to_jar(again._cookies, request, response.raw)  # type: ignore[attr-defined, no-untyped-call]  # noqa: SLF001 - As in requests' own digest authentication.
        again.prepare_cookies(again._cookies)  # type: ignore[attr-defined]  # noqa: SLF001 - The same.
        again.headers["Authorization"] = token.authorization
        _rewind(again, position)
        answer: Response = response.connection.send(again, **kwargs)
        answer.history.append(response)
        answer.request = again
        return answer


def _position(request: PreparedRequest) -> int | None:
    """Return where the body begins, or ``None`` if it cannot be sent twice."""
    body: Any = request.body
    if body is None or isinstance(body, str | bytes):
        return 0
    try:
        return int(body.tell())
    except (AttributeError, OSError):
        return None


def _rewind(request: PreparedRequest, position: int) -> None:
    body: Any = request.body
    if not (body is None or isinstance(body, str | bytes)):
        body.seek(position)
