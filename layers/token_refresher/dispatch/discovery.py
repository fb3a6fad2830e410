"""Discovery: find the secrets that differ from the registry, and request an attempt at each.

The attempt reads the secret itself and finds out what is true: the list may be five minutes behind, and dispatch writes
nothing. So an error with one secret is the error of its attempt, and does not stop the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.time_share import TimeLeft, TimeShare
from token_refresher.dispatch.backlog import REQUESTS_A_SECOND
from token_refresher.dispatch.changes import Changes
from token_refresher.dispatch.difference import Difference, difference
from token_refresher.dispatch.reconciliation import Reconciliation
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.registry.registry import Registry
from token_refresher.registry.summary import EntrySummary
from token_refresher.rotation.secret_store import NO_VERSION, SecretInventory, SecretState

_STEP: Final = timedelta(seconds=30)
"""The longest time of one step if every call hangs: two calls, each tried three times (`clients.PATIENT`)."""

_REGISTRY_SHARE: Final = 0.2
_CHANGES_SHARE: Final = 0.5
_SHARE: Final = 0.6
"""The shares of the time left for a slice of the registry, for the changes, and for a slice of the list."""

_OUTDATED_TAGS_A_TICK: Final = 20
"""How many secrets are enqueued in one tick only because their status tags are outdated.

If tags cannot be set at all, the tags of every secret are outdated.
"""


@dataclass
class Tick:
    """One tick, as discovery sees it.

    Attributes:
        sent: The credentials that were enqueued already: their attempts find everything else.
        now: The time.
        time_left: Returns how long the invocation may still run.
        found: How many requests discovery made, by difference.
        put_off: How many are left to the next ticks.
        errors: What kept discovery from reading a list.
    """

    sent: frozenset[str]
    now: datetime
    time_left: TimeLeft
    found: dict[Difference, int] = field(default_factory=lambda: dict.fromkeys(Difference, 0))
    put_off: int = 0
    errors: list[Exception] = field(default_factory=list)


class Discovery:
    """Compares the list of secrets with the registry. It lives as long as the process does.

    Args:
        inventory: The managed secrets, without their values.
        registry: The registry.
        period: The time between two ticks.
    """

    def __init__(self, inventory: SecretInventory, registry: Registry, period: timedelta) -> None:
        self.reconciliation = Reconciliation(inventory, registry, period)
        self._changes = Changes(inventory, period)
        self._registry = registry
        self._most = int(REQUESTS_A_SECOND * period.total_seconds())  # So the next tick finds the queue empty.
        self._waiting: dict[str, tuple[Difference, str]] = {}
        """What differs and was not requested yet: the difference and the version, by name."""
        self._tags_requested: set[str] = set()
        """The secrets that were enqueued because of their tags, since the last time that all such secrets were."""

    def run(self, tick: Tick) -> Iterator[RefreshRequest]:
        """Yield the requests for what differs from the registry, the most urgent first."""
        for name in tick.sent:
            self._waiting.pop(name, None)
        known: Mapping[str, EntrySummary] | None = None
        try:
            entries = self.reconciliation.entries(TimeShare.of(tick.time_left, _REGISTRY_SHARE, _STEP))
            known = {entry.name: entry for entry in entries} if self.reconciliation.has_all_entries else None
            self._read_changes(tick, known)
            tick.put_off += self._changes.is_cut
            if not self._changes.is_whole:
                for page in self.reconciliation.secrets(TimeShare.of(tick.time_left, _SHARE, _STEP)):
                    self._compare(page, known, tick)
            for entry in self.reconciliation.gone(entries):
                if entry.name not in tick.sent:
                    self._waiting[entry.name] = Difference.GONE, entry.version_id
        except ServiceUnavailableError as error:
            tick.errors.append(error)
        yield from self._requested(tick)

    def _read_changes(self, tick: Tick, known: Mapping[str, EntrySummary] | None) -> None:
        share = TimeShare.of(tick.time_left, _CHANGES_SHARE, _STEP)
        for page in self._changes.read(tick.now, share):
            self.reconciliation.saw(page)
            # A refresh of our own costs no second look. The reconciliation looks once an hour.
            self._compare(page if known is not None else [one for one in page if not one.is_own_write], known, tick)
        if self._changes.is_whole:
            self.reconciliation.saw_all()

    def _compare(self, secrets: Sequence[SecretState], known: Mapping[str, EntrySummary] | None, tick: Tick) -> None:
        """Note the secrets that differ from their entries."""
        others = [secret for secret in secrets if secret.name not in tick.sent]
        if known is None:
            known = self._registry.summaries([secret.name for secret in others])
        for secret in others:
            found = difference(secret, known.get(secret.name))
            if found is None:
                self._waiting.pop(secret.name, None)
            else:
                self._waiting[secret.name] = found, secret.current or NO_VERSION

    def _requested(self, tick: Tick) -> Iterator[RefreshRequest]:
        tags = [name for name, (found, _) in self._waiting.items() if found is Difference.TAGS]
        others = sorted(self._waiting.keys() - set(tags), key=lambda name: (self._waiting[name][0], name))
        for name in [*others[: self._most], *self._next_with_outdated_tags(sorted(tags))]:
            found, version_id = self._waiting.pop(name)
            tick.found[found] += 1
            yield RefreshRequest(name, version_id, tick.now)
        tick.put_off += max(0, len(others) - self._most)

    def _next_with_outdated_tags(self, names: list[str]) -> list[str]:
        """Return the next few secrets with outdated tags: if no tag can be set, other ones at each tick."""
        remaining = [name for name in names if name not in self._tags_requested]
        if not remaining:
            self._tags_requested.clear()
            remaining = names
        chosen = remaining[:_OUTDATED_TAGS_A_TICK]
        self._tags_requested.update(chosen)
        return chosen
