"""Waiting for what other processes do."""

import pytest

from local.stack.waiting import eventually


@pytest.mark.parametrize("not_yet", [None, False, 0, "", [], {}], ids=repr)
def test_it_waits_until_the_value_is_true(not_yet: object) -> None:
    values = iter([not_yet, "seen"])
    assert eventually(lambda: next(values)) == "seen"


def test_the_last_value_is_returned_if_time_is_over() -> None:
    assert eventually(lambda: False, patience_seconds=0) is False
