"""The type that a token travels in: it can be compared and fingerprinted, and never prints itself."""

import hashlib
import hmac
from typing import Final

_FINGERPRINT_CHARACTERS: Final = 12
"""Twelve hex digits: enough to follow a lineage by eye, far too few to search for a token with."""


class Sensitive:
    """A token, a secret or a code, whose ``repr`` and ``str`` are redacted.

    There is no implicit way to the text: ``reveal`` is called where it goes to Microsoft or into Secrets Manager,
    and nowhere else.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the SHA-256: what stands in for the token in logs and in the registry."""
        return self.digest[:_FINGERPRINT_CHARACTERS]

    @property
    def digest(self) -> str:
        """The SHA-256, as 64 hex digits."""
        return hashlib.sha256(self._bytes()).hexdigest()

    def _bytes(self) -> bytes:
        # JSON can hold half a surrogate pair, which UTF-8 cannot; a broken token must not break more than itself.
        return self._text.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return f"Sensitive({self.fingerprint})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sensitive):
            return NotImplemented
        return hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash(self._text)
