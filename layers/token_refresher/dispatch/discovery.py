"""Discovery: find the secrets that differ from the registry, read each of them, and bring its entry up to date.

Discovery has a share of a tick's time; the next ticks go on where it stopped. An error with one secret does not stop
the others: refresh gets a request for that secret, meets the same error, and notifies the person who must act.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.errors import CredentialNotFoundError, StaleObservationError
from token_refresher.base.time_share import TimeLeft, TimeShare
from token_refresher.credential.status import Status
from token_refresher.dispatch.listing import Listing
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.registry import Registry
from token_refresher.registry.summary import EntrySummary
from token_refresher.rotation.secret_store import NO_VERSION, SecretInventory, SecretState

ReportFault = Callable[[str, Exception], None]
"""Logs and counts an error with a credential, given its name."""

_STEP: Final = timedelta(seconds=45)
"""The longest time of one step if every call hangs: three calls, each tried three times (`clients.PATIENT`)."""

_LIST_SHARE: Final = 0.25
_SHARE: Final = 0.6
"""The shares of the remaining time for the list, and for all of discovery. The rest is for a last step that hangs."""

_OUTDATED_TAGS_A_TICK: Final = 20
"""How many secrets are enqueued in one tick only because their status tags are outdated.

If tags cannot be set at all, the tags of every secret are outdated.
"""


@dataclass
class DiscoveryCounts:
    """The numbers of one tick.

    Attributes:
        discovered: How many secrets were new.
        changed: How many secrets an operator or another process has written since the last tick.
        forgotten: How many entries were removed, because their secret is gone.
        failed: How many secrets could not be read.
        put_off: How many credentials are left to the next ticks.
    """

    discovered: int = 0
    changed: int = 0
    forgotten: int = 0
    failed: int = 0
    put_off: int = 0


@dataclass(frozen=True)
class Tick:
    """One tick, as discovery sees it.

    Attributes:
        known: The registry.
        sent: The credentials that were enqueued already. Discovery leaves them to refresh, because two writers of one
            entry would overtake each other.
        now: The time.
        time_left: Returns how long the invocation may still run.
        counts: Discovery counts here.
    """

    known: Mapping[str, EntrySummary]
    sent: frozenset[str]
    now: datetime
    time_left: TimeLeft
    counts: DiscoveryCounts = field(default_factory=DiscoveryCounts)


class Discovery:
    """Brings the registry up to date and finds credentials to refresh. It lives as long as the process does.

    Args:
        inventory: The managed secrets, without their values.
        registry: The registry.
        report_fault: Reports a secret that could not be read.
    """

    def __init__(self, inventory: SecretInventory, registry: Registry, report_fault: ReportFault) -> None:
        self.inventory = inventory
        self.listing = Listing(inventory)
        self.report_fault = report_fault
        self._registry = registry
        self._waiting: dict[str, SecretState] = {}
        """The secrets that differ from the registry, for which there was no time yet."""
        self._failed: set[str] = set()
        """The secrets that could not be read the last time. They come after all others."""
        self._tags_requested: set[str] = set()
        """The secrets that were enqueued because of their tags, since the last time that all such secrets were."""

    def run(self, tick: Tick) -> Iterator[RefreshRequest]:
        """Yield the requests for secrets that differ from the registry, and bring the registry up to date."""
        share = TimeShare.of(tick.time_left, _SHARE, _STEP)
        outdated_tags = self._read_list(tick, TimeShare.of(tick.time_left, _LIST_SHARE, _STEP))
        # Outdated tags go first, because they are few; then changed secrets, new ones, and those that failed before.
        for secret in self._next_with_outdated_tags(outdated_tags):
            if not share.is_spent:
                yield from self._process(secret.name, _version(secret), tick, self._active_entry)
        for name in sorted(self._waiting, key=lambda name: (name in self._failed, name not in tick.known)):
            if share.is_spent:
                break
            secret = self._waiting.pop(name)
            is_recorded = name in tick.known and tick.known[name].version_id == _version(secret)
            step = self._active_entry if is_recorded else self._reconcile
            yield from self._process(name, _version(secret), tick, step, secret)
        tick.counts.put_off += len(self._waiting)
        # A secret that is missing from a part of the list may be in the rest of it.
        missing = sorted(tick.known.keys() - self.listing.seen - tick.sent)
        while missing and self.listing.is_whole and not share.is_spent:
            name = missing.pop(0)
            yield from self._process(name, tick.known[name].version_id, tick, self._reconcile)
        tick.counts.put_off += len(missing) if self.listing.is_whole else max(1, len(missing))

    def _read_list(self, tick: Tick, share: TimeShare) -> list[SecretState]:
        """Read the list, note the secrets that differ from the registry, and return those with outdated tags only."""
        outdated_tags = []
        for secret in self.listing.read(share):
            self._waiting.pop(secret.name, None)
            if secret.name in tick.sent:
                continue
            if _differs(secret, tick.known):
                self._waiting[secret.name] = secret
            elif _has_outdated_tags(secret, tick.known):
                outdated_tags.append(secret)
        return outdated_tags

    def _process(
        self,
        name: str,
        version_id: str,
        tick: Tick,
        step: Callable[[str, Tick], RegistryEntry | None],
        listed: SecretState | None = None,
    ) -> Iterator[RefreshRequest]:
        """Yield the request for the entry that a step returns; if the step fails, yield one for the name."""
        try:
            entry = step(name, tick)
        except Exception as error:  # noqa: BLE001 - An error with one credential must not stop the others.
            self.report_fault(name, error)
            self._failed.add(name)
            if listed is not None and name not in tick.known:
                # A new secret gets an entry from what the list says, so that it is not new at the next tick.
                with suppress(Exception):
                    self._save(RegistryEntry.of_secret(listed, tick.now))
            tick.counts.failed += 1
            yield RefreshRequest(name, version_id, tick.now)
            return
        self._failed.discard(name)
        if entry is not None:
            yield RefreshRequest.for_entry(entry, tick.now)

    def _next_with_outdated_tags(self, outdated_tags: list[SecretState]) -> list[SecretState]:
        """Return the next few secrets with outdated tags: if no tag can be set, other ones at each tick."""
        remaining = [secret for secret in outdated_tags if secret.name not in self._tags_requested]
        if not remaining:
            self._tags_requested.clear()
            remaining = outdated_tags
        chosen = remaining[:_OUTDATED_TAGS_A_TICK]
        self._tags_requested.update(secret.name for secret in chosen)
        return chosen

    def _active_entry(self, name: str, _tick: Tick) -> RegistryEntry | None:
        """Return the entry of a credential, unless it is paused or gone."""
        entry = self._registry.get(name)
        return entry if entry and not entry.is_paused else None

    def _reconcile(self, name: str, tick: Tick) -> RegistryEntry | None:
        """Bring the entry of one credential up to date; return the entry if the credential is due now.

        The list can be five minutes behind. So if it differs from the registry, the secret itself is described.
        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
        """
        entry = self._registry.get(name)
        try:
            state = self.inventory.describe(name)
        except CredentialNotFoundError:
            if entry is None:
                return None
            tick.counts.forgotten += 1
            if entry.alert is not None and entry.alert.incident and not entry.is_paused:
                return entry  # Refresh, which may publish alerts, takes it out of its incident and removes the entry.
            self._registry.forget(name)
            return None
        if entry is None:
            tick.counts.discovered += 1
            return self._save(RegistryEntry.of_secret(state, tick.now))
        version_id = _version(state)
        if entry.version_id == version_id:
            return None  # The writer of that version has updated the entry.
        tick.counts.changed += 1
        return self._save(entry.changed(version_id, tick.now))

    def _save(self, entry: RegistryEntry) -> RegistryEntry | None:
        try:
            self._registry.save(entry)
        except StaleObservationError:
            return None  # A refresh or a consent wrote the entry first, and knows more than the list does.
        return entry if entry.next_action_at is not None else None


def _differs(secret: SecretState, known: Mapping[str, EntrySummary]) -> bool:
    """Tell whether a secret is new, was changed by an operator or another process, or has an unpromoted version.

    The process that stored an unpromoted version may have died, so its credential counts as due.
    """
    entry = known.get(secret.name)
    return entry is None or entry.version_id != _version(secret) or secret.unfinished_successor is not None


def _has_outdated_tags(secret: SecretState, known: Mapping[str, EntrySummary]) -> bool:
    """Tell whether the status tags of a secret differ from its entry.

    A credential that is being retried keeps the tags that it had before, except those of a pause.
    """
    entry = known.get(secret.name)
    if entry is None or entry.status is Status.PAUSED:
        return False
    if entry.status is Status.RETRYING:
        return secret.shows_paused
    return secret.status_tags is None or secret.status_tags.status != entry.status


def _version(secret: SecretState) -> str:
    """Return the version to put into the entry; a secret without a value has none, and is reported as malformed."""
    return secret.current or NO_VERSION
