"""How a step of a consent ended: what its page says. Holds no token, no code and no state."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self


class Ending(StrEnum):
    """The ways that it can end, each with a page of its own."""

    CONNECTED = "connected"
    CONNECTED_SOON = "connected_soon"
    ALREADY_DONE = "already_done"
    INVALID_INVITE = "invalid_invite"
    EXPIRED_INVITE = "expired_invite"
    UNKNOWN_STATE = "unknown_state"
    FOREIGN_BROWSER = "foreign_browser"
    REFUSED_BY_MICROSOFT = "refused_by_microsoft"
    OPERATOR_NEEDED = "operator_needed"
    TRY_AGAIN_LATER = "try_again_later"
    STORE_DOWN = "store_down"
    NO_REFRESH_TOKEN = "no_refresh_token"
    MISSING_SCOPE = "missing_scope"
    UNKNOWN_PERSON = "unknown_person"
    OTHER_PERSON = "other_person"
    NO_ACCOUNT_ACCESS = "no_account_access"

    @property
    def http_status(self) -> int:
        """The status of the page."""
        return _STATUS.get(self, 400)


_STATUS: Final = {
    Ending.CONNECTED: 200,
    Ending.CONNECTED_SOON: 202,
    Ending.INVALID_INVITE: 403,
    Ending.FOREIGN_BROWSER: 403,
    Ending.NO_ACCOUNT_ACCESS: 403,
    Ending.OTHER_PERSON: 409,
    Ending.OPERATOR_NEEDED: 409,
    Ending.EXPIRED_INVITE: 410,
    Ending.ALREADY_DONE: 410,
    Ending.TRY_AGAIN_LATER: 503,
    Ending.STORE_DOWN: 503,
}
"""The status of each page; what is not named is a 400."""


@dataclass(frozen=True)
class ConsentResult:
    """One ending, with what its page has to name.

    Attributes:
        ending: Which one.
        credential: The credential's name; empty where the visitor has not shown that they may know it.
        generation: The consent generation that a fresh start continues; ``None`` where none is offered.
        username: Who signed in.
        person: Who signed in, as `Identity.person`.
        previous_username: Who had consented before.
        at: When that was, or until when the new token lasts, as RFC 3339.
        account_id: The advertising account.
        verified: Whether Microsoft Advertising confirmed the access to the account.
        cause: Why, in plain words.
        action: What to do, in plain words.
        code: What to search for.
    """

    ending: Ending
    credential: str = ""
    generation: str | None = None
    username: str = ""
    person: str = ""
    previous_username: str = ""
    at: str = ""
    account_id: str = ""
    verified: bool = True
    cause: str = ""
    action: str = ""
    code: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the result as a flat document."""
        return {**asdict(self), "ending": str(self.ending)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Return the result that a document holds."""
        return cls(**{**document, "ending": Ending(document["ending"])})


class ConsentEndedError(Exception):
    """The consent cannot go on; the result says why, and is what the person is shown."""

    def __init__(self, result: ConsentResult) -> None:
        super().__init__(str(result.ending))
        self.result = result
