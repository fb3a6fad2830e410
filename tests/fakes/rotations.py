"""A rotation on the version that was current when a scenario began, and its rivals."""

from collections.abc import Callable
from datetime import timedelta

from tests.fakes.manual_clock import START
from tests.fakes.world import NAME, World
from token_refresher.grant import Grant, Identity
from token_refresher.intent import Base, Intent
from token_refresher.lineage import Lineage
from token_refresher.patience import Patience
from token_refresher.rotation import Rotation, Version
from token_refresher.secret_store import successor
from token_refresher.sensitive import Sensitive

IDENTITY = Identity("ads-owner@example.com", "tenant", "object", START)


def a_grant(refresh_token: str | None, *, seconds: int = 0, access_token: str = "access-new") -> Grant:
    """Return a grant that was issued so many seconds after the start."""
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
    """A rotation on the version that was current when the scenario began."""

    def __init__(self, world: World) -> None:
        patience = Patience(world.time_left(timedelta(seconds=60)), world.sleep)
        self.rotation = Rotation(world.store, world.escrow, patience)
        self.state, self.base = self.rotation.current(NAME)
        assert self.base.credential.refresh_token is not None
        self.lineage = Lineage.of_refresh(self.base.credential.refresh_token.fingerprint)

    def place(self, grant: Grant, lineage: Lineage | None = None) -> Version:
        """Place a grant as a refresh does, or with another lineage."""
        return self.rotation.place(grant, lineage or self.lineage, self.state, self.base)

    def keep(self, grant: Grant, lineage: Lineage | None = None) -> Version:
        """Place a grant, or put it into escrow."""
        intent = Intent.begin(self.base.version_id, Base.of(self.base.credential), START, None)
        return self.rotation.keep(grant, lineage or self.lineage, self.state, self.base, intent)

    @property
    def successor_id(self) -> str:
        """The id that every rival wants."""
        return successor(self.state.arn, self.base.version_id)


def a_rival(world: World, grant: Grant, *, promoted: bool) -> Callable[[], None]:
    """Return another worker, that has made a grant from the same version, as an action for `Calls.at`."""
    other = Placing(world)

    def write() -> None:
        ours = other.base.credential.with_grant(grant)
        world.store.put_pending(NAME, other.successor_id, ours.dump())
        if promoted:
            world.store.promote(NAME, other.successor_id, replacing=other.base.version_id)

    return write
