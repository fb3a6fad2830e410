"""Asks a provider whether an access token works: one GET, as its entry of the catalogue names it (``access_check``)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from token_refresher.base.errors import ProviderError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.account import AccountAccess
from token_refresher.providers.http import HttpClient

_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
"""RFC 6750, section 3.1: the token is not valid, or not enough."""


@dataclass(frozen=True)
class TokenAnswer:
    """What a provider says about an access token.

    Attributes:
        access: Whether the token works.
        status: The HTTP status of the answer; ``None`` without an answer.
    """

    access: AccountAccess
    status: int | None = None


def check_access(http: HttpClient, url: str, access_token: Sensitive) -> TokenAnswer:
    """Ask whether an access token works. The body of the answer is not read: it may be about a person.

    Args:
        http: The client for the call.
        url: The page that the token opens.
        access_token: The token, which is sent as RFC 6750, section 2.1, says.
    """
    try:
        answer = http.get(url, {"Authorization": f"Bearer {access_token.reveal()}"})
    except ProviderError:
        return TokenAnswer(AccountAccess.UNVERIFIED)
    if answer.status == HTTPStatus.OK:
        return TokenAnswer(AccountAccess.REACHABLE, answer.status)
    access = AccountAccess.REFUSED if answer.status in _REFUSED else AccountAccess.UNVERIFIED
    return TokenAnswer(access, answer.status)
