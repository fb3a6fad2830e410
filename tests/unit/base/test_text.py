from datetime import timedelta

import pytest

from token_refresher.base import text


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "a minute"),
        (timedelta(seconds=119), "a minute"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=88, hours=23), "88 days"),
    ],
)
def test_a_duration_is_written_as_people_say_it(length: timedelta, words: str) -> None:
    assert text.span(length) == words


def test_the_names_beyond_the_limit_are_counted() -> None:
    assert text.names(("a", "b", "c"), 2) == "a, b and 1 more"
