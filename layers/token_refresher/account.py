"""The advertising account that a credential is for: what Microsoft Advertising says of it, and what is remembered."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from token_refresher.diagnosis import Actor, Diagnosis

_ACTIVE: Final = "Active"


class AccountAccess(StrEnum):
    """What the API says about a person and an account."""

    REACHABLE = "reachable"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    """No answer, or one that is not about the person: a good consent is not lost for that."""


@dataclass(frozen=True)
class AccountAnswer:
    """What the API says, and why.

    Attributes:
        access: Whether the person reaches the account.
        diagnosis: Why not, or why it is not known; ``None`` where they do, and where nobody was asked.
        name: What the account is called.
        status: Its ``AccountLifeCycleStatus``, such as ``Active`` or ``Suspended``.
        customer_id: The customer that it belongs to.
    """

    access: AccountAccess
    diagnosis: Diagnosis | None = None
    name: str = ""
    status: str = ""
    customer_id: str = ""

    @property
    def trouble(self) -> str:
        """The status of an account that is not active, or nothing."""
        return _trouble(self.status)


@dataclass(frozen=True)
class KnownAccount:
    """What is remembered of an account from one consent to the next; no secret.

    Attributes:
        account_id: Which account it is: nothing here is true of another one.
        access: What Microsoft Advertising said of the person who consented.
        name: What it is called.
        status: Its ``AccountLifeCycleStatus`` when it was last told.
        told: Who was told to act, and is not known to have acted since: users do by a consent, operators by an edit.
        told_at: When people were first told that the account is not reached, until that is over.
    """

    account_id: str
    access: AccountAccess = AccountAccess.UNVERIFIED
    name: str = ""
    status: str = ""
    told: Actor | None = None
    told_at: datetime | None = None

    @classmethod
    def of_consent(cls, account_id: str, answer: AccountAnswer, before: Self | None) -> Self:
        """Return what is known after a consent: whoever gave it is told anew, but not an operator of the same fault."""
        known = before.of(account_id) if before is not None else cls(account_id)
        told = known.told if known.told is Actor.OPERATOR else None
        return replace(known, told=told).answered(answer)

    def of(self, account_id: str) -> Self:
        """Return what is known of an account that may be another one by now: then, since when there is trouble."""
        if account_id == self.account_id:
            return self
        return replace(self, account_id=account_id, access=AccountAccess.UNVERIFIED, name="", status="", told=None)

    @property
    def trouble(self) -> str:
        """The status of an account that was not active when it was last told, or nothing."""
        return _trouble(self.status)

    def edited(self) -> Self:
        """Return the account after somebody changed the secret: an operator is told anew if that did not help."""
        return replace(self, told=None) if self.told is Actor.OPERATOR else self

    @property
    def is_in_trouble(self) -> bool:
        """Whether people were told that the account is not reached, and that is so."""
        return self.told_at is not None and self.access is not AccountAccess.REACHABLE

    def still_open(self, told_at: datetime | None) -> Self:
        """Return the account with the time since which people know of trouble whose end they could not be told."""
        return replace(self, told_at=told_at) if told_at else self

    def closed(self) -> Self:
        """Return the account once people know who connected it: trouble that is over is told with that."""
        return self if self.is_in_trouble else replace(self, told_at=None)

    def answered(self, answer: AccountAnswer) -> Self:
        """Return what is known after an answer; what it does not say is as it was."""
        known = replace(self, access=answer.access, name=answer.name or self.name, status=answer.status or self.status)
        return replace(known, told=None, told_at=None) if answer.access is AccountAccess.REACHABLE else known


def _trouble(status: str) -> str:
    return "" if status == _ACTIVE else status


def known_name(known: KnownAccount | None, account_id: str | None) -> str:
    """Return what an account is called, where that is remembered of this very account."""
    return known.name if known is not None and known.account_id == account_id else ""
