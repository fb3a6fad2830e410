"""Settings for all tests."""

import asyncio
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest
from hypothesis import settings

# No deadline: the time of an example depends on how busy the machine is. Derandomized: a failure must happen for
# everybody, each time. The long runs ask for other examples.
settings.register_profile("any machine", deadline=None, derandomize=True, database=None)
settings.load_profile("any machine")

# Each session of boto3 reads the models of the services again, which takes longer than most tests. They never change.
botocore.session.create_loader = cache(botocore.session.create_loader)


@pytest.fixture(scope="module", autouse=True)
def _no_event_loop_of_another_module() -> Iterator[None]:
    """Refuse an event loop that a module leaves running: it breaks the tests that start one, in the same process."""
    yield
    assert asyncio._get_running_loop() is None, "a test of this module left an event loop running in this thread"
