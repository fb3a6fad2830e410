"""The messages of a batch: a failure stops the later messages of its group, and no others."""

from typing import Any

import pytest

from token_refresher.entrypoints.batch import failed_messages


def record(number: int, group: str) -> dict[str, Any]:
    return {"messageId": f"m{number}", "body": f"b{number}", "attributes": {"MessageGroupId": group}}


@pytest.mark.parametrize(
    ("groups", "failing", "processed", "again"),
    [
        pytest.param("a", set[str](), ["b0"], [], id="one message that succeeds"),
        pytest.param("a", {"b0"}, ["b0"], ["m0"], id="one message that fails"),
        pytest.param("ab", {"b0"}, ["b0", "b1"], ["m0"], id="another group goes on"),
        pytest.param("aa", {"b0"}, ["b0"], ["m0", "m1"], id="a later message of the group waits for the failed one"),
        pytest.param("aba", {"b0"}, ["b0", "b1"], ["m0", "m2"], id="the group alone waits"),
        pytest.param("aa", {"b1"}, ["b0", "b1"], ["m1"], id="an earlier message is not repeated"),
    ],
)
def test_sqs_delivers_again_what_failed_and_what_must_wait_for_it(
    groups: str, failing: set[str], processed: list[str], again: list[str]
) -> None:
    seen = []

    def process(body: str) -> None:
        seen.append(body)
        if body in failing:
            raise LookupError

    answer = failed_messages((record(number, group) for number, group in enumerate(groups)), process)
    assert seen == processed
    assert answer == {"batchItemFailures": [{"itemIdentifier": message} for message in again]}
