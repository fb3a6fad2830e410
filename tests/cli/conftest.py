"""An installation in moto's AWS, and an operator at it."""

from collections.abc import Iterator
from functools import cache
from typing import NoReturn

import boto3
import pytest
import responses
import typer.main
import typer.testing
from moto import mock_aws

from tests.cli.desk import Desk
from token_refresher_cli.shell import waiting


@pytest.fixture(scope="session", autouse=True)
def _one_command() -> Iterator[None]:
    """Build the command once: its runner builds it anew for each call, which takes longer than most calls do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Shared by all tests: it reads the models of the services once, which takes longer than most tests do."""
    return boto3.Session("testing", "testing", region_name="us-east-1")


def _nobody_waits(seconds: float) -> NoReturn:
    raise AssertionError(f"the command waits for {seconds} s: give the test a Worker, whose time passes at once")


@pytest.fixture
def desk(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(waiting, "sleep", _nobody_waits)
    with mock_aws():
        yield Desk.set_up(session, monkeypatch)


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    """What answers for Microsoft Advertising."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        # moto answers for AWS by other means.
        mock.add_passthru("https://sts.amazonaws.com")
        yield mock
