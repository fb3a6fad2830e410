"""One credential in a world with concurrent processes, and everything that can happen to it."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

from tests.fakes.calls import KilledError
from tests.fakes.kind import Kind
from tests.fakes.memory_store import CURRENT, PENDING, PREVIOUS
from tests.fakes.world import DUE_AGE, NAME, TIMING
from tests.simulation.actors import Actor, Fate
from tests.simulation.ledger import UNKNOWN_KEY, Ledger
from tests.simulation.reader import PUBLISH_TO, Reader
from tests.simulation.simulated_world import SimulatedWorld
from tests.simulation.tokens import token_in
from token_refresher.base.errors import (
    AlertNotSentError,
    CredentialNotFoundError,
    GrantKeptError,
    NotEnoughTimeError,
    OvertakenError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
from token_refresher.base.timing import SETTLING
from token_refresher.credential.status import Status
from token_refresher.credential.status_tags import NO_REASON, StatusTags
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.registry.entry import RegistryEntry

CALLBACK_LIMIT = timedelta(seconds=30)
TICK = timedelta(minutes=5)
PAUSED = StatusTags(Status.PAUSED, NO_REASON)

_EXPECTED_ENDS = (
    KilledError,
    AlertNotSentError,
    CredentialNotFoundError,
    GrantKeptError,
    NotEnoughTimeError,
    OvertakenError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
"""With these an invocation may fail: SQS delivers its message again, or the person tries again."""


class Simulation:
    """One credential, its workers, its operator, its person and, if it publishes, its pipeline."""

    def __init__(
        self, kind: Kind = Kind.MICROSOFT, entry: ProviderEntry | None = None, *, publishes: bool = False
    ) -> None:
        self.world = SimulatedWorld(kind, entry)
        self.ledger = Ledger(self.world)
        self.world.store.on_promote = self.ledger.check_promotion
        self._ends_at: dict[Actor, datetime] = {}
        token = self.world.authority.open_family()
        self.ledger.put_by_the_operator(token)
        published = {"publish_to": PUBLISH_TO} if publishes else {}
        document = json.loads(self.world.document(age=DUE_AGE, refresh_token=token, **published))
        self.reader = Reader(self.world, json.dumps(document)) if publishes else None
        head = json.dumps(document, indent=2).removesuffix("\n}")
        version_id = self.world.store.create(NAME, f'{head},\n  "note": 0,\n  {UNKNOWN_KEY}\n}}')
        self.world.registry.save(RegistryEntry.discovered(NAME, version_id, self.world.clock()))
        self.copy = self.text
        """The document in the operator's open editor."""
        self.ledger.observe()
        # After this time no eventually consistent read returns the state before the creation.
        self.world.clock.advance(SETTLING)

    @property
    def text(self) -> str:
        """The current document."""
        return self.world.store.current_text(NAME)

    @property
    def live(self) -> list[Actor]:
        """The processes that have not ended."""
        return self.world.scheduled.live

    # --- Processes -----------------------------------------------------------------------------------------------

    def message(self, *, escrowed: bool = False, request_id: str = "") -> Actor:
        """Deliver a message to another refresh worker."""
        return self._start("refresh", lambda: self.world.refresh(escrowed=escrowed, request_id=request_id))

    def consent(self) -> Actor:
        """Let a person come back from Microsoft to another callback worker."""
        arrival = self.world.go_and_return()
        return self._start("consent", lambda: self.world.complete(arrival, CALLBACK_LIMIT))

    def _start(self, kind: str, body: object) -> Actor:
        assert callable(body)
        actor = Actor(f"{kind} {len(self.world.scheduled.actors) + 1}", body)
        self.world.scheduled.actors.append(actor)
        # No two grants have the same second, because each call takes time.
        self.world.clock.advance(timedelta(seconds=1))
        self._ends_at[actor] = self.world.clock() + (TIMING.longest_run if kind == "refresh" else CALLBACK_LIMIT)
        actor.start()
        self._after(actor)
        return actor

    def go(self, actor: Actor, fate: Fate = Fate.GOES_ON) -> None:
        """Let a process make one call."""
        if actor.at and actor.at.startswith("authority."):
            self.world.clock.advance(timedelta(seconds=1))
        actor.go(fate)
        self._after(actor)
        self._end_what_is_over()

    def run_to(self, actor: Actor, call: str) -> None:
        """Let a process run until it is about to make a call."""
        while actor.at != call:
            self.go(actor)

    def finish(self, actor: Actor) -> None:
        """Let a process run to its end."""
        while actor.at is not None:
            self.go(actor)

    def pass_time(self, span: timedelta) -> None:
        """Let time pass; AWS ends processes that have run for too long."""
        self.world.clock.advance(span)
        self._end_what_is_over()

    def _end_what_is_over(self) -> None:
        for actor in self.live:
            if self.world.clock() >= self._ends_at[actor]:
                actor.go(Fate.DIES_BEFORE)
                self._after(actor)

    def _after(self, actor: Actor) -> None:
        if actor.at is None:
            if actor.error is not None and not isinstance(actor.error, _EXPECTED_ENDS):
                raise actor.error
            self.ledger.check_end(actor)

    # --- People --------------------------------------------------------------------------------------------------

    def edit(self, text: str) -> None:
        """Save a document with a new note, as an operator does in the console."""
        self.ledger.note += 1
        text = re.sub(r'"note": \d+', f'"note": {self.ledger.note}', text)
        token = token_in(text)
        assert token is not None
        self.ledger.observe()
        self.ledger.put_by_the_operator(token)
        self.world.store.edit(NAME, text)
        self.ledger.is_broken = False

    def import_token(self) -> None:
        """Put the refresh token of another sign-in into the document."""
        current = self.ledger.tokens.current()
        assert current is not None
        token = self.world.authority.open_family()
        self.edit(self.text.replace(f'"{current}"', f'"{token}"'))

    def versions(self) -> list[str]:
        """Return the versions that are documents with a refresh token, the oldest first."""
        return [one for one, content in self.world.store.contents(NAME).items() if token_in(content)]

    def move_current(self, version_id: str) -> None:
        """Move ``AWSCURRENT`` to a version, which is how AWS documents a roll-back."""
        self.ledger.moved_by_the_operator(version_id)
        self.world.store.move(NAME, CURRENT, version_id)
        self.ledger.observe()

    def move_pending(self, version_id: str) -> None:
        """Move ``AWSPENDING`` to a version."""
        self.world.store.move(NAME, PENDING, version_id)

    def remove_label(self, label: str) -> None:
        """Remove a staging label from its version."""
        if label in self.world.store.labels(NAME):
            if label == PREVIOUS:
                self.ledger.lose_evidence()
            self.world.store.remove_label(NAME, label)

    def store_pending_of_another(self, content: str | bytes) -> None:
        """Let another rotation store a version under ``AWSPENDING``."""
        self.world.store.stage(NAME, content)

    def break_document(self) -> None:
        """Save a text that is not a credential document."""
        self.copy = self.text
        self.world.store.edit(NAME, "{}")
        self.ledger.is_broken = True

    def create_anew(self) -> None:
        """Delete the secret, and create it again from the open editor."""
        token = token_in(self.copy)
        assert token is not None
        self.ledger.note += 1
        text = re.sub(r'"note": \d+', f'"note": {self.ledger.note}', self.copy)
        self.world.store.purge(NAME)
        self.world.store.create(NAME, text)
        self.ledger.put_by_the_operator(token, anew=True)
        self.ledger.is_broken = False

    def pause(self) -> None:
        """Pause the credential as the command does: in the registry, and in the status tags."""
        self.ledger.put_on_pause(self.world.entry())
        self._record(self.world.entry().paused())
        self.world.store.tag(NAME, **PAUSED.to_tags())

    def resume(self) -> None:
        """Resume the credential as the command does; the next attempt sets the status tags."""
        self.ledger.is_paused = False
        self._record(self.world.entry().resumed(self.world.clock()))

    def _record(self, entry: RegistryEntry) -> None:
        self.world.registry.entries[NAME] = replace(entry, revision=entry.revision + 1)

    # --- What must hold ------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Check what must hold at every moment."""
        self.ledger.check()
        if self.reader is not None:
            self.reader.check()

    # --- The end -------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """Kill all processes."""
        for actor in self.live:
            actor.go(Fate.DIES_BEFORE)

    def become_quiet(self) -> None:
        """Stop all faults, finish all processes, tick twice, and check the end."""
        self.world.scheduled.down.clear()
        for actor in self.live:
            self.finish(actor)
        if self.ledger.is_broken:
            self.edit(self.copy)
        self.resume()
        for _ in range(2):
            self.pass_time(TICK)
            self.world.dispatcher.tick()
            messages, self.world.queue.messages = self.world.queue.messages, []
            for message in messages:
                self.finish(self.message(escrowed=message.escrowed))
        self.ledger.check_quiet()
        if self.reader is not None:
            self.reader.check_quiet()
