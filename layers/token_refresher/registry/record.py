"""The fields of a registry entry, which never holds a secret value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from token_refresher.credential.account import KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.aws_refusal import REFUSED, TAGS_REFUSED
from token_refresher.diagnosis.diagnosis import LASTING, LESS_SCOPE, NOT_PUBLISHED, TOO_MANY_VERSIONS, Diagnosis
from token_refresher.registry.issuer import THE_DEFAULT, Issuer
from token_refresher.registry.open_alert import OpenAlert
from token_refresher.registry.outcome import LastRequest
from token_refresher.registry.sent_events import NOTHING_SENT, SentEvents
from token_refresher.rotation.intent import ExchangeIntent
from token_refresher.rotation.publication import Publication

_TRIED_ON: Final = REFUSED | {LASTING, LESS_SCOPE, NOT_PUBLISHED}
"""The meanings that need a person, but do not stop refreshes."""


def is_tried_on(status: Status, meaning: str) -> bool:
    """Tell whether refreshes of a credential go on: in some failures they do, although a person has to act.

    Args:
        status: The status of the credential.
        meaning: The meaning of its diagnosis, or empty.
    """
    if status.needs_a_person:
        return meaning in _TRIED_ON
    return status is not Status.PAUSED


@dataclass(frozen=True)
class RegistryRecord:
    """The fields of the entry of one credential.

    Attributes:
        name: The credential's name, without the prefix.
        version_id: The version of the secret that the other fields are about.
        status: Whether it works, and who has to act if it does not.
        next_action_at: When the next attempt is due, or ``None`` if only a change of the secret makes one due.
        expires_at: When the access token ends.
        refreshed_at: When it was issued.
        refresh_token_issued_at: When the refresh token was issued.
        refresh_token_expires_at: When it ends, if no refresh moves that.
        failures: How many attempts in a row have failed with the same diagnosis.
        diagnosis: What the last failure means, or ``None`` if the last attempt was good.
        alert: What people were notified of, until it is over.
        notification_pending: Whether people, or the event bus, could not be notified of the diagnosis yet.
        unannounced: Whether people could not be notified of a consent yet.
        identity: The person who consented.
        client_id: The client ID of its application.
        issuer: Who issues its tokens.
        claims: The claims that Microsoft requires of the next sign-in; empty if it requires none.
        failing_since: When the first attempt failed or was held back, of those in a row up to now.
        attempts: How many attempts have failed since then, for any reason.
        risk_over_at: When people were last notified that a risk was over.
        warned: The warnings that were sent, such as ``client_secret:2027-01-31T00:00:00Z:30``.
        intent: The exchange that began last, and how it ended.
        lineage: The fingerprints of the refresh tokens that followed each other; all but the last are spent.
        versions_spent_until: How much of the `VersionBudget` is spent.
        account: The last answer of the Ads API about the account, if it was asked.
        answers: The answers to the last requests, the latest last.
        publications: The secrets that consumers read, as they were published last.
        sent_events: The credential events that the event bus took last; nothing without a bus.
        revision: How often the entry was written; the next write is conditional on it.
    """

    name: str
    version_id: str
    status: Status
    next_action_at: datetime | None
    expires_at: datetime | None = None
    refreshed_at: datetime | None = None
    refresh_token_issued_at: datetime | None = None
    refresh_token_expires_at: datetime | None = None
    failures: int = 0
    diagnosis: Diagnosis | None = None
    alert: OpenAlert | None = None
    notification_pending: bool = False
    unannounced: bool = False
    identity: Identity | None = None
    client_id: str = ""
    issuer: Issuer = THE_DEFAULT
    claims: str = ""
    failing_since: datetime | None = None
    attempts: int = 0
    risk_over_at: datetime | None = None
    warned: tuple[str, ...] = ()
    intent: ExchangeIntent | None = None
    lineage: tuple[str, ...] = ()
    versions_spent_until: datetime | None = None
    account: KnownAccount | None = None
    answers: tuple[LastRequest, ...] = ()
    publications: tuple[Publication, ...] = ()
    sent_events: SentEvents = NOTHING_SENT
    revision: int = 0

    def failures_with(self, diagnosis: Diagnosis) -> int:
        """Return how many attempts in a row have failed like this one, which is included.

        They have the same meaning, so that all unknown codes count together, or the same code, whose diagnosis needs a
        person meanwhile.
        """
        known = self.diagnosis
        same = known is not None and (known.meaning == diagnosis.meaning or known.code == diagnosis.code)
        return self.failures + 1 if same else 1

    def waits(self, version_id: str, now: datetime) -> bool:
        """Tell whether an attempt has seen this version and the next one is not due: the message is late or a copy."""
        return self.version_id == version_id and self.next_action_at is not None and now < self.next_action_at

    @property
    def is_settled(self) -> bool:
        """Whether its tokens are good and the last exchange left nothing behind, so that only a refresh is to do."""
        is_calm = self.status is Status.HEALTHY and self.diagnosis is None and self.alert is None
        is_clean = self.intent is None or self.intent.is_settled
        return is_calm and is_clean and self.refreshed_at is not None and bool(self.lineage)

    @property
    def is_rejected(self) -> bool:
        """Whether a person has to act before the next attempt, and the secret has not changed since."""
        return self.status.needs_a_person and self.failures > 0 and not self.is_tried_on

    @property
    def is_acted_on(self) -> bool:
        """Whether it waited for a person and its secret has changed since: only an attempt tells whether it works."""
        waited = self.status.needs_a_person and not self.is_tried_on and self.diagnosis is not None
        return waited and self.failures == 0

    @property
    def is_tried_on(self) -> bool:
        """Whether refreshes go on, also while a person has to act."""
        return is_tried_on(self.status, self.diagnosis.meaning if self.diagnosis else "")

    @property
    def is_refused(self) -> bool:
        """Whether AWS refused access to its secret in the last attempt."""
        return self.diagnosis is not None and self.diagnosis.meaning in REFUSED

    @property
    def is_unshown(self) -> bool:
        """Whether AWS refused to set its status tags, or people were notified that it did."""
        known = self.alert is not None and self.alert.condition == TAGS_REFUSED
        return known or (self.diagnosis is not None and self.diagnosis.meaning == TAGS_REFUSED)

    @property
    def is_short_of_scope(self) -> bool:
        """Whether it was last granted less scope than it requests."""
        return self.diagnosis is not None and self.diagnosis.meaning == LESS_SCOPE

    @property
    def is_not_published(self) -> bool:
        """Whether its tokens are good, and the secret for its pipelines may not be written."""
        return self.diagnosis is not None and self.diagnosis.meaning == NOT_PUBLISHED

    @property
    def is_paused(self) -> bool:
        """Whether an operator has paused it."""
        return self.status is Status.PAUSED

    @property
    def answer(self) -> LastRequest | None:
        """The answer to the last request."""
        return self.answers[-1] if self.answers else None

    def answer_to(self, request_id: str) -> LastRequest | None:
        """Return the answer to a request, if the entry still has it."""
        return next((answer for answer in self.answers if answer.request_id == request_id), None)

    @property
    def spent(self) -> tuple[str, ...]:
        """The fingerprints of the refresh tokens that were replaced."""
        return self.lineage[:-1]

    @property
    def waits_for_others(self) -> bool:
        """Whether the worker of another credential is about to notify people of their shared incident."""
        return self.alert is not None and self.alert.notifications == 0

    @property
    def is_too_often(self) -> bool:
        """Whether it was due more often than its version budget allows."""
        return self.diagnosis is not None and self.diagnosis.meaning == TOO_MANY_VERSIONS
