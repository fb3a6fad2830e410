"""What AWS does when it does not do what it is asked, and how others come first: as actions for `Calls.at`."""

from datetime import timedelta
from typing import NoReturn

from tests.fakes.calls import Action, Moment
from tests.fakes.world import World
from token_refresher.errors import ServiceUnavailableError


def failing(world: World, call: str, *, passing: bool = True) -> Action:
    """Return the failure of a call, which takes a second."""

    def fail() -> NoReturn:
        world.clock.advance(timedelta(seconds=1))
        raise ServiceUnavailableError(call, "InternalServiceError" if passing else "AccessDeniedException", passing)

    return fail


def down(world: World, call: str, *, passing: bool = True, moment: Moment = "before") -> None:
    """Let every call of this name fail, until `Calls.forget`."""
    fail = failing(world, call, passing=passing)

    def fail_again() -> None:
        world.calls.at(moment, call, fail_again)
        fail()

    world.calls.at(moment, call, fail_again)


def outvoted(world: World, call: str, times: int | None = None) -> None:
    """Let the operator save a note before so many calls, or before all, with two seconds between them."""
    saved = 0

    def save() -> None:
        nonlocal saved
        saved += 1
        if times is None or saved < times:
            world.calls.at("before", call, save)
        world.clock.advance(timedelta(seconds=2))
        world.edit(note=saved)

    world.calls.at("before", call, save)
