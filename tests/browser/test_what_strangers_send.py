"""The front door that Chromium goes through, for everybody else."""

from local.stack import LocalStack
from tests.abuse.live import fuzz

REQUESTS = 60
"""Each of them takes some hundredths of a second; tests/abuse sends more, without a deployed stack."""


def test_the_deployed_front_door_takes_whatever_strangers_send(stack: LocalStack) -> None:
    assert fuzz(stack.public_url, REQUESTS) >= REQUESTS // 2
