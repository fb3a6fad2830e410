"""The recorded session: recordings of the same commands are equal, and a difference is one of the output."""

import pytest

from local.story.recorded_output import Normalizer
from local.story.session_differences import differences

PAGE = """\
## Look

```console
$ token-refresher list
acme  healthy  refreshed at 2026-01-31 09:00 UTC
```

```console
$ token-refresher history acme
2026-01-31T09:00:00Z  version  c0000001: written by a person or another program
2026-01-31T09:00:00Z  version  c0000002: written by Token Refresher, on top of c0000001
```
"""


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        pytest.param("until 2026-11-22 15:53 UTC", "until 2026-01-31 09:00 UTC", id="a time for people"),
        pytest.param("2026-11-22T15:53:34Z  alert", "2026-01-31T09:00:00Z  alert", id="a time"),
        pytest.param("?invite=planted.in-vite_1", "?invite=…", id="an invite"),
        pytest.param("ed50cd955688 -> 823411e18519", "f00000000001 -> f00000000002", id="fingerprints, in their order"),
        pytest.param("version  88960076 [x]", "version  c0000001 [x]", id="a version without a letter in its id"),
        pytest.param("on top of 5f6efb33", "on top of c0000001", id="the version before it"),
        pytest.param("http://localhost:41234/connect", "http://localhost:8080/connect", id="a port"),
        pytest.param("4 messages, 1234567", "4 messages, 1234567", id="a number with a meaning"),
    ],
)
def test_what_differs_from_run_to_run_is_replaced(printed: str, shown: str) -> None:
    assert Normalizer().text(printed) == shown


def test_the_same_value_is_replaced_in_the_same_way() -> None:
    normalizer = Normalizer()
    assert normalizer.text("ed50cd955688") == normalizer.text("ed50cd955688")


def test_two_recordings_that_differ_in_times_ids_and_the_number_of_refreshes_are_the_same() -> None:
    again = PAGE.replace("09:00", "10:30").replace("c0000002", "c0000009")
    line = "2026-01-31T09:00:00Z  version  c0000003: written by Token Refresher, on top of c0000002\n"
    assert not differences(PAGE, again)
    assert not differences(PAGE, PAGE.removesuffix("```\n") + line + "```\n")


def test_a_duration_and_its_effect_on_a_table_is_no_difference() -> None:
    assert not differences(PAGE.replace("acme", "a minute\n━━━"), PAGE.replace("acme", "12 minutes\n━━━━━"))
    assert not differences(PAGE.replace("acme", "< 1 min"), PAGE.replace("acme", "1 min"))
    assert not differences(PAGE.replace("acme", "due in a minute"), PAGE.replace("acme", "due with the next tick"))


def test_another_word_is_a_difference() -> None:
    assert differences(PAGE, PAGE.replace("healthy", "paused")) == [
        "1. token-refresher list: - acme healthy refreshed at #-#-# #:# UTC",
        "1. token-refresher list: + acme paused refreshed at #-#-# #:# UTC",
    ]


def test_another_command_is_a_difference() -> None:
    [found] = differences(PAGE, PAGE.replace("token-refresher list", "token-refresher show acme"))
    assert "token-refresher show acme" in found
