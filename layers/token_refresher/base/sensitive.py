"""The type for tokens and secrets: code can compare and fingerprint them, but nothing prints them."""

import hashlib
import hmac
from typing import Final

_FINGERPRINT_CHARACTERS: Final = 12
"""Twelve hex digits are enough to follow a token family by eye, and far too few to find a token from them."""


class Sensitive:
    """A token, a secret or a code, whose ``repr`` and ``str`` are redacted.

    Nothing reads the text implicitly. Only code that sends it to Microsoft or to Secrets Manager calls ``reveal``.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the SHA-256. Logs and the registry have it instead of the token."""
        return self.digest[:_FINGERPRINT_CHARACTERS]

    @property
    def digest(self) -> str:
        """The SHA-256, as 64 hex digits."""
        return hashlib.sha256(self._bytes()).hexdigest()

    def _bytes(self) -> bytes:
        # JSON can contain half a surrogate pair, which UTF-8 cannot encode. A broken token must not raise here.
        return self._text.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return f"Sensitive({self.fingerprint})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sensitive):
            return NotImplemented
        return hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash(self._text)
