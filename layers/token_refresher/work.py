"""The message in the refresh queue: one credential, by name."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from token_refresher.clock import from_rfc3339, to_rfc3339
from token_refresher.errors import MalformedMessageError
from token_refresher.registry_entry import RegistryEntry


@dataclass(frozen=True)
class RefreshRequest:
    """A request to look at one credential.

    Attributes:
        credential: Its name, without the prefix.
        version_id: The version that made it due.
        due_at: Since when it is due. With the version it tells one planned action from the next.
        escrowed: Whether tokens of it are in escrow.
    """

    credential: str
    version_id: str
    due_at: datetime
    escrowed: bool = False

    @classmethod
    def for_entry(cls, entry: RegistryEntry, now: datetime) -> Self:
        """Return the request for an entry that is due."""
        return cls(entry.name, entry.version_id, entry.next_action_at or now)

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
        return cls(credential, version_id, due_at, escrowed=fields.get("escrowed") is True)

    def dump(self) -> str:
        """Write the body of a queue message."""
        body: dict[str, str | bool] = {
            "credential": self.credential,
            "version_id": self.version_id,
            "due_at": to_rfc3339(self.due_at),
        }
        return json.dumps(body | ({"escrowed": True} if self.escrowed else {}))


class RefreshQueue(Protocol):
    """Where dispatch puts what is due."""

    def send(self, requests: list[RefreshRequest]) -> None:
        """Enqueue requests, in their order; one that is in the queue already is not put there again."""
        ...
