"""One call at a time, whose result all those share who ask meanwhile: threads, tasks and event loops alike."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Flights(Generic[Result]):
    """Runs a slow function, and never twice at the same time.

    Args:
        call: The function. What it returns or raises goes to all who wait for it.
    """

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._flight: Future[Result] | None = None

    def result(self, known: Callable[[], Result | None]) -> Result:
        """Return what is known already, otherwise the result of the call that is under way or of a new one.

        Args:
            known: Returns what makes a call unnecessary, or ``None``. It is asked while no call can begin.
        """
        flight, leads = self._join(known)
        if leads:
            self._fly(flight)
        return flight.result()

    async def result_async(self, known: Callable[[], Result | None]) -> Result:
        """Do the same, with the call in a thread. Who is cancelled cancels nobody else."""
        flight, leads = self._join(known)
        if leads:
            # A thread of its own: those of the event loop may all be waiting for this call.
            thread = threading.Thread(target=self._fly, args=(flight,), name="token-reader", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # The process may start no more threads.
                self._land()
                flight.set_exception(error)
        return await asyncio.wrap_future(flight)

    def _join(self, known: Callable[[], Result | None]) -> tuple[Future[Result], bool]:
        with self._lock:
            result = known()
            if result is None and self._flight is not None:
                return self._flight, False
            flight = Future[Result]()
            flight.set_running_or_notify_cancel()  # Nobody can cancel it from now on.
            if result is not None:
                flight.set_result(result)
                return flight, False
            self._flight = flight
            return flight, True

    def _fly(self, flight: "Future[Result]") -> None:
        try:
            result = self._call()
        except BaseException as error:  # noqa: BLE001 - It is raised where the result is asked for.
            self._land()
            flight.set_exception(error)
        else:
            self._land()
            flight.set_result(result)

    def _land(self) -> None:
        with self._lock:
            self._flight = None
