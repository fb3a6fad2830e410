"""A pipeline that reads the consumer secret after every write: what it must never see."""

import json
from itertools import pairwise
from typing import Any

from tests.fakes.world import CONSUMER_PREFIX, NAME
from tests.simulation.simulated_world import SimulatedWorld
from token_refresher.base.clock import from_rfc3339, to_rfc3339
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status

PUBLISH_TO = "analytics/acme"
SECRET = f"{CONSUMER_PREFIX}/{PUBLISH_TO}"

Tokens = tuple[str, str, str]
"""An access token, when it was issued, and when it ends."""


class Reader:
    """A pipeline of the simulated credential.

    Args:
        world: The world.
        first: The document that the operator has put; its access token comes from no provider of the simulation.
    """

    def __init__(self, world: SimulatedWorld, first: str) -> None:
        self._world = world
        known = json.loads(first)
        self._first: Tokens = known["access_token"], known["refreshed_at"], known["expires_at"]

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What the reader has seen, in order."""
        return self._world.consumers.seen.get(SECRET, [])

    def check(self) -> None:
        """Check what must hold at every moment."""
        for before, after in pairwise(self.seen):
            assert before["generation"] < after["generation"], f"a generation came back: {before}, then {after}"
            assert before["refreshed_at"] <= after["refreshed_at"], f"an older token came back: {before}, then {after}"
        issued = {self._first, *self._issued()}
        for document in self.seen:
            tokens = document["access_token"], document["refreshed_at"], document["expires_at"]
            assert tokens in issued, f"{tokens} were never issued together"
            assert document["expires_at_epoch"] == from_rfc3339(document["expires_at"]).timestamp()
            assert not {"refresh_token", "client_secret"} & document.keys()

    def check_quiet(self) -> None:
        """Check what must hold after all faults have stopped and two ticks have passed."""
        self.check()
        current = Credential.parse(self._world.store.current_text(NAME))
        published, entry = self._world.consumers.document(SECRET), self._world.entry()
        assert current.refreshed_at is not None
        assert current.access_token is not None
        # After a roll-back the token that was published stays: it is newer, and as good.
        if published["refreshed_at"] <= to_rfc3339(current.refreshed_at):
            assert published["access_token"] == current.access_token.reveal(), "the current token is not published"
            stopped = entry.status.needs_a_person and not entry.is_tried_on
            assert published["status"] == (entry.status if stopped else Status.HEALTHY)

    def _issued(self) -> set[Tokens]:
        return {
            (grant.access_token.reveal(), to_rfc3339(grant.issued_at), to_rfc3339(grant.expires_at))
            for grant in self._world.authority.grants
            if grant.access_token is not None and grant.expires_at is not None
        }
