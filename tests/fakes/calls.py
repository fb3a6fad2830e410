"""The calls between the package and its fakes: every call is logged, and a test may run an action at any of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NoReturn

Moment = Literal["before", "after"]
Action = Callable[[], object]


class View(Enum):
    """The state that an eventually consistent read returns."""

    NOW = "the present state"
    BEFORE_THE_LAST_WRITE = "the state before the last write"
    OLDEST = "the state before all recent writes"


class KilledError(BaseException):
    """The process is killed. It is no `Exception`, so that no `except Exception` catches it."""


def kill() -> NoReturn:
    """End the caller, as a timeout or a crash does."""
    raise KilledError


@dataclass
class _Hook:
    call: str
    moment: Moment
    remaining: int
    action: Action


class Calls:
    """The log of all calls, such as ``store.promote``, and the actions that tests have planned for them."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self._hooks: list[_Hook] = []

    def at(self, moment: Moment, call: str, action: Action, *, number: int = 1) -> None:
        """Plan an action that runs once, before or after a call takes effect.

        Args:
            moment: Before the call takes effect, or after it took effect and before it returns.
            call: The call's name.
            action: The action; `kill` kills the caller.
            number: The number of the call with that name, counted from now.
        """
        self._hooks.append(_Hook(call, moment, number, action))

    @contextmanager
    def boundary(self, call: str) -> Iterator[View]:
        """Log a call and run the actions planned for it; those after the call only if it succeeded.

        Yields:
            How old the state is that an eventually consistent read returns.
        """
        self.log.append(call)
        self._run_actions("before", call)
        yield View.NOW
        self._run_actions("after", call)

    def count(self, call: str) -> int:
        """Return how often a call was made."""
        return self.log.count(call)

    def forget(self) -> int:
        """Drop the planned actions that have not run yet; return how many there were."""
        dropped = len(self._hooks)
        self._hooks.clear()
        return dropped

    def _run_actions(self, moment: Moment, call: str) -> None:
        for hook in [hook for hook in self._hooks if (hook.moment, hook.call) == (moment, call)]:
            hook.remaining -= 1
            if hook.remaining == 0:
                self._hooks.remove(hook)
                hook.action()
