"""The reconciliation: all secrets and all entries, a slice each tick, so that nothing stays unseen for over an hour.

It finds what the list of changes cannot tell: entries whose secret is gone, status tags that are outdated, and changes
from before this process began.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from token_refresher.base.time_share import TimeShare
from token_refresher.dispatch.fleet import FleetTally
from token_refresher.dispatch.portions import Portions
from token_refresher.registry.registry import Registry
from token_refresher.registry.summary import EntrySummary
from token_refresher.rotation.secret_store import SecretInventory, SecretPage, SecretState

_ROUND: Final = timedelta(minutes=50)
"""How long a round may take, so that it ends within the hour although ticks are late."""

_PAGE: Final = 100
"""The most secrets on a page of the list."""

_FIRST: Final = 70
"""The pages of a slice in the first round of a process: with ticks of five minutes, a round of 70,000 secrets."""


class Reconciliation:
    """Reads the list of secrets and the registry, a slice each tick. It lives as long as the process does.

    Args:
        inventory: The managed secrets.
        registry: The registry.
        period: The time between two ticks.
    """

    def __init__(self, inventory: SecretInventory, registry: Registry, period: timedelta) -> None:
        ticks = max(1, _ROUND // period)
        self._pages: Portions[SecretPage] = Portions(inventory.pages, ticks, first=_FIRST, least=1)
        # With one entry more than a page of secrets, a fleet of one page is seen to end.
        self._entries = Portions(registry.overview, ticks, first=_FIRST * _PAGE, least=_PAGE + 1)
        self._listing: set[str] = set()
        self._counting = FleetTally()
        self._listed: set[str] | None = None
        """The names on the last list that was read to its end, and those that were seen since."""
        self.tally: FleetTally | None = None
        """The entries of the last round; ``None`` before the first round has ended."""

    @property
    def managed(self) -> int:
        """How many secrets the last whole list had; before the first one, how many were seen."""
        return len(self._listing if self._listed is None else self._listed)

    def entries(self, share: TimeShare) -> Sequence[EntrySummary]:
        """Return the next slice of the registry."""
        found = list(self._entries.next(share))
        if self._entries.began:
            self._counting = FleetTally()
        for entry in found:
            self._counting.add(entry)
        if self._entries.ended:
            self.tally = self._counting
        return found

    @property
    def has_all_entries(self) -> bool:
        """Whether the last slice was the whole registry."""
        return self._entries.began and self._entries.ended

    def secrets(self, share: TimeShare) -> Iterator[Sequence[SecretState]]:
        """Yield the next slice of the list of secrets, page by page."""
        for page in self._pages.next(share):
            self.saw(page.secrets)
            yield page.secrets
            if page.is_last:
                self.saw_all()

    def saw(self, secrets: Sequence[SecretState]) -> None:
        """Note secrets that are there."""
        names = [secret.name for secret in secrets]
        self._listing.update(names)
        if self._listed is not None:
            self._listed.update(names)

    def saw_all(self) -> None:
        """Note that the list has come to its end."""
        self._listed, self._listing = self._listing, set()

    def gone(self, entries: Sequence[EntrySummary]) -> list[EntrySummary]:
        """Return the entries whose secret was not on the last whole list; the attempt finds out whether it is gone."""
        listed = self._listed
        return [] if listed is None else [entry for entry in entries if entry.name not in listed]
