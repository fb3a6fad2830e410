"""The keys that sign connect links: in a secret of their own, to be rotated while functions run."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from token_refresher.clock import Clock
from token_refresher.errors import ConfigurationError
from token_refresher.sensitive import Sensitive

_LIFETIME: Final = timedelta(minutes=1)
"""How long a function goes on with the keys it read: a mail with a link of a new key takes about as long."""


class SigningKeys:
    """The keys, read again once a minute.

    Args:
        read: Returns the document with the keys.
        clock: Says what time it is.
    """

    def __init__(self, read: Callable[[], str], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._keys: list[Sensitive] = []
        self._read_at: datetime | None = None

    def __call__(self) -> list[Sensitive]:
        """Return the keys, oldest first.

        Raises:
            ConfigurationError: The secret holds no such document.
        """
        now = self._clock()
        if self._read_at is None or now >= self._read_at + _LIFETIME:
            self._keys, self._read_at = parse_signing_keys(self._read()), now
        return self._keys


def parse_signing_keys(document: str) -> list[Sensitive]:
    """Read the keys of the invite-signing secret, oldest first: ``{"key": newest, "previous": [older, …]}``.

    Raises:
        ConfigurationError: The secret holds no such document.
    """
    try:
        fields = json.loads(document)
        previous, newest = fields.get("previous", []), fields["key"]
    except (ValueError, KeyError, TypeError, AttributeError):
        previous, newest = None, None
    # A text would be taken apart into its letters, each of them a key that anybody can guess.
    keys: list[Any] = [*previous, newest] if isinstance(previous, list) else [None]
    if not all(isinstance(key, str) and key for key in keys):
        raise ConfigurationError('The invite-signing secret must be {"key": "…", "previous": ["…"]}')
    return [Sensitive(key) for key in keys]
