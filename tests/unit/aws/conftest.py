"""The stub of the AWS service behind an adapter. Each test module has its own fixture ``client``."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient
from botocore.stub import Stubber


@pytest.fixture
def stub(client: BaseClient) -> Iterator[Stubber]:
    """Return a stubber of the client; the test fails if a planned answer was not used."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
