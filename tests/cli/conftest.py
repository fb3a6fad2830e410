"""An installation in moto's AWS, and an operator at it."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.cli.desk import Desk


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Shared by all tests: it reads the models of the services once, which takes longer than most tests do."""
    return boto3.Session("testing", "testing", region_name="us-east-1")


@pytest.fixture
def desk(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield Desk.set_up(session, monkeypatch)
