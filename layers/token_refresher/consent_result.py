"""How a step of a consent ended: what its page says. Holds no token, no code and no state."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self

from token_refresher.invite import Invite


class Ending(StrEnum):
    """The ways that it can end, each with a page of its own."""

    CONNECTED = "connected"
    CONNECTED_SOON = "connected_soon"
    UNDER_WAY = "under_way"
    ALREADY_DONE = "already_done"
    INVALID_INVITE = "invalid_invite"
    EXPIRED_INVITE = "expired_invite"
    WITHDRAWN_INVITE = "withdrawn_invite"
    UNKNOWN_STATE = "unknown_state"
    FOREIGN_BROWSER = "foreign_browser"
    REFUSED_BY_MICROSOFT = "refused_by_microsoft"
    CODE_EXPIRED = "code_expired"
    OPERATOR_NEEDED = "operator_needed"
    TRY_AGAIN_LATER = "try_again_later"
    STORE_DOWN = "store_down"
    UNAVAILABLE = "unavailable"
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
    Ending.UNDER_WAY: 202,
    Ending.INVALID_INVITE: 403,
    Ending.FOREIGN_BROWSER: 403,
    Ending.NO_ACCOUNT_ACCESS: 403,
    Ending.OTHER_PERSON: 409,
    Ending.OPERATOR_NEEDED: 409,
    Ending.EXPIRED_INVITE: 410,
    Ending.WITHDRAWN_INVITE: 410,
    Ending.ALREADY_DONE: 410,
    Ending.TRY_AGAIN_LATER: 503,
    Ending.STORE_DOWN: 503,
    Ending.UNAVAILABLE: 503,
}
"""The status of each page; what is not named is a 400."""


@dataclass(frozen=True)
class ConsentResult:
    """One ending, with what its page has to name.

    Attributes:
        ending: Which one.
        credential: The credential's name; empty where the visitor has not shown that they may know it.
        invite: What a fresh start goes on with, as long as the link that was opened; ``None`` where none is offered.
        prompt: What a fresh start has Microsoft ask, such as ``consent``; empty for what is always asked.
        username: Who signed in.
        person: Who signed in, as `Identity.person`.
        previous_username: Who had consented before.
        at: When that was, or until when the new token lasts, as RFC 3339.
        account_id: The advertising account.
        account_name: What the account is called, where that is known.
        account_status: What Microsoft Advertising says of an account that is not active, such as ``Suspended``.
        customer_id: The customer that the account belongs to, where the secret names another one.
        is_sandbox: Whether it is about the sandbox of Microsoft Advertising.
        is_paused: Whether the operator has paused the credential, so that nothing is renewed for now.
        verified: Whether Microsoft Advertising confirmed the access to the account.
        cause: Why, in plain words.
        action: What to do, in plain words.
        code: What to search for.
        operator_told: Whether the operator, who has to act, was told.
    """

    ending: Ending
    credential: str = ""
    invite: Invite | None = None
    prompt: str = ""
    username: str = ""
    person: str = ""
    previous_username: str = ""
    at: str = ""
    account_id: str = ""
    account_name: str = ""
    account_status: str = ""
    customer_id: str = ""
    is_sandbox: bool = False
    is_paused: bool = False
    verified: bool = True
    cause: str = ""
    action: str = ""
    code: str = ""
    operator_told: bool = False

    def to_document(self) -> dict[str, Any]:
        """Return the result as a flat document."""
        invite = self.invite.to_document() if self.invite else None
        return {**asdict(self), "ending": str(self.ending), "invite": invite}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Return the result that a document holds."""
        invite = document.get("invite")
        return cls(
            **{
                **document,
                "ending": Ending(document["ending"]),
                "invite": Invite.from_document(invite) if invite else None,
            }
        )


class ConsentEndedError(Exception):
    """The consent cannot go on; the result says why, and is what the person is shown."""

    def __init__(self, result: ConsentResult) -> None:
        super().__init__(str(result.ending))
        self.result = result
