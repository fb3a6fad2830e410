"""A fleet over weeks: the real dispatch and the real refresh on every tick, over the fakes, and people who act."""

import heapq
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Any

from tests.fakes.fake_authority import LIFETIME, Person
from tests.fakes.manual_clock import START
from tests.fakes.memory_store import CURRENT
from tests.fakes.world import TIMING, World, arrival
from tests.month.script import TICK
from tests.month.weather import Application, WeatheredAuthority
from token_refresher.alert import Alert
from token_refresher.authorize_request import Wish
from token_refresher.clock import to_rfc3339
from token_refresher.errors import AlertNotSentError

RECEIVED_AT_MOST = 3
"""After this SQS puts a message aside; the next tick sends another one."""


class Stage:
    """One fleet and its time."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - It has to be repeatable, and guards nothing.
        self.world = World()
        self.clock = self.world.clock
        self.authority = WeatheredAuthority(self.clock, self.world.calls, self.rng)
        self.world.authority = self.authority
        self.tokens: dict[str, list[tuple[datetime, datetime]]] = {}
        """When each credential got a token that was seen after a tick, and when that ends."""
        self._ticked_at = START
        self._acts: list[tuple[datetime, int, Callable[[], object]]] = []
        self._number = count()

    # --- People ------------------------------------------------------------------------------------------------

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        """Let somebody act at a time."""
        heapq.heappush(self._acts, (moment, next(self._number), act))

    def create(
        self, name: str, client_id: str = "client-of-the-operator", *, consented: bool = True, **fields: Any
    ) -> None:
        """Create the secret of a credential, with tokens of a random age or without any."""
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
        """Go through a whole consent."""
        consent = self.world.consent
        departure = consent.start(name, self.world.invite(name), Wish())
        state, code = self.authority.sign_in(departure.authorize_url, self._person(name))
        result = self.world.complete(arrival(state, departure.cookie, code))
        assert result.ending.name == "CONNECTED", result

    def revoke(self, name: str) -> None:
        """End the sign-in of a credential."""
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
            self._look()
            self.world.calls.log.clear()
            self._ticked_at += TICK
            while self._acts and self._acts[0][0] < self._ticked_at:
                moment, _, act = heapq.heappop(self._acts)
                self.clock.now = max(self.clock.now, moment)
                act()
            assert self.clock.now <= self._ticked_at, "a tick took longer than to the next one"
        self.clock.now = self._ticked_at

    def _deliver(self) -> None:
        """Deliver as a FIFO queue does: what was not handled comes again after the visibility timeout."""
        pending = [(message.credential, message.escrowed) for message in self.world.queue.messages]
        self.world.queue.messages.clear()
        for received in range(RECEIVED_AT_MOST):
            if pending:
                self.clock.now = max(self.clock.now, self._ticked_at + received * TIMING.visibility_timeout)
            pending = [(name, escrowed) for name, escrowed in pending if not self._handled(name, escrowed=escrowed)]

    def _handled(self, name: str, *, escrowed: bool) -> bool:
        service = replace(self.world.refresher, spread=self.rng.random)
        try:
            service.refresh(name, self.world.time_left(TIMING.longest_run), escrowed=escrowed)
        except AlertNotSentError:
            return False
        return True

    def _look(self) -> None:
        for name, entry in self.world.registry.entries.items():
            seen = self.tokens.setdefault(name, [])
            if entry.expires_at is not None and (not seen or seen[-1][1] != entry.expires_at):
                seen.append((self.clock(), entry.expires_at))

    # --- What is seen ------------------------------------------------------------------------------------------

    @property
    def alerts(self) -> list[Alert]:
        """What people were told."""
        return self.world.topic.alerts

    def client_of(self, name: str) -> str:
        """Return the application of a credential, also of one that is gone."""
        secret = self.world.store._secrets[name]
        return str(json.loads(secret.versions[secret.labels[CURRENT]])["client_id"])

    def least_left(self) -> timedelta:
        """Return the shortest time that was left on a token when its successor was seen."""
        return min(self.spare())

    def spare(self) -> list[timedelta]:
        """Return what was left on each token when its successor was seen."""
        pairs = (pair for seen in self.tokens.values() for pair in pairwise(seen))
        return [ends_at - seen_at for (_, ends_at), (seen_at, _) in pairs]
