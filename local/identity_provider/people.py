"""The accounts that can sign in, named after the part they play, and the ads accounts that they reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WORK_TENANT = "11111111-2222-4333-8444-555555555555"
"""A made-up directory for the work accounts."""

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The directory of all personal Microsoft accounts (tag IDT)."""


class LifeCycleStatus(StrEnum):
    """What can be the matter with an ads account (AccountLifeCycleStatus, tag CM)."""

    ACTIVE = "Active"
    DRAFT = "Draft"
    INACTIVE = "Inactive"
    PAUSE = "Pause"
    PENDING = "Pending"
    SUSPENDED = "Suspended"


@dataclass(frozen=True)
class AdsAccount:
    """An account of Microsoft Advertising; ids are strings because the API writes long values so."""

    account_id: str
    number: str
    name: str
    customer_id: str


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in: the claims of the identity token, and the user of Microsoft Advertising."""

    username: str
    name: str
    tenant_id: str
    object_id: str
    user_id: str
    accounts: tuple[AdsAccount, ...]

    def account(self, account_id: str) -> AdsAccount | None:
        """Return the ads account with this id if this person reaches it."""
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
"""Everybody who can sign in, by user name."""

ACCOUNT_IDS = frozenset(account.account_id for person in PEOPLE.values() for account in person.accounts)
"""Every ads account that somebody reaches."""


def chooser_order(login_hint: str | None) -> list[Person]:
    """Return everybody, with the hinted account first; a hint that names nobody changes nothing."""
    return sorted(PEOPLE.values(), key=lambda person: person.username != login_hint)
