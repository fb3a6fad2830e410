"""Translate an exception of the HTTP libraries into facts: the reason, and whether anything was sent.

Only types and the numbers of the system and of OpenSSL are used: texts change, and may quote the request. The one
exception is the status of a proxy that refuses ``CONNECT``, which http.client puts only into a text.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import requests
import urllib3

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.providers.transport import PrivateAddressError

_TUNNEL = re.compile(r"Tunnel connection failed: ([1-9][0-9]{2})\b")
_PROXY_WANTS_SIGN_IN: Final = 407

_BY_VERIFY_CODE: Final = {
    9: Reason.CERTIFICATE_NOT_YET_VALID,
    10: Reason.CERTIFICATE_EXPIRED,
    62: Reason.CERTIFICATE_OF_ANOTHER_HOST,
    64: Reason.CERTIFICATE_OF_ANOTHER_HOST,
}
"""Some ``X509_V_ERR_*`` codes of OpenSSL. All others mean that no trusted certificate has signed this one.

Source: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
"""

_Types = tuple[type[BaseException], ...]

_ENDED: Final[_Types] = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
_TOO_LATE: Final[_Types] = (TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout)
_ADDRESS: Final[_Types] = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
)
_HEADER: Final[_Types] = (requests.exceptions.InvalidHeader, UnicodeEncodeError)

_NOT_SENT: Final[tuple[tuple[_Types, Reason], ...]] = (
    ((PrivateAddressError,), Reason.ADDRESS_PRIVATE),
    (_HEADER, Reason.HEADER_UNUSABLE),
    (_ADDRESS, Reason.ADDRESS_UNUSABLE),
    ((urllib3.exceptions.ProxyError, requests.exceptions.ProxyError), Reason.PROXY_UNREACHABLE),
    ((socket.gaierror,), Reason.NAME_NOT_RESOLVED),
    ((urllib3.util.ssl_match_hostname.CertificateError,), Reason.CERTIFICATE_OF_ANOTHER_HOST),
    ((ConnectionRefusedError,), Reason.CONNECTION_REFUSED),
    (_TOO_LATE, Reason.CONNECT_TIMEOUT),
    (_ENDED, Reason.CONNECTION_RESET),
    ((ssl.SSLError,), Reason.TLS_FAILED),
)
_SENT: Final[tuple[tuple[_Types, Reason], ...]] = (
    (_TOO_LATE, Reason.READ_TIMEOUT),
    (_ENDED, Reason.CONNECTION_RESET),
    ((ssl.SSLError,), Reason.TLS_FAILED),
    ((http.client.HTTPException, ValueError), Reason.NO_HTTP),
)
"""The reasons by the types of an exception or of one inside it. The first that matches applies."""


def transport_failure(error: Exception, *, has_connected: bool) -> ProviderFailure:
    """Return the facts of a call that raised an exception.

    Args:
        error: The exception of requests, urllib3, http.client, ssl or the system.
        has_connected: Whether the connection to the provider was established.
    """
    found = list(_within(error))
    if has_connected and not any(isinstance(one, _HEADER) for one in found):
        return ProviderFailure(FailureKind.NO_ANSWER, reason=_first(found, _SENT) or Reason.CONNECTION_RESET)
    status = next(filter(None, map(_refusal_of_a_tunnel, found)), None)
    if status is not None:
        reason = Reason.PROXY_WANTS_SIGN_IN if status == _PROXY_WANTS_SIGN_IN else Reason.PROXY_REFUSED
        return ProviderFailure(FailureKind.NOT_SENT, status, reason=reason)
    return ProviderFailure(FailureKind.NOT_SENT, reason=_unsent(error, found))


def _unsent(error: Exception, found: list[BaseException]) -> Reason:
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        # Raised before any connection: requests and ssl wrap every exception of a connection.
        return Reason.TRUSTED_CERTIFICATES_UNREADABLE
    refused = next((one for one in found if isinstance(one, ssl.SSLCertVerificationError)), None)
    if refused is not None and not any(isinstance(one, urllib3.exceptions.ProxyError) for one in found):
        return _BY_VERIFY_CODE.get(refused.verify_code, Reason.CERTIFICATE_NOT_TRUSTED)
    # In urllib3 a NewConnectionError is a timeout by type. The exception that it wraps is more precise.
    telling = [one for one in found if not isinstance(one, urllib3.exceptions.NewConnectionError)]
    return _first(telling, _NOT_SENT) or Reason.UNREACHABLE


def _first(found: list[BaseException], table: tuple[tuple[_Types, Reason], ...]) -> Reason | None:
    return next((reason for types, reason in table if any(isinstance(one, types) for one in found)), None)


def _refusal_of_a_tunnel(error: BaseException) -> int | None:
    # Errors of the system have a number. This one of http.client is an OSError with only a text.
    status = _TUNNEL.match(str(error)) if type(error) is OSError and error.errno is None else None
    return int(status[1]) if status else None


def _within(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all exceptions inside it: requests wraps urllib3's, which wrap the system's."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
