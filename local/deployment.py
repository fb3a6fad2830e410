"""``sam build`` and ``sam deploy`` of the real template to the local AWS."""

from collections.abc import Mapping
from pathlib import Path

from local.aws import LocalAws
from local.toolchain import call, local_environment, tool

STACK = "token-refresher"


def build(folder: Path, aws_port: int) -> None:
    """Build the functions and the layers into a folder."""
    call(
        [tool(".venv-sam", "sam"), "build", "--build-dir", str(folder), "--cache-dir", f"{folder}-cache"],
        local_environment(aws_port),
    )


def deploy(folder: Path, aws_port: int, parameters: Mapping[str, str]) -> dict[str, str]:
    """Deploy what was built, and return the outputs of the stack."""
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
        # Away from samconfig.toml, which is for a deployment to AWS.
        cwd=folder,
    )
    [stack] = LocalAws(aws_port).client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
