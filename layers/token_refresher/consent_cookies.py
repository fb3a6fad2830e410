"""The cookies that tie a callback to the browser that started it: one for each consent, so that tabs do not collide.

Source: https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis (for the prefix ``__Host-``)
"""

from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from token_refresher.consent import Departure
from token_refresher.consents import LIFETIME, RESULT_LIFETIME
from token_refresher.sensitive import Sensitive


class ConsentCookies:
    """Writes and reads the cookies.

    Args:
        secure: Whether browsers reach us by https.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        # The prefix makes browsers refuse the cookie from anybody but this very host; it needs https.
        self._prefix = "__Host-consent-" if secure else "consent-"

    def of(self, departure: Departure) -> Cookie:
        """Return the cookie that goes along with a departure."""
        return Cookie(
            name=self._prefix + departure.cookie_key,
            value=departure.cookie.reveal(),
            path="/",
            secure=self._secure,
            http_only=True,
            # Lax, for the way back from Microsoft is a navigation from another site.
            same_site=SameSite.LAX_MODE,
            # As long as there may be something to show to this browser, and to no other.
            max_age=int((LIFETIME + RESULT_LIFETIME).total_seconds()),
        )

    def returned(self, event: APIGatewayProxyEventV2, key: str) -> Sensitive:
        """Return the value of the cookie that came back, or an empty one where there is none."""
        # Payload format 2.0 has a field for the cookies; the local stack leaves them in their header.
        cookies = event.cookies or event.headers.get("cookie", "").split(";")
        prefix = f"{self._prefix}{key}="
        return Sensitive(next((item[len(prefix) :] for item in map(str.strip, cookies) if item.startswith(prefix)), ""))
