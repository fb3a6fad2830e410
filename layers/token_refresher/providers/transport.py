"""The connections to providers: a new one for each call, which records whether it was established.

An idle connection may be broken without a sign: the server has closed it, a NAT gateway has dropped it (after 350
seconds), or Lambda has frozen the execution environment, where no clock can measure the time. A reset on such a
connection would not say whether the provider took a refresh token or a code. So no connection is kept:
docs/decisions/0037.

Sources: RFC 9112, section 9.3.1 (a request that is not idempotent, on a connection that closes);
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import ssl
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from token_refresher.base.version import __version__
from token_refresher.providers.addresses import is_private


class PrivateAddressError(ValueError):
    """The name of a server leads into a private network. Nothing was sent."""


class Transport(HTTPAdapter):
    """Makes a new connection for each call, and records whether it was established.

    Args:
        only_public: Whether a server in a private network is refused. What a document or a team's own entry names may
            lead anywhere, and tokens are sent there. A proxy may be private: it decides by itself.

    Attributes:
        has_connected: Whether the connection to the provider was established, including the proxy's tunnel and TLS.
            Without it, nothing of the request was sent.
    """

    def __init__(self, *, only_public: bool = False) -> None:
        self.has_connected = False
        self._only_public = only_public
        # A broken connection must not send a refresh token twice. The next attempt decides what to do.
        super().__init__(max_retries=0)

    def renew(self) -> None:
        """Close all connections, so that the next call makes a new one."""
        self.close()
        self.has_connected = False

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> Any:
        """Return the connection pool for a request. Its connections set `has_connected` when they are established."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **named)
        make = pool.ConnectionCls

        def connection(*arguments: Any, **named: Any) -> Any:
            made = make(*arguments, **named)
            connect = made.connect

            def connecting() -> None:
                connect()
                if self._only_public and made.proxy is None and is_private(made.sock.getpeername()[0]):
                    made.close()
                    raise PrivateAddressError
                self.has_connected = True

            made.connect = connecting
            return made

        pool.ConnectionCls = connection
        return pool

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Add the shared TLS context to the properties of a connection."""
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if verify is True and host["scheme"] == "https":
            tls["ssl_context"] = _tls_context()
        return host, tls

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Verify the certificate like requests, but without reading the trusted certificates again."""
        if verify is True and url.lower().startswith("https"):
            conn.cert_reqs = "CERT_REQUIRED"
        else:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call] # It has no types in the stubs.


class Session(requests.Session):
    """A session that adds no cookies and no authorization, and follows no redirect.

    A form with tokens goes to the URL that it was sent to, or nowhere.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self.mount("https://", transport)
        self.mount("http://", transport)
        # Cookies would link the credentials of different customers, and bind them to a server that may be down.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Without this, requests would replace the Authorization header by an entry of .netrc.
        self.auth = _unchanged
        self.headers.update(
            {
                "Accept": "application/json",
                # In a compressed body it is not visible how much of the JSON was received.
                "Accept-Encoding": "identity",
                # RFC 9112, section 9.6: a client that does not keep connections must say so.
                "Connection": "close",
                "User-Agent": f"token-refresher/{__version__}",
            }
        )

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - The signature is requests'.
        """Return no target for any answer: requests would parse the target even if it does not follow it."""
        return


@cache
def _tls_context() -> ssl.SSLContext:
    """Return a context with requests' certificates. It is shared: reading them takes longer than a handshake."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
