"""The link that a person opens to consent: signed, expiring, and dead once it has done its work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from itsdangerous import BadData, URLSafeSerializer

from token_refresher.clock import Clock, from_rfc3339, to_rfc3339
from token_refresher.sensitive import Sensitive

_PURPOSE: Final = "token-refresher.invite"
"""The salt: a signature made with the same key for another purpose is no invite."""


@dataclass(frozen=True)
class Invite:
    """What a link carries: for which credential, for which of its consents, and until when.

    ``consent_generation`` is what the credential had when the link was made: after a consent it has another, and the
    link has done its work.
    """

    credential: str
    consent_generation: str
    expires_at: datetime


class InvalidInviteError(Exception):
    """The invite was not signed by us, or was altered, or is for another credential."""


class ConnectLinks:
    """Makes and reads the links.

    Args:
        keys: Returns the signing keys, oldest first: the last one signs, all of them are accepted.
        public_url: Where browsers reach the callback function.
        lifetime: How long a link works.
        clock: Says what time it is.
    """

    def __init__(
        self, keys: Callable[[], Sequence[Sensitive]], public_url: str, lifetime: timedelta, clock: Clock
    ) -> None:
        self._keys = keys
        self._public_url = public_url.rstrip("/")
        self._lifetime = lifetime
        self._clock = clock

    def make(self, credential: str, consent_generation: str) -> str:
        """Return a new link for a credential."""
        return f"{self.page(credential)}?{urlencode({'invite': self.sign(credential, consent_generation)})}"

    def page(self, credential: str) -> str:
        """Return the address of a credential's landing page, without an invite."""
        return f"{self._public_url}/connect/{quote(credential, safe='/')}"

    def sign(self, credential: str, consent_generation: str) -> str:
        """Return the invite of a new link."""
        expires_at = self._clock() + self._lifetime
        return str(self._serializer().dumps([credential, consent_generation, to_rfc3339(expires_at)]))

    def read(self, credential: str, invite: str) -> Invite:
        """Read an invite, expired or not.

        Raises:
            InvalidInviteError: It does not hold for this credential.
        """
        try:
            signed_for, generation, expires_at = self._serializer().loads(invite)
        except (BadData, ValueError, TypeError):
            raise InvalidInviteError from None
        if signed_for != credential:
            raise InvalidInviteError
        return Invite(credential, generation, from_rfc3339(expires_at))

    def has_expired(self, invite: Invite) -> bool:
        """Tell whether the time of an invite is over."""
        return self._clock() >= invite.expires_at

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer([key.reveal() for key in self._keys()], salt=_PURPOSE)
