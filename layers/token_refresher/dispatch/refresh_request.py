"""The message in the refresh queue: a request to refresh one credential."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, Self

from token_refresher.base.clock import from_rfc3339, to_rfc3339
from token_refresher.base.errors import MalformedMessageError
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.summary import DueEntry

_REQUEST_ID: Final = re.compile(r"[!-~]{1,64}")
"""The form of a request id. The id is logged and stored in the registry, so nothing else is accepted as one."""


@dataclass(frozen=True)
class RefreshRequest:
    """A request for an attempt at one credential.

    Attributes:
        credential: Its name, without the prefix.
        version_id: The version that made it due.
        due_at: The time at which it became due.
        escrowed: Whether it has tokens in escrow.
        request_id: A random id of a refresh on demand, which is made even if the credential is not due, and answered in
            the registry. Empty in the requests of dispatch.
    """

    credential: str
    version_id: str
    due_at: datetime
    escrowed: bool = False
    request_id: str = ""

    @classmethod
    def for_entry(cls, entry: RegistryEntry | DueEntry, now: datetime) -> Self:
        """Return the request for an entry that is due."""
        return cls(entry.name, entry.version_id, entry.next_action_at or now)

    @classmethod
    def on_demand(cls, credential: str, version_id: str, now: datetime) -> Self:
        """Return the request of an operator, with a request id of its own."""
        return cls(credential, version_id, now, request_id=secrets.token_hex(8))

    @classmethod
    def parse(cls, body: str) -> Self:
        """Read the body of a queue message.

        Raises:
            MalformedMessageError: The body is not a refresh request.
        """
        try:
            fields = json.loads(body)
            credential, version_id = fields["credential"], fields["version_id"]
            due_at = from_rfc3339(fields["due_at"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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
    """The port to the queue between dispatch and refresh."""

    def send(self, requests: list[RefreshRequest]) -> None:
        """Enqueue requests in their order; an equal request that was sent before does not make one a duplicate."""
        ...
