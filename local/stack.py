"""The whole stack on one machine: the local AWS with the real template, the identity provider, the front door."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import deployment
from local.aws import LocalAws
from local.identity_provider.control_client import IdentityProvider
from local.ports import HOST, Ports
from local.processes import Child
from local.ticks import MoreTicks
from local.toolchain import ROOT, tool

Progress = Callable[[str], None]


@dataclass(frozen=True)
class LocalStack:
    """A running stack.

    Attributes:
        ports: Where its parts listen.
        outputs: The outputs of the deployed template.
        parameters: The parameters that it was deployed with.
        aws: Clients of its AWS.
        identity_provider: The control of the stand-in for Microsoft.
        logs: The folder with the logs of its parts.
        build: What ``sam build`` wrote.
        pids: The process groups of its parts.
    """

    ports: Ports
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    aws: LocalAws
    identity_provider: IdentityProvider
    logs: Path
    build: Path
    pids: tuple[int, ...]

    @property
    def public_url(self) -> str:
        """Where a browser finds the connect page."""
        return self.parameters["PublicUrl"]

    @property
    def prefix(self) -> str:
        """The prefix of the managed secrets."""
        return self.parameters["SecretPrefix"]


@contextmanager
def running(
    ports: Ports, progress: Progress, parameters: Mapping[str, str], *, more_ticks: bool
) -> Iterator[LocalStack]:
    """Build, start and deploy everything; on leaving, end it all.

    Args:
        ports: Where to listen.
        progress: Is told of each step.
        parameters: Parameters of the template, over those that suit one machine.
        more_ticks: Whether to tick more often than once a minute.
    """
    ports.check_free()
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="token-refresher-")))
        logs = ROOT / ".local" / "logs" / str(ports.front_door)
        logs.mkdir(parents=True, exist_ok=True)
        progress("Building the functions and the layers (sam build)")
        deployment.build(folder / "build", ports.aws)
        progress("Starting the local AWS, with IAM enforced, and the identity provider")
        aws = _start(ending, "aws", [tool(".venv-aws", "ministack")], _aws_environment(ports, folder), logs)
        aws.wait_until_it_answers(f"http://{HOST}:{ports.aws}/_ministack/health")
        provider = _start_module(
            ending, "identity_provider", ["local.identity_provider", "--port", str(ports.identity_provider)], logs
        )
        provider.wait_until_it_answers(f"http://{HOST}:{ports.identity_provider}/health")
        progress("Deploying template.yaml (sam deploy)")
        chosen = {**_parameters(ports), **parameters}
        outputs = deployment.deploy(folder / "build", ports.aws, chosen)
        api_id = outputs["ApiUrl"].split("//")[1].split(".")[0]
        front_door = _start_module(
            ending,
            "front_door",
            ["local.front_door", "--port", str(ports.front_door), "--api-id", api_id, "--aws-port", str(ports.aws)],
            logs,
        )
        front_door.wait_until_it_answers(f"http://{HOST}:{ports.front_door}/health")
        local_aws = LocalAws(ports.aws)
        if more_ticks:
            ticks = MoreTicks(local_aws)
            ticks.start()
            ending.callback(ticks.stop)
        yield LocalStack(
            ports,
            outputs,
            chosen,
            local_aws,
            IdentityProvider(f"http://localhost:{ports.identity_provider}"),
            logs,
            folder / "build",
            (aws.pid, provider.pid, front_door.pid),
        )


def _parameters(ports: Ports) -> dict[str, str]:
    """Return the parameters for one machine: a tick a minute, and everything at home."""
    provider = f"http://localhost:{ports.identity_provider}"
    return {
        "SecretPrefix": "token-refresher",
        "RefreshSchedule": "rate(1 minute)",
        "MinimumFreshnessSeconds": "60",
        "JitterSeconds": "0",
        "AuthorityUrl": provider,
        "AdsApiUrl": provider,
        "SandboxAdsApiUrl": f"{provider}/sandbox",
        "PublicUrl": f"http://localhost:{ports.front_door}",
        "MinimumIntervalSeconds": "1",
        "RefreshTimeoutSeconds": "55",
        "QueueVisibilitySeconds": "56",
    }


def _start(ending: ExitStack, name: str, command: list[str], environment: Mapping[str, str], logs: Path) -> Child:
    child = Child(name, command, environment, logs)
    ending.callback(child.stop)
    return child


def _start_module(ending: ExitStack, name: str, arguments: list[str], logs: Path) -> Child:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return _start(ending, name, [sys.executable, "-m", *arguments], environment, logs)


def _aws_environment(ports: Ports, folder: Path) -> dict[str, str]:
    """Return the environment of the local AWS, which its functions inherit: as little as possible of this machine."""
    scratch = folder / "aws"
    scratch.mkdir()
    return {
        "PATH": f"{ROOT / '.venv-aws' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "STATE_DIR": str(scratch / "state"),
        "S3_DATA_DIR": str(scratch / "s3"),
        "GATEWAY_PORT": str(ports.aws),
        "BIND_HOST": HOST,
        "AUTH": "true",
        # Who read which secret, for the doctor of the command.
        "CLOUDTRAIL_RECORDING": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # There is no X-Ray daemon to send traces to.
        "POWERTOOLS_TRACE_DISABLED": "1",
    }
