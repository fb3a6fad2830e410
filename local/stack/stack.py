"""The whole stack on one machine: the local AWS with the real template, the identity provider, the front door."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.identity_provider.control_client import IdentityProvider
from local.stack import deployment
from local.stack.aws import LocalAws
from local.stack.ports import HOST, Ports
from local.stack.processes import Child
from local.stack.ticks import MoreTicks
from local.stack.toolchain import ROOT, tool

Progress = Callable[[str], None]


@dataclass(frozen=True)
class LocalStack:
    """A running stack.

    Attributes:
        ports: The ports of its parts.
        outputs: The outputs of the deployed template.
        parameters: The parameters that it was deployed with.
        aws: Creates clients of its AWS.
        identity_provider: The control API of the stand-in for Microsoft.
        logs: The folder with the logs of its parts.
        build: The folder that ``sam build`` wrote.
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
        """The base URL of the connect page, for a browser."""
        return self.parameters["PublicUrl"]

    @property
    def prefix(self) -> str:
        """The prefix of the managed secrets."""
        return self.parameters["SecretPrefix"]


@contextmanager
def running(
    ports: Ports, progress: Progress, parameters: Mapping[str, str], *, more_ticks: bool
) -> Iterator[LocalStack]:
    """Build, start and deploy everything; on leaving, stop it all.

    Args:
        ports: The ports to listen on.
        progress: Called with a text at each step.
        parameters: Parameters of the template, in place of the defaults for one machine.
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
            [
                "local.stack.front_door",
                "--port",
                str(ports.front_door),
                "--api-id",
                api_id,
                "--aws-port",
                str(ports.aws),
            ],
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
    """Return the default parameters for one machine: a tick a minute, and only local services."""
    provider = f"http://localhost:{ports.identity_provider}"
    return {
        "SecretPrefix": "token-refresher",
        "RefreshSchedule": "rate(1 minute)",
        "MinimumFreshnessSeconds": "60",
        "JitterSeconds": "0",
        "AuthorityUrl": provider,
        "AdsApiUrl": provider,
        "SandboxAdsApiUrl": f"{provider}/sandbox",
        "ProvidersPath": "/token-refresher/providers",
        "PublicUrl": f"http://localhost:{ports.front_door}",
        "MinimumIntervalSeconds": "1",
        "RefreshTimeoutSeconds": "55",
        "QueueVisibilitySeconds": "92",
    }


def _start(ending: ExitStack, name: str, command: list[str], environment: Mapping[str, str], logs: Path) -> Child:
    child = Child(name, command, environment, logs)
    ending.callback(child.stop)
    return child


def _start_module(ending: ExitStack, name: str, arguments: list[str], logs: Path) -> Child:
    # The identity provider behaves like the catalogue of this tree.
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers'}", "PYTHONUNBUFFERED": "1"}
    return _start(ending, name, [sys.executable, "-m", *arguments], environment, logs)


def _aws_environment(ports: Ports, folder: Path) -> dict[str, str]:
    """Return the environment of the local AWS, with little of this machine's: its functions inherit it."""
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
        # The doctor command needs the record of who read which secret.
        "CLOUDTRAIL_RECORDING": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # There is no X-Ray daemon to send traces to.
        "POWERTOOLS_TRACE_DISABLED": "1",
    }
