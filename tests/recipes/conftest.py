"""A local AWS that enforces IAM, Microsoft at its own names, a publisher, and a machine with a consumer's rights."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.identity_provider.server import running
from local.stack.aws import LocalAws
from local.stack.ports import HOST, free_port
from local.stack.processes import Child
from local.stack.toolchain import REGION, ROOT, tool
from tests.local.identity_provider.client_app import ClientApp, Clock
from tests.recipes.microsoft import Microsoft, at_its_names
from tests.recipes.page import code
from tests.recipes.pipeline import Pipeline
from tests.recipes.publisher import SECRET_ID, Publisher, now

ROLE = "pipeline"
ROLE_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


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
    iam = aws.client("iam")
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(ROLE_TRUST))["Role"]["Arn"]
    policy = here(code("Who may read it", "json"))
    iam.put_role_policy(RoleName=ROLE, PolicyName="reads-tokens", PolicyDocument=policy)
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="recipe")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def here(policy: str) -> str:
    """Return a policy of the page for the account and the Region of the local AWS."""
    return policy.replace("111122223333", "000000000000").replace("eu-west-1", REGION)


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
