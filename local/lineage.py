"""What became of each refresh token that a provider issued, by the provider's own journal."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_DELIVERED: Final = "issued"
"""How a request ended whose answer was sent; every other outcome is a refusal, or an answer that a fault kept back."""


def lost_tokens(journal: Iterable[Mapping[str, Any]], current: str) -> list[str]:
    """Return the refresh tokens that were handed to us and are nowhere any more.

    A token that was kept is presented later on, or it is the current one. This tells a loss also where a provider
    leaves the old tokens valid, so that the next refresh covers it up.

    Args:
        journal: What the token endpoint did for one app, in order, with fingerprints.
        current: The fingerprint of the refresh token that pipelines' credential holds now.
    """
    events = list(journal)
    kept = {event["presented"] for event in events} | {current}
    handed_over = [event["issued"] for event in events if event["outcome"] == _DELIVERED and event["issued"]]
    return [token for token in handed_over if token not in kept]
