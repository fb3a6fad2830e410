"""A consent under way: between the button on the landing page and the callback, ten minutes at most."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

from token_refresher.consent_result import ConsentResult
from token_refresher.invite import Invite
from token_refresher.sensitive import Sensitive

LIFETIME: Final = timedelta(minutes=10)
"""As long as Microsoft's authorization code lives (entra-docs: v2-oauth2-auth-code-flow)."""

RESULT_LIFETIME: Final = timedelta(hours=1)
"""For the back button and the double click: who comes later than that starts again."""

_KEY_LENGTH: Final = 16
"""Hexadecimal digits: 64 bits are enough to tell the consents of one browser apart."""

_ENTROPY_BYTES: Final = 32
"""256 bits; as a PKCE verifier 43 characters, the least that RFC 7636, section 4.1, allows."""


def cookie_key(state_digest: str) -> str:
    """Return what the cookie of a consent has in its name: several tabs of one browser are not to share one."""
    return state_digest[:_KEY_LENGTH]


def digest(secret: Sensitive) -> str:
    """Return the SHA-256 under which a state or a cookie is known: the table cannot be used to replay either."""
    return secret.digest


@dataclass(frozen=True)
class StartedConsent:
    """What has to be remembered until the callback.

    Attributes:
        state_digest: Of the ``state`` parameter (RFC 6749, section 10.12).
        cookie_digest: Of the cookie that ties the callback to the browser that pressed the button.
        invite: What it began with: a fresh start goes no further than that.
        verifier: The PKCE verifier (RFC 7636).
        nonce: What the ID token must repeat (OpenID Connect Core 1.0, section 3.1.2.1).
        expires_at: When it is too late.
        accepted_person: The person who may take over from the last one, where that was agreed to; else empty.
    """

    state_digest: str
    cookie_digest: str
    invite: Invite
    verifier: Sensitive
    nonce: str
    expires_at: datetime
    accepted_person: str = ""

    @classmethod
    def begin(cls, invite: Invite, accepted_person: str, now: datetime) -> tuple[Self, Sensitive, Sensitive]:
        """Draw the secrets of a new consent.

        Returns:
            What to remember, the state for Microsoft, and the cookie for the browser.
        """
        state, cookie, verifier = (Sensitive(secrets.token_urlsafe(_ENTROPY_BYTES)) for _ in range(3))
        nonce = secrets.token_urlsafe(_ENTROPY_BYTES)
        started = cls(digest(state), digest(cookie), invite, verifier, nonce, now + LIFETIME, accepted_person)
        return started, state, cookie

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


class Consents(Protocol):
    """The consents under way, and the results of those that ended within the hour."""

    def start(self, consent: StartedConsent) -> None:
        """Remember a consent."""
        ...

    def take(self, state_digest: str, cookie_digest: str, now: datetime) -> StartedConsent | None:
        """Return a consent and forget it, in one step, so that it is taken once; ``None`` when there is none.

        Raises:
            ForeignBrowserError: It was started in another browser. It stays.
        """
        ...

    def remember(self, consent: StartedConsent, result: ConsentResult, now: datetime) -> None:
        """Remember how a consent stands or ended, for the browser that started it, over what was remembered before."""
        ...

    def result(self, state_digest: str, cookie_digest: str, now: datetime) -> ConsentResult | None:
        """Return how a consent ended, or ``None`` when that is unknown.

        Raises:
            ForeignBrowserError: It was started in another browser.
        """
        ...
