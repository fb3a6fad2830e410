"""The keys that sign connect links. They are in a secret of their own and can be rotated while functions run."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import ConfigurationError
from token_refresher.base.sensitive import Sensitive

_LIFETIME: Final = timedelta(minutes=1)
"""How long a function uses the keys that it has read: a mail with a link of a new key needs about as long."""


class SigningKeys:
    """The signing keys, which are read again after a minute.

    Args:
        read: Returns the document with the keys.
        clock: Returns the current time.
    """

    def __init__(self, read: Callable[[], str], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._keys: list[Sensitive] = []
        self._read_at: datetime | None = None

    def __call__(self) -> list[Sensitive]:
        """Return the keys, the oldest first.

        Raises:
            ConfigurationError: The secret is not such a document.
        """
        now = self._clock()
        if self._read_at is None or now >= self._read_at + _LIFETIME:
            self._keys, self._read_at = parse_signing_keys(self._read()), now
        return self._keys


def parse_signing_keys(document: str) -> list[Sensitive]:
    """Read the keys from ``{"key": newest, "previous": [oldest, …, older]}``, and return them with the oldest first.

    Raises:
        ConfigurationError: The text is not such a document.
    """
    try:
        fields = json.loads(document)
        previous, newest = fields.get("previous", []), fields["key"]
    except (ValueError, KeyError, TypeError, AttributeError):
        previous, newest = None, None
    # A text instead of a list would be split into letters, and each letter would be a key that is easy to guess.
    keys: list[Any] = [*previous, newest] if isinstance(previous, list) else [None]
    if not all(isinstance(key, str) and key for key in keys):
        raise ConfigurationError('The invite-signing secret must be {"key": "…", "previous": ["…"]}')
    return [Sensitive(key) for key in keys]
