"""A simulated fleet: the real dispatch and refresh at every tick, over fakes, with people who act at given times."""

import heapq
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Any

from tests.fakes.fake_authority import LIFETIME, Person
from tests.fakes.manual_clock import START
from tests.fakes.memory_store import CURRENT
from tests.fakes.world import TIMING, World, arrival, with_pace
from tests.month.script import TICK
from tests.month.scripted_authority import Application, ScriptedAuthority
from token_refresher.alerts.alert import Alert
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import AlertNotSentError
from token_refresher.providers.authorization import SignInOptions

RECEIVED_AT_MOST = 3
"""After that SQS moves a message to the dead-letter queue, and the next tick sends another one."""


class SimulatedFleet:
    """A fleet, its people and its clock."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - It must be repeatable, and protects nothing.
        self.world = World()
        self.clock = self.world.clock
        self.authority = ScriptedAuthority(self.clock, self.world.calls, self.rng)
        self.world.authority = self.authority
        self.tokens: dict[str, list[tuple[datetime, datetime]]] = {}
        """For each credential, when a new access token was seen after a tick, and when it expires."""
        self._ticked_at = START
        self._acts: list[tuple[datetime, int, Callable[[], object]]] = []
        self._number = count()

    # --- People ------------------------------------------------------------------------------------------------

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        """Schedule an action of a person."""
        heapq.heappush(self._acts, (moment, next(self._number), act))

    def create(
        self, name: str, client_id: str = "client-of-the-operator", *, consented: bool = True, **fields: Any
    ) -> None:
        """Create the secret of a credential, with tokens of a random age or without tokens."""
        self.authority.applications.setdefault(client_id, Application())
        if consented:
            age = self.rng.random() * (LIFETIME - TIMING.margin - TIMING.jitter)
            person = self._person(name)
            known: dict[str, Any] = {
                "refresh_token": self.authority.open_family(),
                "identity": {
                    "username": person.username,
                    "tenant_id": person.tenant_id,
                    "object_id": person.object_id,
                    "consented_at": to_rfc3339(self.clock() - age),
                },
                **fields,
            }
            self.world.store.create(name, self.world.document(age=age, client_id=client_id, **known))
            return
        gone: dict[str, Any] = dict.fromkeys(("access_token", "expires_at", "refreshed_at", "refresh_token_issued_at"))
        self.world.store.create(name, self.world.document(client_id=client_id, **gone, **fields))

    def sign_in(self, name: str) -> None:
        """Sign in for a credential, from the link to the callback."""
        consent = self.world.consent
        departure = consent.start(name, self.world.invite(name), SignInOptions())
        state, code = self.authority.sign_in(departure.authorize_url, self._person(name))
        result = self.world.complete(arrival(state, departure.cookie, code))
        assert result.ending.name == "CONNECTED", result

    def revoke(self, name: str) -> None:
        """Revoke the sign-in of a credential at the provider."""
        self.authority.revoke(self.world.current_refresh_token(name))

    def _person(self, name: str) -> Person:
        return Person(f"{name}@example.com", f"object-of-{name}")

    # --- Time --------------------------------------------------------------------------------------------------

    def run(self, until: datetime) -> None:
        """Let time pass, tick by tick."""
        while self._ticked_at < until:
            self.clock.now = max(self.clock.now, self._ticked_at)
            self.world.dispatcher.tick()
            self._deliver()
            self._note_new_tokens()
            self.world.calls.log.clear()
            self._ticked_at += TICK
            while self._acts and self._acts[0][0] < self._ticked_at:
                moment, _, act = heapq.heappop(self._acts)
                self.clock.now = max(self.clock.now, moment)
                act()
            assert self.clock.now <= self._ticked_at, "a tick took longer than to the next one"
        self.clock.now = self._ticked_at

    def _deliver(self) -> None:
        """Deliver as a FIFO queue does: an unhandled message comes again after the visibility timeout."""
        pending = [(message.credential, message.escrowed) for message in self.world.queue.messages]
        self.world.queue.messages.clear()
        for received in range(RECEIVED_AT_MOST):
            if pending:
                self.clock.now = max(self.clock.now, self._ticked_at + received * TIMING.visibility_timeout)
            pending = [(name, escrowed) for name, escrowed in pending if not self._handled(name, escrowed=escrowed)]

    def _handled(self, name: str, *, escrowed: bool) -> bool:
        service = with_pace(self.world.refresher, spread=self.rng.random)
        try:
            service.refresh(name, self.world.time_left(TIMING.longest_run), escrowed=escrowed)
        except AlertNotSentError:
            return False
        return True

    def _note_new_tokens(self) -> None:
        for name, entry in self.world.registry.entries.items():
            seen = self.tokens.setdefault(name, [])
            if entry.expires_at is not None and (not seen or seen[-1][1] != entry.expires_at):
                seen.append((self.clock(), entry.expires_at))

    # --- Results -----------------------------------------------------------------------------------------------

    @property
    def alerts(self) -> list[Alert]:
        """The alerts that were sent."""
        return self.world.topic.alerts

    def client_of(self, name: str) -> str:
        """Return the application of a credential, even of a deleted one."""
        secret = self.world.store._secrets[name]
        return str(json.loads(secret.versions[secret.labels[CURRENT]])["client_id"])

    def least_left(self) -> timedelta:
        """Return the shortest time that a token had left when its successor was seen."""
        return min(self.spare())

    def spare(self) -> list[timedelta]:
        """Return the time that each token had left when its successor was seen."""
        pairs = (pair for seen in self.tokens.values() for pair in pairwise(seen))
        return [ends_at - seen_at for (_, ends_at), (seen_at, _) in pairs]
