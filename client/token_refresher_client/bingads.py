"""Gives the token to `bingads`, the SDK of Microsoft Advertising.

    >>> from bingads.service_client import ServiceClient  # doctest: +SKIP
    >>> service = ServiceClient("CustomerManagementService", 13, authorization_data(reader))  # doctest: +SKIP

The SDK knows how to refresh: when it is refused with code 109, it asks its authentication for another token. Here that
reads the secret again. Nothing asks Microsoft for a token, for there is no refresh token to ask with.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bingads.authorization import AuthorizationData, OAuthTokens, OAuthWithAuthorizationCode

from token_refresher_client.reader import TokenReader

if TYPE_CHECKING:
    from token_refresher_client.document import Token


class TokenReaderAuthentication(OAuthWithAuthorizationCode):  # type: ignore[misc]
    """An ``Authentication`` of the SDK that puts the newest token into the headers of each call.

    It is an ``OAuthWithAuthorizationCode``, because the SDK tries again after code 109 with no other kind.

    Args:
        reader: Where the token comes from.
        min_remaining: How much time the token has to have left when a call begins; the reader's default if absent.
    """

    def __init__(self, reader: TokenReader, min_remaining: timedelta | None = None) -> None:
        super().__init__(client_id="", client_secret=None, redirection_uri="")
        self._reader = reader
        self._min_remaining = min_remaining
        self._sent: Token | None = None

    def enrich_headers(self, headers: dict[str, Any]) -> None:
        """Set the header ``AuthenticationToken``; the SDK calls this before each call and each upload.

        Raises:
            TokenReaderError: There is no fresh token.
        """
        token = self._sent = self._reader.token(self._min_remaining)
        headers["AuthenticationToken"] = token.access_token

    @property
    def oauth_tokens(self) -> OAuthTokens:
        """The token as the SDK knows it: without a refresh token, and with its remaining seconds as a number."""
        token = self._reader.token(self._min_remaining)
        return OAuthTokens(token.access_token, int(self._reader.remaining(token).total_seconds()), None)

    def request_oauth_tokens_by_refresh_token(self, refresh_token: str | None = None) -> OAuthTokens:  # noqa: ARG002 - Of the SDK.
        """Read the secret again, in place of asking Microsoft; the SDK calls this after code 109."""
        if self._sent is not None:
            self._reader.renewed(self._sent, self._min_remaining)
        return self.oauth_tokens


def authorization_data(reader: TokenReader, **different: str) -> AuthorizationData:
    """Return the SDK's ``AuthorizationData`` with the account of the credential.

    Args:
        reader: Where the token and the account come from.
        different: ``account_id``, ``customer_id`` or ``developer_token``, where it is not that of the secret.

    Raises:
        ValueError: One of the three is nowhere. The SDK would send the text ``None``.
        TokenReaderError: There is no fresh token.
    """
    account = reader.token().account
    values = {
        "account_id": account.account_id,
        "customer_id": account.customer_id,
        "developer_token": account.developer_token,
    }
    values |= different
    missing = [key for key, value in values.items() if not value]
    if missing:
        raise ValueError(f"{reader.secret_id} has no {', '.join(missing)}: say what to use, as an argument")
    return AuthorizationData(**values, authentication=TokenReaderAuthentication(reader))
