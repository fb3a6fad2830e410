"""Writes the beginning of an exchange into the registry entry, and its end if it brought no grant."""

from dataclasses import dataclass

from token_refresher.base.failure import ProviderFailure
from token_refresher.base.pace import Pace
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.registry import Registry
from token_refresher.registry.saving import save_result
from token_refresher.rotation.intent import End, ExchangeIntent
from token_refresher.rotation.version_budget import VersionBudget


@dataclass(frozen=True)
class ExchangeRecorder:
    """Writes the intent of an exchange, and takes it back or keeps it.

    Attributes:
        registry: Holds the entries.
        budget: How many versions a secret may get.
        pace: When to act.
    """

    registry: Registry
    budget: VersionBudget
    pace: Pace

    def begin(self, entry: RegistryEntry, intent: ExchangeIntent) -> RegistryEntry:
        """Write the intent of an exchange, and count the version that it costs.

        If this worker dies, the next one searches for its tokens by the intent. The write also proves that the registry
        works.

        Raises:
            StaleObservationError: Another worker has written the entry, and may have begun an exchange.
        """
        spent_until = self.budget.spend(entry.versions_spent_until, self.pace.clock())
        return self.registry.save(entry.intending(intent).spending(spent_until))

    def ended(
        self, before: RegistryEntry, entry: RegistryEntry, failure: ProviderFailure, intent: ExchangeIntent
    ) -> RegistryEntry:
        """Write that an exchange brought no grant, before anything else can fail; no version was written.

        Args:
            before: The entry before the exchange.
            entry: The entry with its intent.
            failure: What the provider answered.
            intent: The intent.
        """
        # A clear refusal leaves the refresh token as it was; otherwise it may be spent.
        end = intent.ended(End.UNANSWERED) if failure.may_have_been_granted else before.intent
        after = entry.ended(end).challenged(failure.claims).spending(before.versions_spent_until)
        return save_result(self.registry, entry, after)
