"""Time for several workers at once: each one runs as in production, and a sleep of one lets the others run."""

import heapq
from collections.abc import Callable
from itertools import count
from threading import Semaphore, Thread


class SimulatedTime:
    """Runs workers in threads, one at a time and always in the same order, and moves the time from sleep to sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        """The seconds since the beginning."""
        self._waiting: list[tuple[float, int, Semaphore]] = []
        self._order = count()
        self._baton = Semaphore(0)
        self._errors: list[BaseException] = []

    def sleep(self, seconds: float) -> None:
        """Let the others run until the time has come."""
        woken = self._wakes_after(seconds)
        self._baton.release()
        woken.acquire()

    def run(self, *workers: Callable[[], None]) -> None:
        """Run workers until all of them have ended; raise what one of them raised."""
        for worker in workers:
            Thread(target=self._run_one, args=(worker, self._wakes_after(0)), daemon=True).start()
        while self._waiting and not self._errors:
            self.now, _, woken = heapq.heappop(self._waiting)
            woken.release()
            self._baton.acquire()
        for error in self._errors:
            raise error

    def _run_one(self, worker: Callable[[], None], begin: Semaphore) -> None:
        begin.acquire()
        try:
            worker()
        except BaseException as error:  # noqa: BLE001 - It is raised in the thread of the test.
            self._errors.append(error)
        self._baton.release()

    def _wakes_after(self, seconds: float) -> Semaphore:
        woken = Semaphore(0)
        heapq.heappush(self._waiting, (self.now + seconds, next(self._order), woken))
        return woken
