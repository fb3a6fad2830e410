"""``sam build`` and ``sam deploy`` of the real template to the local AWS."""

import os
from collections.abc import Mapping
from pathlib import Path

from local.stack.aws import LocalAws
from local.stack.toolchain import call, local_environment, tool

STACK = "token-refresher"


def build(folder: Path, aws_port: int) -> None:
    """Build the functions and the layers into a folder."""
    call(
        [tool(".venv-sam", "sam"), "build", "--build-dir", str(folder), "--cache-dir", f"{folder}-cache"],
        local_environment(aws_port),
    )
    _compile(folder)


def _compile(folder: Path) -> None:
    """Compile the build for the interpreter of this machine.

    The local AWS unpacks the build again for each execution environment, and none of them may write bytecode. Unchecked
    hash-based pycs are valid whatever the date of their source (PEP 552).
    """
    compiling = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", str(folder)]
    call([tool(".venv-aws", "python"), *compiling], os.environ)


def deploy(folder: Path, aws_port: int, parameters: Mapping[str, str]) -> dict[str, str]:
    """Deploy the build, and return the outputs of the stack."""
    overrides = [f'{name}="{value}"' for name, value in parameters.items()]
    call(
        [
            tool(".venv-sam", "sam"),
            "deploy",
            "--no-confirm-changeset",
            "--template-file",
            str(folder / "template.yaml"),
            "--stack-name",
            STACK,
            "--resolve-s3",
            "--capabilities",
            "CAPABILITY_IAM",
            "--parameter-overrides",
            *overrides,
        ],
        local_environment(aws_port),
        # Not in the project's folder: samconfig.toml there is for a deployment to AWS.
        cwd=folder,
    )
    [stack] = LocalAws(aws_port).client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
