"""The current version of a credential, after the work of an interrupted attempt is finished."""

from dataclasses import dataclass

from token_refresher.base.pace import Pace
from token_refresher.credential.document import Credential
from token_refresher.refresh.older_copies import OlderCopies
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.intent import ExchangeIntent
from token_refresher.rotation.recovery import Recovery
from token_refresher.rotation.rotation import Version
from token_refresher.rotation.secret_store import SecretState
from token_refresher.rotation.unfinished import Unfinished
from token_refresher.rotation.version_budget import VersionBudget


@dataclass(frozen=True)
class Observation:
    """The current version, and how this attempt found it.

    Attributes:
        state: The staging labels of the secret.
        version: The current version.
        entry: The registry entry with what was found; not written yet.
        is_recovered: Whether this attempt made tokens of an earlier exchange current.
        is_renewed: Whether this attempt put newer tokens on top of older ones that a person had put there.
        may_be_old: Whether Secrets Manager may have returned an older version (its reads are eventually consistent).
        were_current: The versions that were current before, if this attempt had to list them.
    """

    state: SecretState
    version: Version
    entry: RegistryEntry
    is_recovered: bool = False
    is_renewed: bool = False
    may_be_old: bool = False
    were_current: frozenset[str] = frozenset()

    @property
    def is_found(self) -> bool:
        """Whether this attempt made the version current."""
        return self.is_recovered or self.is_renewed


@dataclass(frozen=True)
class Observer:
    """Finishes an interrupted attempt, and reads the current version.

    Attributes:
        recovery: Makes tokens current that earlier exchanges stored.
        copies: Replaces older tokens of a sign-in by its newest ones.
        budget: How many versions a secret may get.
        pace: When to act.
    """

    recovery: Recovery
    copies: OlderCopies
    budget: VersionBudget
    pace: Pace

    def observe(self, state: SecretState, entry: RegistryEntry, *, escrowed: bool) -> Observation:
        """Return the current version. Raises what `Recovery.recover` and `OlderCopies.rejoin` raise.

        Args:
            state: The staging labels as read.
            entry: The registry entry as read.
            escrowed: Whether dispatch saw tokens of the credential in escrow.
        """
        intent = entry.intent
        in_doubt = intent is not None and not intent.is_settled
        unfinished = Unfinished.of(state, intent, entry.version_id, entry.refreshed_at)
        state, version, recovered = self.recovery.recover(
            state, unfinished, intent, entry.lineage, read_escrow=escrowed or in_doubt
        )
        if recovered:
            entry = entry.settled(version.credential)
        elif intent is not None and self._is_old_read(intent, entry, state, version.credential):
            return Observation(state, version, entry, may_be_old=True)
        rejoined = self.copies.rejoin(state, version, entry, unfinished)
        now, entry, version = self.pace.clock(), rejoined.entry, rejoined.version
        if rejoined.is_renewed:
            entry = entry.spending(self.budget.spend(entry.versions_spent_until, now))
        return Observation(
            rejoined.state,
            version,
            entry.changed(version.version_id, now, is_edit=not recovered),
            recovered,
            rejoined.is_renewed,
            were_current=rejoined.were_current,
        )

    def _is_old_read(
        self, intent: ExchangeIntent, entry: RegistryEntry, state: SecretState, credential: Credential
    ) -> bool:
        """Tell whether the read may be outdated; it is not if another version has replaced our successor."""
        if not intent.has_spent(credential, entry.spent, self.pace.clock(), self.pace.timing.lease):
            return False
        return state.previous is None or not state.follows(state.previous, intent.version_id)
