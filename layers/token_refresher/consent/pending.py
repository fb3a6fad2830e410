"""A pending consent: from the button on the landing page to the callback, ten minutes at most."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import Words
from token_refresher.consent.result import ConsentResult
from token_refresher.invites.invite import Invite

LIFETIME: Final = timedelta(minutes=10)
"""The lifetime of Microsoft's authorization code (entra-docs: v2-oauth2-auth-code-flow)."""

RESULT_LIFETIME: Final = timedelta(hours=1)
"""How long the result is kept for the back button and the double click."""

_KEY_LENGTH: Final = 16
"""Hexadecimal digits: 64 bits are enough to tell the consents of one browser apart."""

_ENTROPY_BYTES: Final = 32
"""256 bits; as a PKCE verifier 43 characters, the minimum of RFC 7636, section 4.1."""


def cookie_key(state_digest: str) -> str:
    """Return the part of the cookie name that differs for each consent, so that two tabs do not share a cookie."""
    return state_digest[:_KEY_LENGTH]


def digest(secret: Sensitive) -> str:
    """Return the SHA-256 of a state or a cookie. The table holds only this, so its content cannot be replayed."""
    return secret.digest


@dataclass(frozen=True)
class PendingConsent:
    """The facts of a consent that the callback needs.

    Attributes:
        state_digest: The digest of the ``state`` parameter (RFC 6749, section 10.12).
        cookie_digest: The digest of the cookie that ties the callback to the browser of the landing page.
        invite: The invite that it began with; a new start uses the same invite.
        verifier: The PKCE verifier (RFC 7636).
        nonce: The nonce that the ID token must repeat (OpenID Connect Core 1.0, section 3.1.2.1).
        expires_at: When the consent can no longer be finished.
        accepted_person: The person who has confirmed to take over from the last one, or empty.
        redirect_uri: The redirect URI of the authorization request; empty if an earlier version began it.
        words: How pages name the provider; ``None`` if an earlier version began it.
    """

    state_digest: str
    cookie_digest: str
    invite: Invite
    verifier: Sensitive
    nonce: str
    expires_at: datetime
    accepted_person: str = ""
    redirect_uri: str = ""
    words: Words | None = None

    @classmethod
    def begin(
        cls, invite: Invite, accepted_person: str, now: datetime, redirect_uri: str = "", words: Words | None = None
    ) -> tuple[Self, Sensitive, Sensitive]:
        """Begin a consent with new random secrets.

        Returns:
            The pending consent, the state for the provider, and the cookie for the browser.
        """
        state, cookie, verifier = (Sensitive(secrets.token_urlsafe(_ENTROPY_BYTES)) for _ in range(3))
        nonce = secrets.token_urlsafe(_ENTROPY_BYTES)
        expires_at = now + LIFETIME
        facts = (verifier, nonce, expires_at, accepted_person, redirect_uri, words)
        return cls(digest(state), digest(cookie), invite, *facts), state, cookie

    @property
    def credential(self) -> str:
        """The credential's name."""
        return self.invite.credential

    @property
    def code_challenge(self) -> str:
        """The S256 challenge of the verifier (RFC 7636, section 4.2)."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.reveal().encode()).digest()).rstrip(b"=").decode()


class ForeignBrowserError(Exception):
    """The consent was started in another browser."""


class PendingConsents(Protocol):
    """The port to the table of pending consents, and of the results of the last hour."""

    def start(self, consent: PendingConsent) -> None:
        """Store a pending consent."""
        ...

    def take(self, state_digest: str, cookie_digest: str, now: datetime) -> PendingConsent | None:
        """Return a pending consent and delete it in one step, so that it is taken once; ``None`` if there is none.

        Raises:
            ForeignBrowserError: It was started in another browser. It is not deleted.
        """
        ...

    def remember(self, consent: PendingConsent, result: ConsentResult, now: datetime) -> None:
        """Store the result of a consent, final or not, for the browser that started it; it replaces the one before."""
        ...

    def result(self, state_digest: str, cookie_digest: str, now: datetime) -> ConsentResult | None:
        """Return the result of a consent, or ``None`` if there is none.

        Raises:
            ForeignBrowserError: It was started in another browser.
        """
        ...
