"""How a client proves to the token endpoint who it is, for providers that say which methods they accept.

Sources: RFC 6749, section 2.3; RFC 7523, section 2.2
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from local.identity_provider import assertion, errors
from token_refresher.providers.catalogue.entry import AuthMethod

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from local.identity_provider.records import App
    from local.identity_provider.token_request import TokenRequest


def authenticate(sent: TokenRequest, app: App, accepted: Collection[AuthMethod], now: datetime) -> None:
    """Check the proof of a client.

    Raises:
        RefusedError: The method is none that the provider accepts from this app, or the proof is wrong.
    """
    method = _method(sent)
    if method not in accepted or app.is_public is not (method is AuthMethod.NONE):
        raise errors.RefusedError(errors.CLIENT_REFUSED)
    match method:
        case AuthMethod.NONE:
            return
        case AuthMethod.PRIVATE_KEY_JWT:
            if not assertion.is_valid(sent, app, now):
                raise errors.RefusedError(errors.CLIENT_REFUSED)
        case _:
            _check_secret(sent.client_secret or "", app)


def _method(sent: TokenRequest) -> AuthMethod:
    if sent.optional("client_assertion"):
        return AuthMethod.PRIVATE_KEY_JWT
    if sent.is_basic:
        return AuthMethod.BASIC
    return AuthMethod.POST if sent.client_secret else AuthMethod.NONE


def _check_secret(secret: str, app: App) -> None:
    valid = filter(None, (app.client_secret, app.newer_client_secret))
    if not any(hmac.compare_digest(secret.encode(), one.encode()) for one in valid):
        raise errors.RefusedError(errors.WRONG_SECRET, client_id=app.client_id)
