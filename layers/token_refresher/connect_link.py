"""The link that a person opens to consent: signed, expiring, and dead once it has done its work."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import quote, urlencode

from itsdangerous import BadData, URLSafeSerializer

from token_refresher.clock import Clock
from token_refresher.invite import Invite
from token_refresher.sensitive import Sensitive

_PURPOSE: Final = "token-refresher.invite"
"""The salt: a signature made with the same key for another purpose is no invite."""


_SPELLING = re.compile(r"[A-Za-z0-9_.-]{1,2048}")
"""Of what `itsdangerous` makes; a name of 512 characters makes about 900."""


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
        invite = self.sign(self.invite(credential, consent_generation))
        return f"{self.page(credential)}?{urlencode({'invite': invite})}"

    def page(self, credential: str) -> str:
        """Return the address of a credential's landing page, without an invite."""
        return f"{self._public_url}/connect/{quote(credential, safe='/')}"

    def invite(self, credential: str, consent_generation: str) -> Invite:
        """Return a new invite, with a life of full length."""
        now = self._clock()
        return Invite(credential, consent_generation, now, now + self._lifetime)

    def sign(self, invite: Invite) -> str:
        """Return an invite as a link carries it."""
        return str(self._serializer().dumps(invite.to_document()))

    def read(self, credential: str, invite: str) -> Invite:
        """Read an invite, expired or not.

        Raises:
            InvalidInviteError: It does not hold for this credential.
        """
        # Base64 reads past what is none of its letters, so that one invite would have many spellings.
        if not _SPELLING.fullmatch(invite):
            raise InvalidInviteError
        try:
            read = Invite.from_document(self._serializer().loads(invite))
        except (BadData, ValueError, TypeError, LookupError):
            raise InvalidInviteError from None
        if read.credential != credential:
            raise InvalidInviteError
        return read

    def _serializer(self) -> URLSafeSerializer:
        keys = [key.reveal() for key in self._keys()]
        # HMAC-SHA-1, the library's own choice, would still hold; nobody should have to know that.
        return URLSafeSerializer(keys, salt=_PURPOSE, signer_kwargs={"digest_method": hashlib.sha256})
