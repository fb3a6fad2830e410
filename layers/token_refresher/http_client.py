"""HTTP calls to providers: bounded in time and size, never following a redirect, surviving any body."""

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidHeader, InvalidSchema, InvalidURL, MissingSchema

from token_refresher.clock import Clock, system_clock
from token_refresher.errors import ProviderError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.version import __version__


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for a connection, and for each piece of an answer.

    Attributes:
        connect: Applies to each address of a host.
        read: Applies to each piece that is waited for.
    """

    connect: timedelta
    read: timedelta

    @property
    def deadline(self) -> timedelta:
        """The longest that one call takes: to connect, to be answered, to read the body, and one read too many.

        A host with many addresses that are all dead, and a server that drips its headers byte by byte, can exceed it,
        for requests knows no limit there. Then the timeout of the function ends the call, and the next attempt finds
        the intent.
        """
        return self.connect + 3 * self.read


UNATTENDED: Final = Timeouts(connect=timedelta(seconds=4), read=timedelta(seconds=8))
"""Just over TCP's first retransmission (RFC 6298); and several times what Microsoft takes: the next tick is near."""

INTERACTIVE: Final = Timeouts(connect=timedelta(seconds=3), read=timedelta(seconds=4))
"""A person waits, and API Gateway for no more than 30 seconds."""

CHECKING: Final = Timeouts(connect=timedelta(seconds=2), read=timedelta(seconds=2))
"""For a check that may be left out."""

_LARGEST_BODY: Final = 1024 * 1024
"""A token answer has a few kilobytes. More is not one, and must not fill the memory of the function."""

_SECONDS = re.compile(r"[0-9]{1,6}")

_CHUNK: Final = 64 * 1024

_LONGEST_RETRY_AFTER: Final = timedelta(hours=1)
"""MSAL's cap: a provider's mistake must not park a credential for a day."""


@dataclass(frozen=True)
class HttpAnswer:
    """The status, the body and the ``Retry-After`` of an answer.

    Attributes:
        status: The HTTP status.
        body: What came of the body.
        retry_after: How long to leave the server alone.
        whole: Whether the body came to its end.
    """

    status: int
    body: bytes
    retry_after: timedelta | None = None
    whole: bool = True

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, or ``None`` when it is anything else."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None

    def __repr__(self) -> str:
        return f"HttpAnswer(status={self.status}, {len(self.body)} bytes)"


class HttpClient:
    """POSTs to a provider over one pooled session."""

    def __init__(self, timeouts: Timeouts = UNATTENDED, *, clock: Clock = system_clock) -> None:
        self.deadline = timeouts.deadline
        self._clock = clock
        self._timeouts = (timeouts.connect.total_seconds(), timeouts.read.total_seconds())
        self._session = _Session()
        # A refresh token must not be presented twice because a connection broke: the next attempt decides that.
        self._session.mount("https://", HTTPAdapter(max_retries=0))
        # Cookies would tie the credentials of different customers together, and to a server that is down.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Without this, a .netrc would replace the Authorization header.
        self._session.auth = _as_it_is
        self._session.headers.update(
            {
                "Accept": "application/json",
                # A compressed body would hide how much of it has come.
                "Accept-Encoding": "identity",
                "User-Agent": f"token-refresher/{__version__}",
            }
        )

    def post_form(self, url: str, form: dict[str, str]) -> HttpAnswer:
        """POST a form; raises `ProviderError` when no answer came in time.

        The answer may be cut off in its body (`HttpAnswer.whole`): what came of it can hold a token.
        """
        return self._post(url, data=form)

    def post_json(self, url: str, document: dict[str, Any], headers: dict[str, str]) -> HttpAnswer:
        """POST a JSON document; raises `ProviderError` when no whole answer came in time."""
        answer = self._post(url, json=document, headers=headers)
        if not answer.whole:
            raise ProviderError(ProviderFailure(FailureKind.NO_ANSWER))
        return answer

    def _post(self, url: str, **arguments: Any) -> HttpAnswer:
        try:
            with self._session.post(
                url, timeout=self._timeouts, allow_redirects=False, stream=True, **arguments
            ) as response:
                body, whole = self._body(response)
                return HttpAnswer(response.status_code, body, _retry_after(response, self._clock), whole)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            kind = FailureKind.NOT_SENT if _never_left(error) else FailureKind.NO_ANSWER
        # A ValueError is a header or an address that cannot be written or read. Not chained: these exceptions hold
        # the request, with the tokens in it.
        raise ProviderError(ProviderFailure(kind))

    def _body(self, response: requests.Response) -> tuple[bytes, bool]:
        """Read the body, to its end or to the deadline: a server that drips a byte a second is an outage too."""
        give_up_at = time.monotonic() + self._timeouts[1]
        body = bytearray()
        try:
            while chunk := response.raw.read1(_CHUNK):
                body += chunk
                if time.monotonic() > give_up_at or len(body) > _LARGEST_BODY:
                    return bytes(body), False
        except (urllib3.exceptions.HTTPError, OSError):
            return bytes(body), False
        return bytes(body), True


def _never_left(error: Exception) -> bool:
    """Tell whether a request failed before any of it was sent; in doubt it was sent."""
    if isinstance(error, requests.ConnectTimeout | InvalidURL | MissingSchema | InvalidSchema | InvalidHeader):
        return True
    # requests wraps what urllib3 says of a refused connection and of a name that is not found.
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), urllib3.exceptions.NewConnectionError)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Session(requests.Session):
    """A session for which no answer is a redirect: a form with tokens goes where it was sent to, or nowhere."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - The signature is requests'.
        """Find no target, whatever the answer says; requests would parse it even when told not to follow."""
        return


def _retry_after(response: requests.Response, clock: Clock) -> timedelta | None:
    """Read ``Retry-After``, in seconds or as a date (RFC 9110, section 10.2.3); what is neither is as good as none."""
    value = response.headers.get("Retry-After", "")
    if _SECONDS.fullmatch(value):
        return min(timedelta(seconds=int(value)), _LONGEST_RETRY_AFTER)
    moment = _http_date(value)
    if moment is None:
        return None
    # What the server thinks the time is: then it does not matter whether its clock is right.
    now = _http_date(response.headers.get("Date", "")) or clock()
    return min(max(moment - now, timedelta(0)), _LONGEST_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    """Read a date in one of the three forms of RFC 9110, section 5.6.7; all of them are in UTC."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError):
        # The parser is made for e-mail, and some versions of Python stumble over the worst of it.
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
