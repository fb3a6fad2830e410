"""On each tick: find the managed secrets, bring the registry up to date, enqueue what is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from token_refresher.clock import Clock
from token_refresher.discovery import discovered
from token_refresher.errors import CredentialNotFoundError, ServiceUnavailableError, StaleObservationError
from token_refresher.escrow import EscrowInventory
from token_refresher.fleet import Fleet
from token_refresher.overview import Overview
from token_refresher.registry import Registry
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import NO_VERSION, SecretInventory, SecretState
from token_refresher.status import Status
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
        escrowed: How many of them have tokens in escrow.
        most_overdue_seconds: For how long the most urgent one had been due.
        fleet: All credentials together, as they were before this tick.
    """

    managed: int
    discovered: int
    changed: int
    forgotten: int
    enqueued: int
    escrowed: int
    most_overdue_seconds: float
    fleet: Fleet


_LABELLED_A_TICK: Final = 20
"""How many secrets are looked at for their tags alone. Where no tag can be set at all, that must not be every one."""


@dataclass
class _News:
    """What a tick found to be different."""

    discovered: int = 0
    changed: int = 0
    forgotten: int = 0


@dataclass(frozen=True)
class DispatchService:
    """Everything that a tick needs; it sees names and labels, and never a value."""

    inventory: SecretInventory
    escrow: EscrowInventory
    registry: Registry
    queue: RefreshQueue
    clock: Clock

    def tick(self) -> Plan:
        """Reconcile the registry with the secrets, and enqueue what is due, the most urgent first."""
        now = self.clock()
        known = {entry.name: entry for entry in self.registry.overview()}
        listed = {secret.name: secret for secret in self.inventory.managed()}
        news = _News()
        touched = []
        for name in sorted(known.keys() | listed.keys()):
            secret = listed.get(name)
            if secret is None or name not in known or known[name].version_id != _version(secret):
                touched.append(self._reconcile(name, now, news))
        due = {entry.name: entry for entry in self.registry.due(now) if entry.name in listed}
        # The index lags behind the table, so what was just written is taken from here and not from there.
        due |= {entry.name: entry for entry in touched if entry}
        # A version that was stored and not promoted is as good as due: whoever stored it may be gone.
        unfinished = [name for name, secret in listed.items() if secret.unfinished_successor and name not in due]
        # So is a secret that shows another status than the one that is known: a look sets its tags.
        mislabelled = [name for name, secret in listed.items() if name not in due and _shows_otherwise(secret, known)]
        looked_at = [*unfinished, *mislabelled[:_LABELLED_A_TICK]]
        due |= {name: entry for name in looked_at if (entry := self.registry.get(name)) and not entry.is_paused}
        ordered = sorted(due.values(), key=lambda entry: entry.next_action_at or now)
        requests = [RefreshRequest.for_entry(entry, now) for entry in ordered]
        try:
            escrowed = sorted(listed.keys() & set(self.escrow.credentials()))
        except ServiceUnavailableError:
            self.queue.send(requests)  # What is due does not wait for the escrow.
            raise
        urgent = [RefreshRequest(name, _version(listed[name]), now, escrowed=True) for name in escrowed]
        self.queue.send(urgent + [request for request in requests if request.credential not in escrowed])
        overdue = max([0.0, *((now - (entry.next_action_at or now)).total_seconds() for entry in ordered)])
        enqueued = len({*due, *escrowed})
        fleet = Fleet.of((entry for entry in known.values() if entry.name in listed), now)
        return Plan(len(listed), news.discovered, news.changed, news.forgotten, enqueued, len(escrowed), overdue, fleet)

    def _reconcile(self, name: str, now: datetime, news: _News) -> RegistryEntry | None:
        """Bring the entry of one credential up to date; return it if it is to be looked at now.

        The list can be five minutes behind, so where it differs from the registry the secret itself is asked.
        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
        """
        entry = self.registry.get(name)
        try:
            state = self.inventory.describe(name)
        except CredentialNotFoundError:
            if entry is None:
                return None
            news.forgotten += 1
            if entry.alert is not None and entry.alert.incident and not entry.is_paused:
                return entry  # Whoever may tell people takes it out of what it shares with others, and forgets it.
            self.registry.forget(name)
            return None
        if entry is None:
            news.discovered += 1
            return self._save(discovered(state, now))
        version_id = _version(state)
        if entry.version_id == version_id:
            return None  # Whoever wrote that version has recorded it.
        news.changed += 1
        return self._save(entry.changed(version_id, now))

    def _save(self, entry: RegistryEntry) -> RegistryEntry | None:
        try:
            self.registry.save(entry)
        except StaleObservationError:
            return None  # A refresh or a consent was faster, and knows more than the list does.
        return entry if entry.next_action_at is not None else None


def _shows_otherwise(secret: SecretState, known: Mapping[str, Overview]) -> bool:
    """Tell whether the tags of a secret are behind; what is being retried shows what it did before, but no pause."""
    entry = known.get(secret.name)
    if entry is None or entry.status is Status.PAUSED:
        return False
    if entry.status is Status.RETRYING:
        return secret.shows_paused
    return secret.label is None or secret.label.status != entry.status


def _version(secret: SecretState) -> str:
    """The version to record; a secret without a value has none, and is reported as malformed."""
    return secret.current or NO_VERSION
