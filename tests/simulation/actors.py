"""Processes that run at the same time, one call at a time: a test decides who goes on, how far, and what happens."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from queue import SimpleQueue

from tests.fakes.calls import Calls, KilledError, View
from token_refresher.errors import AlertNotSentError, ProviderError, ServiceUnavailableError
from token_refresher.failure import FailureKind, ProviderFailure


class Fate(Enum):
    """What befalls a process at a call."""

    GOES_ON = "it goes on"
    DIES_BEFORE = "it dies before the call"
    DIES_AFTER = "it dies after the call took effect, before the answer"
    FAILS_BEFORE = "the call fails"
    FAILS_AFTER = "the call takes effect, and its answer is an error"
    SEES_WHAT_WAS = "the call returns what was so before the last write"
    SEES_WHAT_WAS_LONG_AGO = "the call returns what was so before all recent writes"


_VIEWS = {Fate.SEES_WHAT_WAS: View.BEFORE_THE_LAST_WRITE, Fate.SEES_WHAT_WAS_LONG_AGO: View.OLDEST}


class Actor:
    """One process, in a thread that runs only while the test waits for it.

    Args:
        name: What people call it.
        body: What it does.
    """

    def __init__(self, name: str, body: Callable[[], object]) -> None:
        self.name = name
        self.at: str | None = None
        """The call that it is about to make, or ``None`` once it has ended."""
        self.error: BaseException | None = None
        """What ended it, unless it ended well."""
        self.holds: str | None = None
        """A refresh token that it was given, and has not stored yet."""
        self._fates: SimpleQueue[Fate] = SimpleQueue()
        self._stops: SimpleQueue[str | None] = SimpleQueue()
        self._body = body
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Run to the first call."""
        self._thread.start()
        self.at = self._stops.get()

    def go(self, fate: Fate = Fate.GOES_ON) -> None:
        """Make the call that it is at, and run to the next one."""
        assert self.at is not None, f"{self.name} has ended"
        self._fates.put(fate)
        self.at = self._stops.get()
        if self.at is None:
            self._thread.join()

    def reach(self, call: str) -> Fate:
        """Wait, in the thread of the process, for its fate at a call."""
        self._stops.put(call)
        return self._fates.get()

    @property
    def is_this_thread(self) -> bool:
        """Whether it is this process that runs now."""
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        try:
            self._body()
        except BaseException as error:  # noqa: BLE001 - A killed process is one of the things that happen.
            self.error = error
        self._stops.put(None)


class ScheduledCalls(Calls):
    """The boundaries of a world in which processes run at the same time.

    Calls of the test itself pass; a call of a process waits for its fate. While a service is down, every call to it
    fails without anybody deciding so.
    """

    def __init__(self) -> None:
        super().__init__()
        self.actors: list[Actor] = []
        self.down: dict[str, Fate] = {}
        """How calls fail, by service, such as ``store``."""
        self.faults: dict[str, int] = {}
        """How often what befell a process."""

    @property
    def live(self) -> list[Actor]:
        """The processes that have not ended."""
        return [actor for actor in self.actors if actor.at is not None]

    @property
    def running(self) -> Actor | None:
        """The process that makes a call now, if it is not the test itself."""
        return next((actor for actor in self.actors if actor.is_this_thread), None)

    @contextmanager
    def boundary(self, call: str) -> Iterator[View]:
        """See `Calls.boundary`."""
        actor = self.running
        fate = self._fate(actor, call)
        if fate is not Fate.GOES_ON:
            self.faults[fate.name] = self.faults.get(fate.name, 0) + 1
        if fate is Fate.DIES_BEFORE:
            raise KilledError
        if fate is Fate.FAILS_BEFORE:
            raise _failure(call, sent=False)
        with super().boundary(call):
            yield _VIEWS.get(fate, View.NOW)
        if fate is Fate.DIES_AFTER:
            raise KilledError
        if fate is Fate.FAILS_AFTER:
            if actor is not None and call.startswith("authority."):
                actor.holds = None  # It never hears of the token.
            raise _failure(call, sent=True)

    def _fate(self, actor: Actor | None, call: str) -> Fate:
        down = self.down.get(call.partition(".")[0])
        if actor is None:
            return Fate.GOES_ON
        return down or actor.reach(call)


def _failure(call: str, *, sent: bool) -> Exception:
    """Return how a client of that service says that it got no answer."""
    if call.startswith("authority."):
        return ProviderError(ProviderFailure(FailureKind.NO_ANSWER if sent else FailureKind.NOT_SENT))
    if call.startswith("topic."):
        return AlertNotSentError(call)
    return ServiceUnavailableError(call, "ReadTimeoutError" if sent else "ThrottlingException")
