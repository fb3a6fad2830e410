"""The time that an invocation has left."""

from datetime import timedelta

from token_refresher.entrypoints.invocation import time_left


class Context:
    remaining = 45_500

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining


def test_the_time_left_is_read_anew_at_every_call() -> None:
    context = Context()
    left = time_left(context)
    assert left() == timedelta(seconds=45.5)
    context.remaining = 0
    assert left() == timedelta(0)
