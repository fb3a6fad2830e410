"""The message in the refresh queue: one credential, by name."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, Self

from token_refresher.clock import from_rfc3339, to_rfc3339
from token_refresher.errors import MalformedMessageError
from token_refresher.registry_entry import RegistryEntry

_REQUEST_ID: Final = re.compile(r"[!-~]{1,64}")
"""It is logged and recorded; whatever else stands there was drawn by nobody."""


@dataclass(frozen=True)
class RefreshRequest:
    """A request to look at one credential.

    Attributes:
        credential: Its name, without the prefix.
        version_id: The version that made it due.
        due_at: Since when it is due. With the version it tells one planned action from the next.
        escrowed: Whether tokens of it are in escrow.
        request_id: Drawn for a refresh that somebody asked for: it is made even if it is not due, and answered in the
            registry. Empty where dispatch asks.
    """

    credential: str
    version_id: str
    due_at: datetime
    escrowed: bool = False
    request_id: str = ""

    @classmethod
    def for_entry(cls, entry: RegistryEntry, now: datetime) -> Self:
        """Return the request for an entry that is due."""
        return cls(entry.name, entry.version_id, entry.next_action_at or now)

    @classmethod
    def on_demand(cls, credential: str, version_id: str, now: datetime) -> Self:
        """Return a request that an operator makes; no two of them are the same message to the queue."""
        return cls(credential, version_id, now, request_id=secrets.token_hex(8))

    @classmethod
    def parse(cls, body: str) -> Self:
        """Read the body of a queue message.

        Raises:
            MalformedMessageError: It is not one that dispatch sends.
        """
        try:
            fields = json.loads(body)
            credential, version_id = fields["credential"], fields["version_id"]
            due_at = from_rfc3339(fields["due_at"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise MalformedMessageError(f"not a refresh request ({type(error).__name__})") from None
        if not (isinstance(credential, str) and credential and isinstance(version_id, str)):
            raise MalformedMessageError("not a refresh request (credential and version_id must be texts)")
        escrowed, request_id = fields.get("escrowed") is True, _request_id(fields.get("request_id"))
        return cls(credential, version_id, due_at, escrowed=escrowed, request_id=request_id)

    def dump(self) -> str:
        """Write the body of a queue message."""
        body: dict[str, str | bool] = {
            "credential": self.credential,
            "version_id": self.version_id,
            "due_at": to_rfc3339(self.due_at),
        }
        body |= {"escrowed": True} if self.escrowed else {}
        body |= {"request_id": self.request_id} if self.request_id else {}
        return json.dumps(body)


def _request_id(value: Any) -> str:
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else ""


class RefreshQueue(Protocol):
    """Where dispatch puts what is due."""

    def send(self, requests: list[RefreshRequest]) -> None:
        """Enqueue requests, in their order; one that is in the queue already is not put there again."""
        ...
