"""The end of a consent: the grant is stored, recorded and announced."""

from contextlib import suppress
from dataclasses import dataclass

from token_refresher.alerting import Alerting
from token_refresher.clock import Clock
from token_refresher.diagnosis import Diagnosis
from token_refresher.errors import AlertNotSentError, StaleObservationError
from token_refresher.grant import Grant
from token_refresher.registry import Registry, RegistryEntry, status_for
from token_refresher.rotation import CONSENT, Rotation, Version
from token_refresher.secret_store import SecretState, SecretStore
from token_refresher.timing import Timing


@dataclass(frozen=True)
class Connection:
    """Makes a consent current, over whatever a slower refresh or a tick says."""

    store: SecretStore
    registry: Registry
    alerting: Alerting
    timing: Timing
    clock: Clock

    def connect(self, state: SecretState, version: Version, grant: Grant) -> Version:
        """Store the grant of a consent, record it, and tell people.

        Returns:
            The version that is current at the end.
        """
        stored = Rotation(self.store).place(grant, version, state, CONSENT)
        told = False
        while True:
            before = self.registry.get(state.name)
            after = self._entry(before, state.name, stored, grant)
            told = told or self._announced(before, after, grant)
            if not told:
                # The tokens are safe, and the page must say so. The incident stays open in the entry, so that the
                # next refresh tells people that it is over.
                after = after.still_telling(before.alert if before else None)
            try:
                self.registry.save(after, observed=before.version_id if before else None)
            except StaleObservationError:
                continue  # A tick or a refresh recorded something between the two lines; a consent goes on top.
            return stored

    def ask_operator(self, name: str, diagnosis: Diagnosis) -> None:
        """Tell the operator of a credential why nobody can connect it.

        Only what stands still already is parked: a credential that works goes on being refreshed. Where the operator
        cannot be told, the next attempt does, for nothing of it is recorded then.
        """
        entry = self.registry.get(name)
        if entry is None:
            return  # The next tick discovers it, and the first refresh says the same.
        after = entry.diagnosed(diagnosis)
        if entry.status.needs_a_person:
            remind_at = self.clock() + self.alerting.reminder
            after = entry.needing_a_person(entry.version_id, diagnosis, status_for(diagnosis), remind_at)
        with suppress(AlertNotSentError, StaleObservationError):
            self.registry.save(self.alerting.tell(after, diagnosis, None), observed=entry.version_id)

    def _entry(self, before: RegistryEntry | None, name: str, stored: Version, grant: Grant) -> RegistryEntry:
        base = before or RegistryEntry.discovered(name, stored.version_id, self.clock())
        next_action_at = self.timing.next_action_at(grant.issued_at, grant.expires_at, spread=0)
        return base.connected(stored.version_id, stored.credential, next_action_at)

    def _announced(self, before: RegistryEntry | None, after: RegistryEntry, grant: Grant) -> bool:
        if grant.identity is None:
            return True
        try:
            self.alerting.tell_connected(before, after, grant.identity)
        except AlertNotSentError:
            return False
        return True
