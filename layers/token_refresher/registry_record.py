"""What is known of one credential. No secret value, ever."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.account import KnownAccount
from token_refresher.answer import Answer
from token_refresher.diagnosis import TOO_MANY_VERSIONS, Diagnosis
from token_refresher.grant import Identity
from token_refresher.intent import Intent
from token_refresher.open_alert import OpenAlert
from token_refresher.status import Status


@dataclass(frozen=True)
class RegistryRecord:
    """What is known of one credential.

    Attributes:
        name: The credential's name, without the prefix.
        version_id: The version of the secret that the rest was observed on.
        status: What is to be expected.
        next_action_at: When to look at it, or ``None`` while only a change of the secret matters.
        expires_at: When the access token ends.
        refreshed_at: When it was issued.
        refresh_token_issued_at: When the refresh token was issued.
        failures: How many attempts in a row have failed with the same diagnosis.
        diagnosis: What the last failure means, or ``None`` when the last attempt was good.
        alert: What people were told, until it is over.
        untold: Whether people are yet to be told of the diagnosis, because they could not be.
        unannounced: Whether people are yet to be told of a consent, because they could not be.
        identity: Who consented.
        client_id: The application that it signs in with.
        claims: What the next sign-in has to prove, as Microsoft asked for it; empty where it asked for nothing.
        failing_since: When the first attempt failed of those that have failed in a row.
        risk_over_at: When people were last told that a risk was over.
        warned: The warnings that were given, such as ``client_secret:2027-01-31T00:00:00Z:30``.
        intent: The exchange that was last begun, and how it ended.
        lineage: The fingerprints of the refresh tokens that followed each other; all but the last are spent.
        versions_spent_until: How much of the `VersionBudget` is spent.
        account: What is remembered of the advertising account, where Microsoft Advertising was asked about it.
        answer: How the last refresh ended that somebody asked for.
        revision: How often the entry was written; what the next write is conditional on.
    """

    name: str
    version_id: str
    status: Status
    next_action_at: datetime | None
    expires_at: datetime | None = None
    refreshed_at: datetime | None = None
    refresh_token_issued_at: datetime | None = None
    failures: int = 0
    diagnosis: Diagnosis | None = None
    alert: OpenAlert | None = None
    untold: bool = False
    unannounced: bool = False
    identity: Identity | None = None
    client_id: str = ""
    claims: str = ""
    failing_since: datetime | None = None
    risk_over_at: datetime | None = None
    warned: tuple[str, ...] = ()
    intent: Intent | None = None
    lineage: tuple[str, ...] = ()
    versions_spent_until: datetime | None = None
    account: KnownAccount | None = None
    answer: Answer | None = None
    revision: int = 0

    def failures_with(self, diagnosis: Diagnosis) -> int:
        """Return how many attempts in a row have failed in this way, one more included.

        That is with the same meaning, so that codes which nobody knows count together; or with the same code, which a
        person has been asked to look up meanwhile.
        """
        known = self.diagnosis
        same = known is not None and (known.meaning == diagnosis.meaning or known.code == diagnosis.code)
        return self.failures + 1 if same else 1

    def waits(self, version_id: str, now: datetime) -> bool:
        """Tell whether this version was looked at already, and its next time has not come: a late or double message."""
        return self.version_id == version_id and self.next_action_at is not None and now < self.next_action_at

    @property
    def is_known_dead(self) -> bool:
        """Whether a person was found to have to act, and the secret is as it was then."""
        return self.status.needs_a_person and self.failures > 0

    @property
    def is_paused(self) -> bool:
        """Whether an operator set it aside."""
        return self.status is Status.PAUSED

    @property
    def spent(self) -> tuple[str, ...]:
        """The fingerprints of the refresh tokens that were replaced."""
        return self.lineage[:-1]

    @property
    def waits_for_others(self) -> bool:
        """Whether the worker of another credential is about to tell people what this one shares with it."""
        return self.alert is not None and self.alert.told == 0

    @property
    def is_too_often(self) -> bool:
        """Whether it was due more often than its secret allows."""
        return self.diagnosis is not None and self.diagnosis.meaning == TOO_MANY_VERSIONS
