"""A rotation that starts from the current version at the beginning of a scenario, and rival rotations."""

from collections.abc import Callable
from datetime import timedelta

from tests.fakes.manual_clock import START
from tests.fakes.world import NAME, World
from token_refresher.base.deadline import Deadline
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.rotation.intent import Base, ExchangeIntent
from token_refresher.rotation.rotation import Rotation, Version
from token_refresher.rotation.secret_store import successor
from token_refresher.rotation.token_family import TokenFamily
from token_refresher.rotation.unfinished import Unfinished

IDENTITY = Identity("ads-owner@example.com", "tenant", "object", START)


def a_grant(refresh_token: str | None, *, seconds: int = 0, access_token: str = "access-new") -> Grant:
    """Return a grant that was issued some seconds after the start of the tests' time."""
    issued_at = START + timedelta(seconds=seconds)
    return Grant(
        access_token=Sensitive(access_token),
        token_type="Bearer",
        expires_at=issued_at + timedelta(hours=1),
        scope="granted",
        refresh_token=Sensitive(refresh_token) if refresh_token else None,
        issued_at=issued_at,
    )


class Placing:
    """A rotation that starts from the version that is current when this object is made."""

    def __init__(self, world: World) -> None:
        patience = Deadline(world.time_left(timedelta(seconds=60)), world.sleep)
        self.rotation = Rotation(world.store, world.escrow, patience)
        self.state, self.base = self.rotation.current(NAME)
        assert self.base.credential.refresh_token is not None
        self.lineage = TokenFamily.of_refresh(self.base.credential.refresh_token.fingerprint)

    def place(self, grant: Grant, lineage: TokenFamily | None = None) -> Version:
        """Store and promote a grant, with the lineage of this refresh or another one."""
        return self.rotation.place(grant, lineage or self.lineage, self.state, self.base, Unfinished(START))

    def keep(self, grant: Grant, lineage: TokenFamily | None = None) -> Version:
        """Store and promote a grant, or put it into escrow."""
        intent = ExchangeIntent.begin(self.base.version_id, Base.of(self.base.credential), START, None)
        return self.rotation.keep(grant, lineage or self.lineage, self.state, self.base, intent)

    @property
    def successor_id(self) -> str:
        """The version id that every rival would use."""
        return successor(self.state.arn, self.base.version_id)


def a_rival(world: World, grant: Grant, *, promoted: bool) -> Callable[[], None]:
    """Return an action for `Calls.at`: another worker stores its grant on top of the same version."""
    other = Placing(world)

    def write() -> None:
        document = other.base.credential.with_grant(grant).dump()
        world.store.put_pending(NAME, other.successor_id, document)
        if promoted:
            world.store.promote(NAME, other.successor_id, replacing=other.base.version_id)

    return write
