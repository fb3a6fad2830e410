"""HTTP calls to providers, with limits of time and size, and without redirects."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests
import urllib3

from token_refresher.base.clock import Clock, system_clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.timeouts import UNATTENDED, Timeouts
from token_refresher.providers.content_coding import UnknownCodingError, decoded
from token_refresher.providers.transport import Session, Transport
from token_refresher.providers.transport_failure import transport_failure

_LARGEST_BODY: Final = 1024 * 1024
"""A token answer has a few kilobytes. A larger body is no token answer, and must not fill the function's memory."""

_SECONDS = re.compile(r"[0-9]{1,6}")

_CHUNK: Final = 64 * 1024

_LONGEST_RETRY_AFTER: Final = timedelta(hours=1)
"""The same limit as MSAL's: a mistake of the provider must not stop a credential for a day."""


@dataclass(frozen=True)
class HttpAnswer:
    """The status, the body and the ``Retry-After`` of an answer.

    Attributes:
        status: The HTTP status.
        body: The body, as far as it was received.
        retry_after: The pause that the server requests.
        whole: Whether the body is complete.
        is_readable: Whether the body could be decompressed.
    """

    status: int
    body: bytes
    retry_after: timedelta | None = None
    whole: bool = True
    is_readable: bool = True

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, or ``None`` if it is anything else.

        JSON is UTF-8 (RFC 8259, section 8.1), with or without a byte order mark. Any other body is read as Latin-1:
        non-ASCII letters may be wrong then, but tokens have none (RFC 6749, appendix A).
        """
        try:
            parsed = _json(self.body)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None

    def __repr__(self) -> str:
        return f"HttpAnswer(status={self.status}, {len(self.body)} bytes)"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        return json.loads(body.decode("latin-1"))


class HttpClient:
    """Sends requests to a provider, each over a new connection.

    Args:
        timeouts: How long a call may take.
        clock: Returns the time.
        only_public: Whether a server in a private network is refused.
    """

    def __init__(
        self, timeouts: Timeouts = UNATTENDED, *, clock: Clock = system_clock, only_public: bool = False
    ) -> None:
        self.deadline = timeouts.deadline
        self._clock = clock
        self._timeouts = (timeouts.connect.total_seconds(), timeouts.read.total_seconds())
        self._transport = Transport(only_public=only_public)
        self._session = Session(self._transport)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """GET a document.

        Raises:
            ProviderError: No complete answer came in time.
        """
        return _complete(self._send("GET", url, headers=headers))

    def post_form(self, url: str, form: dict[str, str], headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """POST a form. The body of the answer may be incomplete (`HttpAnswer.whole`): it can still contain a token.

        Raises:
            ProviderError: No answer came in time.
        """
        return self._send("POST", url, data=form, headers=headers)

    def post_json(self, url: str, document: dict[str, Any], headers: dict[str, str]) -> HttpAnswer:
        """POST a JSON document.

        Raises:
            ProviderError: No complete answer came in time.
        """
        return _complete(self._send("POST", url, json=document, headers=headers))

    def _send(self, method: str, url: str, **arguments: Any) -> HttpAnswer:
        self._transport.renew()
        try:
            with self._session.request(
                method, url, timeout=self._timeouts, allow_redirects=False, stream=True, **arguments
            ) as response:
                return self._answer(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = transport_failure(error, has_connected=self._transport.has_connected)
        finally:
            self._transport.close()
        # A ValueError is a header or a URL that cannot be sent. The exception is not chained: it holds the request,
        # with the tokens in it.
        raise ProviderError(failure)

    def _answer(self, response: requests.Response) -> HttpAnswer:
        sent, whole = self._body(response)
        retry_after = _retry_after(response, self._clock)
        try:
            body, unpacked = decoded(sent, response.headers.get("Content-Encoding", ""), _LARGEST_BODY)
        except UnknownCodingError:
            return HttpAnswer(response.status_code, b"", retry_after, whole, is_readable=False)
        return HttpAnswer(response.status_code, body, retry_after, whole and unpacked)

    def _body(self, response: requests.Response) -> tuple[bytes, bool]:
        """Read the body to its end or to the deadline: a server that sends a byte per second is an outage too."""
        give_up_at = time.monotonic() + self._timeouts[1]
        body = bytearray()
        try:
            while chunk := response.raw.read1(_CHUNK, decode_content=False):
                body += chunk
                if time.monotonic() > give_up_at or len(body) > _LARGEST_BODY:
                    return bytes(body), False
        except (urllib3.exceptions.HTTPError, OSError):
            return bytes(body), False
        return bytes(body), True


def _complete(answer: HttpAnswer) -> HttpAnswer:
    if not answer.whole:
        raise ProviderError(ProviderFailure(FailureKind.NO_ANSWER, reason=Reason.ANSWER_CUT_OFF))
    return answer


def _retry_after(response: requests.Response, clock: Clock) -> timedelta | None:
    """Read ``Retry-After``, in seconds or as a date (RFC 9110, section 10.2.3). Anything else is ignored."""
    value = response.headers.get("Retry-After", "")
    if _SECONDS.fullmatch(value):
        return min(timedelta(seconds=int(value)), _LONGEST_RETRY_AFTER)
    moment = _http_date(value)
    if moment is None:
        return None
    # Subtracting the server's own time makes an error of its clock irrelevant.
    now = _http_date(response.headers.get("Date", "")) or clock()
    return min(max(moment - now, timedelta(0)), _LONGEST_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    """Read a date in one of the three forms of RFC 9110, section 5.6.7, which are all in UTC."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError):
        # The parser is made for e-mail, and in some versions of Python it raises these errors for bad dates.
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
