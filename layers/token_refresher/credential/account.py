"""The advertising account of a credential: an answer of Microsoft Advertising, and what the registry keeps of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from token_refresher.diagnosis.diagnosis import Actor, Diagnosis

_ACTIVE: Final = "Active"


class AccountAccess(StrEnum):
    """Whether a person has access to an account."""

    REACHABLE = "reachable"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    """There was no answer, or one that is not about the person. The consent is kept all the same."""


@dataclass(frozen=True)
class AccountAnswer:
    """The answer of the Ads API about a person and an account.

    Attributes:
        access: Whether the person has access to the account.
        diagnosis: Why the person has no access, or why it is unknown. ``None`` with access, and without a call.
        name: The name of the account.
        status: The ``AccountLifeCycleStatus`` of the account, such as ``Active`` or ``Suspended``.
        customer_id: The customer that the account belongs to.
    """

    access: AccountAccess
    diagnosis: Diagnosis | None = None
    name: str = ""
    status: str = ""
    customer_id: str = ""

    @property
    def trouble(self) -> str:
        """The status of an account that is not active, or empty."""
        return _trouble(self.status)


@dataclass(frozen=True)
class KnownAccount:
    """What the registry keeps of an account from one consent to the next. It holds no secret.

    Attributes:
        account_id: The id of the account. The other attributes are about this account only.
        access: Whether the person who consented has access, as Microsoft Advertising last said.
        name: The name of the account.
        status: The last known ``AccountLifeCycleStatus``.
        notified: The actor who was notified and has not acted since: a user acts by a consent, an operator by an edit.
        notified_at: When people were first notified that the account cannot be reached, until it can.
    """

    account_id: str
    access: AccountAccess = AccountAccess.UNVERIFIED
    name: str = ""
    status: str = ""
    notified: Actor | None = None
    notified_at: datetime | None = None

    @classmethod
    def of_consent(cls, account_id: str, answer: AccountAnswer, before: Self | None) -> Self:
        """Return what is known after a consent. The user is notified again; the operator is not for the same fault."""
        known = before.of(account_id) if before is not None else cls(account_id)
        notified = known.notified if known.notified is Actor.OPERATOR else None
        return replace(known, notified=notified).answered(answer)

    def of(self, account_id: str) -> Self:
        """Return what is known of this account. Of a different account only `notified_at` is kept."""
        if account_id == self.account_id:
            return self
        return replace(self, account_id=account_id, access=AccountAccess.UNVERIFIED, name="", status="", notified=None)

    @property
    def trouble(self) -> str:
        """The last known status of an account that was not active, or empty."""
        return _trouble(self.status)

    def edited(self) -> Self:
        """Return the account after an edit of the secret. The operator is notified again if the edit did not help."""
        return replace(self, notified=None) if self.notified is Actor.OPERATOR else self

    @property
    def is_in_trouble(self) -> bool:
        """Whether people were notified that the account cannot be reached, and it still cannot."""
        return self.notified_at is not None and self.access is not AccountAccess.REACHABLE

    def still_open(self, notified_at: datetime | None) -> Self:
        """Return the account with the time of a notification whose end could not be notified yet."""
        return replace(self, notified_at=notified_at) if notified_at else self

    def closed(self) -> Self:
        """Return the account after people were notified of a consent, which also notifies the end of trouble."""
        return self if self.is_in_trouble else replace(self, notified_at=None)

    def answered(self, answer: AccountAnswer) -> Self:
        """Return what is known after an answer. What the answer does not say stays unchanged."""
        known = replace(self, access=answer.access, name=answer.name or self.name, status=answer.status or self.status)
        return replace(known, notified=None, notified_at=None) if answer.access is AccountAccess.REACHABLE else known


def _trouble(status: str) -> str:
    return "" if status == _ACTIVE else status


def known_name(known: KnownAccount | None, account_id: str | None) -> str:
    """Return the known name of an account, or empty if another account or none is known."""
    return known.name if known is not None and known.account_id == account_id else ""
