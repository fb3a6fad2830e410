"""Concurrent processes, one call at a time: the test decides which one goes on, and what happens at the call."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from queue import SimpleQueue

from tests.fakes.calls import Calls, KilledError, View
from token_refresher.base.errors import AlertNotSentError, ProviderError, ServiceUnavailableError
from token_refresher.base.failure import FailureKind, ProviderFailure


class Fate(Enum):
    """What happens to a process at a call."""

    GOES_ON = "it goes on"
    DIES_BEFORE = "it dies before the call"
    DIES_AFTER = "it dies after the call took effect, before the answer"
    FAILS_BEFORE = "the call fails"
    FAILS_AFTER = "the call takes effect, and its answer is an error"
    SEES_WHAT_WAS = "the call returns the state before the last write"
    SEES_WHAT_WAS_LONG_AGO = "the call returns the state before all recent writes"


_VIEWS = {Fate.SEES_WHAT_WAS: View.BEFORE_THE_LAST_WRITE, Fate.SEES_WHAT_WAS_LONG_AGO: View.OLDEST}


class Actor:
    """One process, in a thread that runs only while the test waits for it.

    Args:
        name: Its name in messages.
        body: The function that it runs.
    """

    def __init__(self, name: str, body: Callable[[], object]) -> None:
        self.name = name
        self.at: str | None = None
        """The call that the process is about to make, or ``None`` after its end."""
        self.error: BaseException | None = None
        """The exception that ended the process, if any."""
        self.holds: str | None = None
        """A refresh token that the process has received and not yet stored."""
        self._fates: SimpleQueue[Fate] = SimpleQueue()
        self._stops: SimpleQueue[str | None] = SimpleQueue()
        self._body = body
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Run up to the first call."""
        self._thread.start()
        self.at = self._stops.get()

    def go(self, fate: Fate = Fate.GOES_ON) -> None:
        """Make the current call, and run up to the next one."""
        assert self.at is not None, f"{self.name} has ended"
        self._fates.put(fate)
        self.at = self._stops.get()
        if self.at is None:
            self._thread.join()

    def reach(self, call: str) -> Fate:
        """Wait in the thread of the process until the test has decided its fate at a call."""
        self._stops.put(call)
        return self._fates.get()

    @property
    def is_this_thread(self) -> bool:
        """Whether this code runs in the process's thread."""
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        try:
            self._body()
        except BaseException as error:  # noqa: BLE001 - The test reads it; a killed process is one of the cases.
            self.error = error
        self._stops.put(None)


class ScheduledCalls(Calls):
    """The boundaries of a world with concurrent processes.

    Calls of the test itself pass; each call of a process waits for its fate. While a service is down, every call to it
    fails without a decision of the test.
    """

    def __init__(self) -> None:
        super().__init__()
        self.actors: list[Actor] = []
        self.down: dict[str, Fate] = {}
        """How calls to each service fail, such as to ``store``."""
        self.faults: dict[str, int] = {}
        """How often each fate happened."""

    @property
    def live(self) -> list[Actor]:
        """The processes that have not ended."""
        return [actor for actor in self.actors if actor.at is not None]

    @property
    def running(self) -> Actor | None:
        """The process that makes the current call, or ``None`` if the test makes it."""
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
                actor.holds = None  # The process never receives the token.
            raise _failure(call, sent=True)

    def _fate(self, actor: Actor | None, call: str) -> Fate:
        down = self.down.get(call.partition(".")[0])
        if actor is None:
            return Fate.GOES_ON
        return down or actor.reach(call)


def _failure(call: str, *, sent: bool) -> Exception:
    """Return the error with which the client of a service reports that it got no answer."""
    if call.startswith("authority."):
        return ProviderError(ProviderFailure(FailureKind.NO_ANSWER if sent else FailureKind.NOT_SENT))
    if call.startswith("topic."):
        return AlertNotSentError(call)
    return ServiceUnavailableError(call, "ReadTimeoutError" if sent else "ThrottlingException")
