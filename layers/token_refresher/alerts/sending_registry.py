"""A registry that sends the credential events which follow from an entry when the entry is written.

The entry is the outbox: it says what the bus took last, so the next write sends what is missing. An event is sent at
least once, and a refresh without a failure needs no write beside its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts.credential_event import CredentialEvent, EventBus, Kind
from token_refresher.base.clock import Clock, to_rfc3339
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.registry import Registry
from token_refresher.registry.sent_events import SentEvents
from token_refresher.registry.summary import DueEntry, EntrySummary

SEND_AGAIN: Final = timedelta(minutes=1)
"""When to send an event again that the bus did not take: with the next tick."""


@dataclass(frozen=True)
class SendingRegistry:
    """A `Registry` that sends credential events. A bus that fails stops no write.

    Attributes:
        registry: The registry itself.
        bus: The bus that gets the events.
        clock: Returns the current time.
    """

    registry: Registry
    bus: EventBus
    clock: Clock

    def save(self, entry: RegistryEntry) -> RegistryEntry:
        """See `Registry.save`."""
        # New tokens are current, whoever writes the entry first. So this is sent before the write, which records it.
        saved = self.registry.save(self._with_tokens_sent(entry))
        if not _newly_needs_consent(saved):
            return saved
        # If a consent was faster, the write has failed, and nobody is held back.
        after = self._with_need_sent(saved)
        return saved if after == saved else self.registry.save(after)

    def _with_tokens_sent(self, entry: RegistryEntry) -> RegistryEntry:
        now = self.clock()
        kinds = _kinds_of_tokens(entry, now)
        if not kinds:
            return entry
        try:
            self._send(entry, *kinds)
        except ServiceUnavailableError as error:
            return _due_by(entry, now + SEND_AGAIN) if error.passing else entry
        return replace(entry, sent_events=SentEvents(entry.refreshed_at))

    def _with_need_sent(self, entry: RegistryEntry) -> RegistryEntry:
        try:
            self._send(entry, Kind.NEEDS_CONSENT)
        except ServiceUnavailableError as error:
            # The next attempt sends it, without another exchange.
            return entry.not_notified(self.clock() + SEND_AGAIN) if error.passing else entry
        return replace(entry, sent_events=replace(entry.sent_events, needs_consent=entry.version_id))

    def _send(self, entry: RegistryEntry, *kinds: Kind) -> None:
        now = self.clock()
        self.bus.send([CredentialEvent(kind, entry, now) for kind in kinds])

    def get(self, name: str) -> RegistryEntry | None:
        """See `Registry.get`."""
        return self.registry.get(name)

    def forget(self, name: str) -> None:
        """See `Registry.forget`."""
        self.registry.forget(name)

    def overview(self) -> Iterator[EntrySummary]:
        """See `Registry.overview`."""
        return self.registry.overview()

    def summaries(self, names: Sequence[str]) -> dict[str, EntrySummary]:
        """See `Registry.summaries`."""
        return self.registry.summaries(names)

    def next_actions(self, now: datetime) -> Iterator[DueEntry]:
        """See `Registry.next_actions`."""
        return self.registry.next_actions(now)

    def of_application(self, client_id: str) -> Iterator[str]:
        """See `Registry.of_application`."""
        return self.registry.of_application(client_id)


def _kinds_of_tokens(entry: RegistryEntry, now: datetime) -> list[Kind]:
    """Return the events of good tokens that were not sent yet.

    While an exchange is under way or due, the entry does not say what pipelines will find: the attempt sends it.
    """
    is_settled = entry.intent is None or entry.intent.is_settled
    is_due = entry.next_action_at is not None and entry.next_action_at <= now
    if is_due or not is_settled or entry.failing_since is not None or entry.refreshed_at is None:
        return []
    if not _is_published(entry, to_rfc3339(entry.refreshed_at)):
        return []
    sent = entry.sent_events
    is_valid = entry.expires_at is not None and now < entry.expires_at
    is_new = sent.refreshed_at is None or sent.refreshed_at < entry.refreshed_at
    kinds = [Kind.REFRESHED] if is_valid and is_new else []
    return [*kinds, Kind.RECOVERED] if sent.needs_consent else kinds


def _is_published(entry: RegistryEntry, refreshed_at: str) -> bool:
    """Tell whether pipelines find the tokens in the secret for them, if there is one; a pointer is not awaited."""
    behind = any(not one.is_pointer and one.refreshed_at < refreshed_at for one in entry.publications)
    return not behind and not entry.is_not_published


def _newly_needs_consent(entry: RegistryEntry) -> bool:
    """Tell whether refreshes have stopped until a person signs in, and no event says so of this version."""
    needs_consent = entry.status in {Status.AWAITING_CONSENT, Status.NEEDS_CONSENT} and entry.is_rejected
    return needs_consent and entry.sent_events.needs_consent != entry.version_id


def _due_by(entry: RegistryEntry, moment: datetime) -> RegistryEntry:
    """Return the entry with an attempt no later than this, unless it is paused.

    The attempt makes no exchange that is not due.
    """
    planned = entry.next_action_at
    return entry.reminded_at(min(planned, moment)) if planned else entry
