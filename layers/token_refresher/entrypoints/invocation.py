"""The context that Lambda passes to an invocation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol


class Context(Protocol):
    """The part of Lambda's context that the functions use.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds the invocation may still run."""
        ...


def time_left(context: Context) -> Callable[[], timedelta]:
    """Return a function that says how long the invocation may still run."""
    return lambda: timedelta(milliseconds=context.get_remaining_time_in_millis())
