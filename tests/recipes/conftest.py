"""A local AWS that enforces IAM, Microsoft at its own names, a publisher, and a machine with a consumer's rights."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.identity_provider.server import running
from local.recipes.microsoft import Microsoft, at_its_names
from local.recipes.page import code
from local.recipes.pipeline import Pipeline
from local.recipes.rights import consumer_rights, here
from local.stack.aws import LocalAws
from local.stack.ports import HOST, free_port
from local.stack.processes import Child
from local.stack.toolchain import ROOT, tool
from tests.local.identity_provider.client_app import ClientApp, Clock
from tests.recipes.publisher import SECRET_ID, Publisher, now

ROLE = "pipeline"


@pytest.fixture(scope="session")
def aws_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("aws"), free_port()
    environment = {
        "PATH": f"{ROOT / '.venv-aws' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "STATE_DIR": str(folder / "state"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "AUTH": "true",
    }
    aws = Child("aws", [tool(".venv-aws", "ministack")], environment, folder)
    try:
        aws.wait_until_it_answers(f"http://{HOST}:{port}/_ministack/health")
        yield port
    finally:
        aws.stop()


@pytest.fixture(scope="session")
def aws(aws_port: int) -> LocalAws:
    return LocalAws(aws_port)


@pytest.fixture(scope="session")
def rights(aws: LocalAws) -> dict[str, str]:
    """The AWS credentials of a consumer: the policy of the page, and nothing else."""
    return consumer_rights(aws, ROLE)


@pytest.fixture
def describing(aws: LocalAws, rights: dict[str, str]) -> Iterator[None]:
    """The consumer may call DescribeSecret, too."""
    iam = aws.client("iam")
    policy = here(code("Who may read it", "json")).replace("GetSecretValue", "DescribeSecret")
    iam.put_role_policy(RoleName=ROLE, PolicyName="describes", PolicyDocument=policy)
    yield
    iam.delete_role_policy(RoleName=ROLE, PolicyName="describes")


@pytest.fixture
def ago() -> timedelta:
    """How long ago the first token was issued."""
    return timedelta()


@pytest.fixture
def clock(ago: timedelta) -> Clock:
    clock = Clock()
    clock.at = now() - ago
    return clock


@pytest.fixture
def app(clock: Clock) -> Iterator[ClientApp]:
    with running(clock) as url:
        yield ClientApp(url, clock).register()


@pytest.fixture
def microsoft(app: ClientApp, tmp_path: Path) -> Iterator[Microsoft]:
    with at_its_names(app.url, tmp_path) as microsoft:
        yield microsoft
        assert microsoft.strangers == set()


@pytest.fixture
def publisher(aws: LocalAws, app: ClientApp) -> Iterator[Publisher]:
    secrets: Any = aws.client("secretsmanager")
    publisher = Publisher(secrets, app)
    publisher.publish()
    yield publisher
    secrets.delete_secret(SecretId=SECRET_ID, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def pipeline(
    publisher: Publisher, microsoft: Microsoft, aws_port: int, rights: dict[str, str], tmp_path: Path
) -> Pipeline:
    folder = tmp_path / "pipeline"
    folder.mkdir()
    return Pipeline(folder, aws_port, rights, microsoft)
