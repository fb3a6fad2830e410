"""The boundaries between the package and its fakes: every call is noted, and a test may step in at any of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NoReturn

Moment = Literal["before", "after"]
Action = Callable[[], object]


class View(Enum):
    """What an eventually consistent read sees."""

    NOW = "what is so"
    BEFORE_THE_LAST_WRITE = "what was so before the last write"
    OLDEST = "what was so before all recent writes"


class KilledError(BaseException):
    """The process is gone. No `except Exception` survives that, and this is no `Exception`."""


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
    """The log of all calls, such as ``store.promote``, and what is to happen at them."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self._hooks: list[_Hook] = []

    def at(self, moment: Moment, call: str, action: Action, *, number: int = 1) -> None:
        """Run an action once, before a call is made or after it took effect.

        Args:
            moment: Before the call has any effect, or after it had it and before its caller hears of it.
            call: The call's name.
            action: What to do; `kill` ends the caller.
            number: At which of the calls of that name, counted from now.
        """
        self._hooks.append(_Hook(call, moment, number, action))

    @contextmanager
    def boundary(self, call: str) -> Iterator[View]:
        """Note a call and let a test step in; after the call only if it succeeded.

        Yields:
            How up to date the call's answer is, where it is one that may be old.
        """
        self.log.append(call)
        self._step_in("before", call)
        yield View.NOW
        self._step_in("after", call)

    def count(self, call: str) -> int:
        """Return how often a call was made."""
        return self.log.count(call)

    def forget(self) -> int:
        """Drop what has not happened yet; return how much that was."""
        dropped = len(self._hooks)
        self._hooks.clear()
        return dropped

    def _step_in(self, moment: Moment, call: str) -> None:
        for hook in [hook for hook in self._hooks if (hook.moment, hook.call) == (moment, call)]:
            hook.remaining -= 1
            if hook.remaining == 0:
                self._hooks.remove(hook)
                hook.action()
