"""The people who can sign in, named after their roles, and the ads accounts that they reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WORK_TENANT = "11111111-2222-4333-8444-555555555555"
"""A made-up directory for the work accounts."""

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The directory of all personal Microsoft accounts (tag IDT)."""


class LifeCycleStatus(StrEnum):
    """The statuses of an ads account (AccountLifeCycleStatus, tag CM)."""

    ACTIVE = "Active"
    DRAFT = "Draft"
    INACTIVE = "Inactive"
    PAUSE = "Pause"
    PENDING = "Pending"
    SUSPENDED = "Suspended"


@dataclass(frozen=True)
class AdsAccount:
    """An account of Microsoft Advertising. Ids are strings because the API writes long values as strings."""

    account_id: str
    number: str
    name: str
    customer_id: str


@dataclass(frozen=True)
class Person:
    """A person who can sign in: the claims of their ID token, and their user of Microsoft Advertising."""

    username: str
    name: str
    tenant_id: str
    object_id: str
    user_id: str
    accounts: tuple[AdsAccount, ...]

    def account(self, account_id: str) -> AdsAccount | None:
        """Return the ads account with this id, or None if this person does not reach it."""
        return next((one for one in self.accounts if one.account_id == account_id), None)


DEFAULT_ACCOUNT = AdsAccount("1234567", "X1234567", "Example ads account", "7654321")
OTHER_ACCOUNT = AdsAccount("9999999", "X9999999", "Ads account of somebody else", "8888888")

PEOPLE = {
    person.username: person
    for person in (
        Person(
            username="ads-owner@example.com",
            name="Ads owner",
            tenant_id=WORK_TENANT,
            object_id="00000000-0000-4000-8000-000000000001",
            user_id="101",
            accounts=(DEFAULT_ACCOUNT,),
        ),
        Person(
            username="colleague@example.com",
            name="Colleague",
            tenant_id=WORK_TENANT,
            object_id="00000000-0000-4000-8000-000000000002",
            user_id="102",
            accounts=(DEFAULT_ACCOUNT,),
        ),
        Person(
            username="outsider@example.com",
            name="Outsider",
            tenant_id=PERSONAL_TENANT,
            object_id="00000000-0000-4000-8000-000000000003",
            user_id="103",
            accounts=(OTHER_ACCOUNT,),
        ),
    )
}
"""All people who can sign in, by user name."""

ACCOUNT_IDS = frozenset(account.account_id for person in PEOPLE.values() for account in person.accounts)
"""The ids of all ads accounts."""


def chooser_order(login_hint: str | None) -> list[Person]:
    """Return all people, the hinted one first; an unknown hint changes nothing."""
    return sorted(PEOPLE.values(), key=lambda person: person.username != login_hint)
