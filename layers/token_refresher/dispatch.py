"""On each tick: find the managed secrets, bring the registry up to date, enqueue what is due."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.clock import Clock
from token_refresher.errors import StaleObservationError
from token_refresher.registry import Registry, RegistryEntry
from token_refresher.secret_store import NO_VERSION, SecretInventory, SecretState
from token_refresher.work import RefreshQueue, RefreshRequest


@dataclass(frozen=True)
class Plan:
    """What one tick found.

    Attributes:
        managed: How many secrets there are under the prefix.
        discovered: How many of them were new.
        changed: How many were written by somebody else since the last tick.
        forgotten: How many entries had no secret any more.
        enqueued: How many credentials were due.
        most_overdue_seconds: For how long the most urgent one had been due.
    """

    managed: int
    discovered: int
    changed: int
    forgotten: int
    enqueued: int
    most_overdue_seconds: float


@dataclass(frozen=True)
class DispatchService:
    """Everything that a tick needs; it sees names and labels, and never a value."""

    inventory: SecretInventory
    registry: Registry
    queue: RefreshQueue
    clock: Clock

    def tick(self) -> Plan:
        """Reconcile the registry with the secrets, and enqueue what is due, the most urgent first."""
        now = self.clock()
        known = dict(self.registry.versions())
        secrets = {secret.name: secret for secret in self.inventory.managed()}
        new = [secret for name, secret in secrets.items() if name not in known]
        changed = [secret for name, secret in secrets.items() if name in known and known[name] != _version(secret)]
        gone = known.keys() - secrets.keys()
        # The index lags behind the table, so what was just written is taken from here and not from there.
        touched = [self._discover(secret, now) for secret in new] + [self._notice(secret, now) for secret in changed]
        for name in sorted(gone):
            self.registry.forget(name)
        due = {entry.name: entry for entry in self.registry.due(now) if entry.name in secrets}
        due |= {entry.name: entry for entry in touched if entry is not None}
        ordered = sorted(due.values(), key=lambda entry: entry.next_action_at or now)
        self.queue.send([RefreshRequest.for_entry(entry, now) for entry in ordered])
        overdue = max(((now - (entry.next_action_at or now)).total_seconds() for entry in ordered), default=0.0)
        return Plan(len(secrets), len(new), len(changed), len(gone), len(ordered), overdue)

    def _discover(self, secret: SecretState, now: datetime) -> RegistryEntry | None:
        return self._save(RegistryEntry.discovered(secret.name, _version(secret), now), observed=None)

    def _notice(self, secret: SecretState, now: datetime) -> RegistryEntry | None:
        entry = self.registry.get(secret.name)
        if entry is None or entry.version_id == _version(secret):
            return None  # Forgotten or recorded meanwhile, by the one who wrote it.
        return self._save(entry.changed(_version(secret), now), observed=entry.version_id)

    def _save(self, entry: RegistryEntry, observed: str | None) -> RegistryEntry | None:
        try:
            self.registry.save(entry, observed=observed)
        except StaleObservationError:
            return None  # A refresh or a consent was faster, and knows more than the list does.
        return entry if entry.next_action_at is not None else None


def _version(secret: SecretState) -> str:
    """The version to record; a secret without a value has none, and is reported as malformed."""
    return secret.current or NO_VERSION
