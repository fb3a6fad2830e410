"""The outcome of one attempt: the handler logs and counts it, and the entry keeps it for a command that waits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from token_refresher.credential.account import AccountAccess
from token_refresher.diagnosis.diagnosis import Diagnosis

KEPT_FOR: Final = timedelta(minutes=15)
"""The longest that the command waits for an answer (its option `--timeout`)."""

KEPT: Final = 32
"""How many answers an entry keeps: each kilobyte of an item is paid for at each write.

SQS gives the requests for one credential to one worker at a time. 32 later requests take many seconds, and the command
reads the entry once a second.
"""


class Result(StrEnum):
    """How an attempt can end."""

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
    """How one attempt for one credential ended. It holds no secret value: fingerprints name the tokens.

    Attributes:
        credential: The credential's name.
        result: How it ended.
        diagnosis: What the failure means, if there was one.
        expires_at: When the access token that pipelines read ends, if that is known.
        presented: The fingerprint of the refresh token that was used.
        issued: The fingerprint of the refresh token that was issued.
        account: What the Ads API said of the account, if it was asked.
        is_shown: Whether the status tags of the secret agree with the entry.
        used_previous_client_secret: Whether the provider refused the client secret, and took the previous one.
        foreign_pending: A version under ``AWSPENDING`` that the refresher did not write: another rotation is at work.
        request_id: The ID of the request for this attempt; empty if dispatch sent the message.
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
    foreign_pending: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class LastRequest:
    """A refresh on demand that has ended, and its answer.

    Attributes:
        at: When it ended.
        outcome: The answer.
    """

    at: datetime
    outcome: Outcome

    @classmethod
    def answered(cls, outcome: Outcome, now: datetime) -> Self:
        """Return the answer to a request, without what only the log needs."""
        return cls(now, replace(outcome, account=None, is_shown=True, foreign_pending=""))

    @property
    def request_id(self) -> str:
        """The ID of the request."""
        return self.outcome.request_id


def kept_with(answer: LastRequest, before: Iterable[LastRequest]) -> tuple[LastRequest, ...]:
    """Return the answers to keep once there is a new one: a command may wait for each of them.

    Args:
        answer: The new answer.
        before: The answers that were kept, in their order.
    """
    others = (one for one in before if one.request_id != answer.request_id and answer.at - one.at < KEPT_FOR)
    return (*others, answer)[-KEPT:]
