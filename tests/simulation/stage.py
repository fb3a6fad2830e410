"""A world in which processes run at the same time, and the people and the services around them."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

from tests.fakes.calls import KilledError
from tests.fakes.fake_authority import Kind
from tests.fakes.world import DUE_AGE, NAME, TIMING
from tests.simulation.actors import Actor, Fate
from tests.simulation.ledger import UNKNOWN_KEY, Ledger, token_in
from tests.simulation.simulated_world import SimulatedWorld
from token_refresher.errors import (
    AlertNotSentError,
    CredentialNotFoundError,
    GrantKeptError,
    NotEnoughTimeError,
    OvertakenError,
    ServiceUnavailableError,
    VersionNotFoundError,
)
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status
from token_refresher.status_label import NO_REASON, StatusLabel
from token_refresher.timing import SETTLING

CALLBACK_LIMIT = timedelta(seconds=30)
TICK = timedelta(minutes=5)
PAUSED = StatusLabel(Status.PAUSED, NO_REASON)

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
"""With these an invocation may fail: its message comes again, or the person does."""


class Stage:
    """One credential, and everybody who has to do with it."""

    def __init__(self, kind: Kind) -> None:
        self.world = SimulatedWorld(kind)
        self.ledger = Ledger(self.world)
        self.world.store.on_promote = self.ledger.check_promotion
        self._ends_at: dict[Actor, datetime] = {}
        token = self.world.authority.open_family()
        self.ledger.put_by_the_operator(token)
        document = json.loads(self.world.document(age=DUE_AGE, refresh_token=token))
        head = json.dumps(document, indent=2).removesuffix("\n}")
        version_id = self.world.store.create(NAME, f'{head},\n  "note": 0,\n  {UNKNOWN_KEY}\n}}')
        self.world.registry.save(RegistryEntry.discovered(NAME, version_id, self.world.clock()))
        self.copy = self.text
        """What the operator has in an open editor."""
        self.ledger.look()
        # No reader sees a secret any more as it was before it was created.
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
        """Let a person come back from Microsoft, to another callback worker."""
        arrival = self.world.go_and_return()
        return self._start("consent", lambda: self.world.complete(arrival, CALLBACK_LIMIT))

    def _start(self, kind: str, body: object) -> Actor:
        assert callable(body)
        actor = Actor(f"{kind} {len(self.world.scheduled.actors) + 1}", body)
        self.world.scheduled.actors.append(actor)
        # No two grants are of the same second: the network alone takes longer.
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

    def finish(self, actor: Actor) -> None:
        """Let a process run to its end."""
        while actor.at is not None:
            self.go(actor)

    def pass_time(self, span: timedelta) -> None:
        """Let time pass; AWS ends who has run for too long."""
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
        """Save a document with a new note in it, as an operator does at the console."""
        self.ledger.note += 1
        text = re.sub(r'"note": \d+', f'"note": {self.ledger.note}', text)
        token = token_in(text)
        assert token is not None
        self.ledger.look()
        self.ledger.put_by_the_operator(token)
        self.world.store.edit(NAME, text)
        self.ledger.is_broken = False

    def import_token(self) -> None:
        """Put the refresh token of another sign-in into the document."""
        current = self.ledger.current_token()
        assert current is not None
        token = self.world.authority.open_family()
        self.edit(self.text.replace(f'"{current}"', f'"{token}"'))

    def break_document(self) -> None:
        """Save something that is no credential document."""
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
        """Set the credential aside, as the operator's command does: in the registry, and on the secret."""
        self.ledger.put_on_pause(self.world.entry())
        self._record(self.world.entry().paused())
        self.world.store.tag(NAME, **PAUSED.to_tags())

    def resume(self) -> None:
        """Put it back to work, as the operator's command does; its tags are set by the next look."""
        self.ledger.is_paused = False
        self._record(self.world.entry().resumed(self.world.clock()))

    def _record(self, entry: RegistryEntry) -> None:
        self.world.registry.entries[NAME] = replace(entry, revision=entry.revision + 1)

    # --- The end -------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """End the processes without a trace."""
        for actor in self.live:
            actor.go(Fate.DIES_BEFORE)

    def become_quiet(self) -> None:
        """Let the faults stop, and two ticks pass."""
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
