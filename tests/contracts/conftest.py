"""AWS on this machine: moto, with credentials that do not work."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.contracts.template_tables import table_properties

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Return a session for all tests: to read the models of the services takes longer than most tests."""
    return boto3.Session("testing", "testing", region_name="us-east-1")


@pytest.fixture
def aws(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield session


@pytest.fixture
def create_table(aws: boto3.Session) -> Callable[[str], "Table"]:
    def create(logical_id: str) -> "Table":
        return aws.resource("dynamodb").create_table(TableName=logical_id, **table_properties(logical_id))

    return create
