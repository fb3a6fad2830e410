"""Finds lost refresh tokens by the provider's own journal."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_DELIVERED: Final = "issued"
"""The outcome of a request whose answer was sent. Every other outcome is a refusal, or a fault kept the answer back."""


def lost_tokens(journal: Iterable[Mapping[str, Any]], current: str) -> list[str]:
    """Return the refresh tokens that the provider delivered and that are no longer stored.

    A stored token is presented later, or it is the current one. This finds a loss even if the provider accepts older
    tokens, so that the next refresh succeeds and hides it.

    Args:
        journal: The token requests of one app, in order, with fingerprints.
        current: The fingerprint of the refresh token in the credential now.
    """
    events = list(journal)
    kept = {event["presented"] for event in events} | {current}
    delivered = [event["issued"] for event in events if event["outcome"] == _DELIVERED and event["issued"]]
    return [token for token in delivered if token not in kept]
