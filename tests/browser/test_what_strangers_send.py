"""The front door, with requests of strangers."""

from local.stack.stack import LocalStack
from tests.abuse.live import fuzz

REQUESTS = 60
"""Each takes some hundredths of a second. tests/abuse sends more, without a deployed stack."""


def test_the_deployed_front_door_withstands_the_fuzz_test(stack: LocalStack) -> None:
    assert fuzz(stack.public_url, REQUESTS) >= REQUESTS // 2
