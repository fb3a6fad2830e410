"""Retries of calls to AWS, and of a write that another writer overtook, for as long as the invocation has time."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, ParamSpec, TypeVar

from token_refresher.base.errors import OvertakenError, ServiceUnavailableError

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LONGEST_PAUSE: Final = 1.0
"""The longest pause, in seconds. It does not grow: when AWS throttles, a call that has waited for long would be
overtaken by those that have just come. The number of workers bounds how often they all call together."""


@dataclass(frozen=True)
class Deadline:
    """Retries calls that may succeed a moment later, after random pauses, until too little time is left.

    Attributes:
        time_left: Returns how long the invocation may still run.
        sleep: Waits for a number of seconds.
    """

    time_left: Callable[[], timedelta]
    sleep: Callable[[float], None] = time.sleep

    def call(self, reserve: timedelta, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a function until it succeeds, or raise its last error when no more than the reserve is left.

        Args:
            reserve: The time that the invocation needs for its other work.
            function: The function to call.
            args: Its arguments.
            kwargs: Its keyword arguments.
        """
        while True:
            try:
                return function(*args, **kwargs)
            except (ServiceUnavailableError, OvertakenError) as error:
                if not _may_pass(error) or self.time_left() <= reserve:
                    raise
            self.sleep(random.uniform(0, _LONGEST_PAUSE))  # noqa: S311 - Jitter is no secret.


def _may_pass(error: ServiceUnavailableError | OvertakenError) -> bool:
    return isinstance(error, OvertakenError) or error.passing
