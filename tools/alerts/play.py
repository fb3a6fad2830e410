"""The steps of the plays, on a clock that moves only when a play moves it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from tests.fakes.fake_authority import OWNER
from tests.fakes.kind import Kind
from tests.fakes.world import NAME, World
from token_refresher.alerts.alert import Alert
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.failure import ProviderFailure
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.registry.open_alert import Event

CLIENT_ID: Final = "00000000-0000-4000-8000-00000000000a"

_ENOUGH: Final = 200
"""No situation needs as many attempts. A play that has made so many would never end."""


def a_world(
    *names: str,
    kind: Kind = Kind.MICROSOFT,
    age: timedelta = timedelta(minutes=45),
    provider: ProviderEntry | None = None,
) -> World:
    """Return a world with credentials of one application, for each of which a person has signed in."""
    world = World(kind)
    world.provider_entry = provider or world.provider_entry
    for name in names or (NAME,):
        world.manage(name, age=age, client_id=CLIENT_ID, identity=_identity(world))
    return world


def _identity(world: World) -> dict[str, str]:
    return {
        "username": OWNER.username,
        "tenant_id": OWNER.tenant_id,
        "object_id": OWNER.object_id,
        "consented_at": to_rfc3339(world.clock() - timedelta(days=40)),
    }


def attempt(world: World, failure: ProviderFailure | None = None, name: str = NAME) -> None:
    """Advance the clock until a credential is due, and refresh it; with a failure, Microsoft answers every call so."""
    due = world.entry(name).next_action_at
    world.clock.now = max(world.clock.now, due or world.clock.now)
    world.authority.failures.extend([failure] * 10 if failure else [])
    world.refresh(name)
    world.authority.failures.clear()


def last(world: World) -> Alert:
    """Return the last message."""
    return world.topic.alerts[-1]


def steps() -> Iterator[None]:
    """Yield for each step of a play that goes on until its message comes, and fail if it never comes."""
    for _ in range(_ENOUGH):
        yield
    raise AssertionError("no message came")


def refused(failure: ProviderFailure, *, attempts: int = 1) -> Callable[[], Alert]:
    """Return the play of so many attempts that Microsoft refuses."""

    def play() -> Alert:
        world = a_world()
        for _ in range(attempts):
            attempt(world, failure)
        return last(world)

    return play


def refused_until(event: Event, failure: ProviderFailure) -> Callable[[], Alert]:
    """Return the play of as many failing attempts as it takes until the first message of an event."""

    def play() -> Alert:
        world = a_world()
        for _ in steps():
            attempt(world, failure)
            if event in world.topic.events:
                break
        return last(world)

    return play
