"""Outages of AWS and writes of others, as actions for `Calls.at`."""

from datetime import timedelta
from typing import NoReturn

from tests.fakes.calls import Action, Moment
from tests.fakes.world import World
from token_refresher.base.errors import ServiceUnavailableError


def failing(world: World, call: str, *, passing: bool = True) -> Action:
    """Return an action that makes a call fail after a second."""

    def fail() -> NoReturn:
        world.clock.advance(timedelta(seconds=1))
        raise ServiceUnavailableError(call, "InternalServiceError" if passing else "AccessDeniedException", passing)

    return fail


def down(world: World, call: str, *, passing: bool = True, moment: Moment = "before") -> None:
    """Make every call of this name fail, until `Calls.forget`."""
    fail = failing(world, call, passing=passing)

    def fail_again() -> None:
        world.calls.at(moment, call, fail_again)
        fail()

    world.calls.at(moment, call, fail_again)


def outvoted(world: World, call: str, times: int | None = None) -> None:
    """Let the operator edit the secret before a number of calls, or before all, with two seconds between the edits."""
    saved = 0

    def save() -> None:
        nonlocal saved
        saved += 1
        if times is None or saved < times:
            world.calls.at("before", call, save)
        world.clock.advance(timedelta(seconds=2))
        world.edit(note=saved)

    world.calls.at("before", call, save)
