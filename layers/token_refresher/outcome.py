"""How one look at a credential ended: what the handler logs and counts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from token_refresher.account import AccountAccess
from token_refresher.diagnosis import Diagnosis


class Result(StrEnum):
    """The ways that it can end."""

    REFRESHED = "refreshed"
    NOT_DUE = "not_due"
    RECOVERED = "recovered"
    OVERTAKEN = "overtaken"
    UNDER_WAY = "under_way"
    KEPT = "kept"
    TOO_OFTEN = "too_often"
    RETRY_LATER = "retry_later"
    HELD_BACK = "held_back"
    NEEDS_A_PERSON = "needs_a_person"
    PAUSED = "paused"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Outcome:
    """What happened to one credential.

    Attributes:
        credential: Its name.
        result: How it ended.
        diagnosis: What the failure means, where there was one.
        expires_at: Until when pipelines have a token, where that is known.
        presented: The fingerprint of the refresh token that was used, for the lineage.
        issued: The fingerprint of its successor.
        account: What Microsoft Advertising said of the account, where it was asked.
        is_shown: Whether the secret shows to its consumers what is recorded.
        used_previous_client_secret: Whether the client secret was refused, and the one before it was taken.
        request_id: Of the request that asked for it; empty where dispatch did.
    """

    credential: str
    result: Result
    diagnosis: Diagnosis | None = None
    expires_at: datetime | None = None
    presented: str = ""
    issued: str = ""
    account: AccountAccess | None = None
    is_shown: bool = True
    used_previous_client_secret: bool = False
    request_id: str = ""
