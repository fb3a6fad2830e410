"""Connect links: a person opens one to consent. A link is signed, expires, and works for one consent."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import quote, urlencode

from itsdangerous import BadData, URLSafeSerializer

from token_refresher.base.clock import Clock
from token_refresher.base.sensitive import Sensitive
from token_refresher.invites.invite import Invite

_PURPOSE: Final = "token-refresher.invite"
"""The salt. It makes a signature with the same key for another purpose invalid."""

_SPELLING = re.compile(r"[A-Za-z0-9_.-]{1,2048}")
"""The alphabet of `itsdangerous`. The invite for a name of 512 characters has about 900."""


class InvalidInviteError(Exception):
    """The invite has no valid signature, or is for another credential."""


class ConnectLinks:
    """Makes and reads connect links.

    Args:
        keys: Returns the signing keys, the oldest first. The last one signs, and all of them are accepted.
        public_url: The URL where browsers reach the callback function.
        lifetime: How long a link works.
        clock: Returns the current time.
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
        """Return the URL of a credential's landing page, without an invite."""
        return f"{self._public_url}/connect/{quote(credential, safe='/')}"

    def invite(self, credential: str, consent_generation: str) -> Invite:
        """Return a new invite with the full lifetime."""
        now = self._clock()
        return Invite(credential, consent_generation, now, now + self._lifetime)

    def sign(self, invite: Invite) -> str:
        """Return an invite as the signed text in a link."""
        return str(self._serializer().dumps(invite.to_document()))

    def read(self, credential: str, invite: str) -> Invite:
        """Read an invite, even if it has expired.

        Raises:
            InvalidInviteError: The invite is not valid for this credential.
        """
        # The base64 decoder ignores characters outside its alphabet, so one invite would have many spellings.
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
        # The library's default, HMAC-SHA-1, is still secure, but readers should not have to know that.
        return URLSafeSerializer(keys, salt=_PURPOSE, signer_kwargs={"digest_method": hashlib.sha256})
