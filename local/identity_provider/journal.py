"""The requests of each app, in order: outcomes and fingerprints, never a token, code or secret."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime


def rfc3339(at: datetime) -> str:
    """Return an aware UTC time as RFC 3339 with a Z."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


@dataclass(frozen=True)
class Event:
    """One token request. Fingerprints are the first 12 hex digits of SHA-256."""

    at: str
    grant_type: str | None
    outcome: str
    presented: str | None = None
    issued: str | None = None
    access_token: str | None = None

    def with_outcome(self, outcome: str) -> Event:
        """Return the event with its outcome."""
        return replace(self, outcome=outcome)


ASKED = "asked"
"""The outcome of an authorize request that showed the account chooser."""

SIGNED_IN = "signed_in"
"""The outcome of an authorize request that redirected a code to the app."""


@dataclass(frozen=True)
class Authorization:
    """One authorize request: its parameters, its outcome, and the account that was chosen."""

    at: str
    scope: str | None
    prompt: str | None
    login_hint: str | None
    claims: str | None
    outcome: str = ASKED
    account: str | None = None


E = TypeVar("E", Event, Authorization)


class Journal(Generic[E]):
    """The events of each app."""

    def __init__(self) -> None:
        self._events: dict[str, list[E]] = defaultdict(list)

    def add(self, client_id: str, event: E) -> None:
        """Append an event."""
        self._events[client_id].append(event)

    def of(self, client_id: str) -> list[dict[str, str | None]]:
        """Return the events of an app in order, as JSON objects."""
        return [asdict(event) for event in self._events.get(client_id, [])]
