"""The cookies that tie a callback to the browser that started it: one for each consent, so that tabs do not conflict.

Source: https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis (for the prefix ``__Host-``)
"""

from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.pending import LIFETIME, RESULT_LIFETIME
from token_refresher.consent.service import AuthorizationRedirect


class ConsentCookies:
    """Writes and reads the cookies.

    Args:
        secure: Whether browsers use https.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        # With this prefix browsers take the cookie from this host only; it needs https.
        self._prefix = "__Host-consent-" if secure else "consent-"

    def of(self, redirect: AuthorizationRedirect) -> Cookie:
        """Return the cookie of a redirect to the provider."""
        return Cookie(
            name=self._prefix + redirect.cookie_key,
            value=redirect.cookie.reveal(),
            path="/",
            secure=self._secure,
            http_only=True,
            # Lax, because the return from the provider is a navigation from another site.
            same_site=SameSite.LAX_MODE,
            # As long as there may be a result to show to this browser.
            max_age=int((LIFETIME + RESULT_LIFETIME).total_seconds()),
        )

    def returned(self, event: APIGatewayProxyEventV2, key: str) -> Sensitive:
        """Return the value of the cookie that the browser sent, or an empty one."""
        # Payload format 2.0 has a field for the cookies; the local stack leaves them in their header.
        cookies = event.cookies or event.headers.get("cookie", "").split(";")
        prefix = f"{self._prefix}{key}="
        return Sensitive(next((item[len(prefix) :] for item in map(str.strip, cookies) if item.startswith(prefix)), ""))
