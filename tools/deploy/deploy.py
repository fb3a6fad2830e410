"""``make deploy``: asks for the parameters the first time, and deploys with the same answers afterwards."""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.stack.toolchain import ROOT, tool
from token_refresher.base.errors import ConfigurationError
from token_refresher_cli.installation.explanations import explained
from token_refresher_cli.shell.errors import CommandError, bad_input
from tools.deploy.answers import Answers, UnreadableAnswersError
from tools.deploy.kept_keys import LostKeys
from tools.deploy.parameters import Parameters
from tools.deploy.questions import first_answers, shell_region
from tools.deploy.terminal import Terminal

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass
class Deployment:
    """A deployment to the AWS account of the shell.

    Attributes:
        build: The folder that ``sam build`` wrote.
        file: The file with the answers.
        yes: Whether to deploy without asking for a confirmation.
        advanced: Whether the first deployment asks for every parameter.
        more: More options for ``sam deploy``.
        terminal: The terminal of the operator.
    """

    build: Path
    file: Path
    yes: bool = False
    advanced: bool = False
    more: list[str] = field(default_factory=list)
    terminal: Terminal = field(default_factory=Terminal)

    def run(self) -> int:
        """Ask, check, deploy, and say what to do next; return the exit code."""
        parameters = Parameters.of(self.build / "template.yaml")
        known = Answers.read(self.file)
        account, who = self._account(known.region if known else None)
        self.terminal.say(f"AWS account {account}, as {who}.")
        answers = known or first_answers(self.terminal, parameters, advanced=self.advanced)
        self._check(parameters, answers)
        deployed = self._deployed(answers)
        exists = deployed is not None
        if deployed is not None:
            self._keep_keys(parameters, answers, deployed)
        self._show(answers, account)
        if not self.yes and not self.terminal.confirms(f"{'Change' if exists else 'Deploy'} it?"):
            self.terminal.say("Canceled: nothing was deployed.")
            return 1
        if known is None:
            answers.write(self.file)
            self.terminal.say(f"Your answers are in {self.file.name}.")
        code = self._sam(parameters, answers, exists=exists)
        if code:
            self.terminal.say(
                "The deployment failed; the output of sam says why. Run make deploy again when that is fixed."
            )
            return code
        self.terminal.say()
        self.terminal.say("It is deployed. What to do next:")
        self.terminal.say()
        return self._next(answers)

    def _account(self, region: str | None) -> tuple[str, str]:
        session = boto3.Session(region_name=region)
        # GetCallerIdentity works in every Region, and the Region is asked for only after it.
        sts = boto3.client("sts", region_name=session.region_name or shell_region() or "us-east-1")
        identity = sts.get_caller_identity()
        return identity["Account"], identity["Arn"]

    def _check(self, parameters: Parameters, answers: Answers) -> None:
        """Refuse parameters that CloudFormation or the functions would refuse, before anything is changed.

        Raises:
            CommandError: Some are wrong; the message says which and why.
        """
        complaints = [parameters.complaint(name, value) for name, value in answers.parameters.items()]
        wrong = [complaint for complaint in complaints if complaint]
        if wrong:
            raise bad_input(f"{self.file.name}: {'; '.join(wrong)}.", "Change it there, and run make deploy again.")
        try:
            parameters.check_timing(answers.parameters)
        except ConfigurationError as error:
            raise bad_input(f"{error}", f"Change it in {self.file.name}, and run make deploy again.") from error

    def _deployed(self, answers: Answers) -> "StackTypeDef | None":
        """Return the stack that this deployment changes, or ``None`` if it creates a new one.

        Raises:
            CommandError: The stack cannot be changed.
        """
        client = boto3.client("cloudformation", region_name=answers.region)
        try:
            [stack] = client.describe_stacks(StackName=answers.stack)["Stacks"]
        except ClientError as error:
            if "does not exist" not in error.response["Error"].get("Message", ""):
                raise
            return None
        if stack["StackStatus"] == "ROLLBACK_COMPLETE":
            raise CommandError(
                f"The first deployment of {answers.stack} failed, and CloudFormation cannot change such a stack.",
                f"Remove it: aws cloudformation delete-stack --region {answers.region} --stack-name {answers.stack}",
            )
        return None if stack["StackStatus"] == "REVIEW_IN_PROGRESS" else stack

    def _keep_keys(self, parameters: Parameters, answers: Answers, stack: "StackTypeDef") -> None:
        """Refuse a deployment after which the functions could not use the KMS key of some secrets any more.

        Raises:
            CommandError: There are such secrets; the message names them.
        """
        deployed = {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])}
        session = boto3.Session(region_name=answers.region)
        lost = LostKeys.between(deployed, parameters.all_of(answers.parameters))
        lost.check(session, lambda: _signing_secret(session, answers.stack))

    def _show(self, answers: Answers, account: str) -> None:
        say = self.terminal.say
        say()
        say(f"  Account  {account}")
        say(f"  Region   {answers.region}")
        say(f"  Stack    {answers.stack}")
        for name, value in answers.parameters.items():
            say(f"  {name} = {value}")
        say("  All other parameters have their defaults (docs/deploy.md).")
        say()

    def _sam(self, parameters: Parameters, answers: Answers, *, exists: bool) -> int:
        overrides = [f'{name}="{value}"' for name, value in parameters.all_of(answers.parameters).items()]
        # A new stack was confirmed as a whole already.
        confirmed = ["--no-confirm-changeset"] if self.yes or not exists else []
        command = [
            tool(".venv-sam", "sam"),
            "deploy",
            *("--template-file", str(self.build / "template.yaml")),
            *("--config-file", str(ROOT / "samconfig.toml")),
            *("--stack-name", answers.stack),
            *("--region", answers.region),
            "--no-fail-on-empty-changeset",
            *confirmed,
            *self.more,
            "--parameter-overrides",
            *overrides,
        ]
        environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
        return subprocess.run(command, env=environment, cwd=self.build, check=False).returncode

    def _next(self, answers: Answers) -> int:
        """Run ``token-refresher next``, which need not be installed; return its exit code."""
        command = [sys.executable, "-m", "token_refresher_cli"]
        where = ["--stack", answers.stack, "--region", answers.region]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}{os.pathsep}{ROOT / 'cli'}"}
        return subprocess.run([*command, *where, "next"], env=environment, cwd=ROOT, check=False).returncode


def _signing_secret(session: boto3.Session, stack: str) -> str:
    client = session.client("cloudformation")
    found = client.describe_stack_resource(StackName=stack, LogicalResourceId="InviteSigningSecret")
    return found["StackResourceDetail"]["PhysicalResourceId"]


def main() -> int:
    """Deploy; return the exit code."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / ".aws-sam" / "build", help="the folder of sam build")
    parser.add_argument("--answers", type=Path, default=ROOT / "samconfig.local.toml", help="the file with the answers")
    parser.add_argument("--yes", action="store_true", help="do not ask for a confirmation")
    parser.add_argument("--advanced", action="store_true", help="ask for every parameter the first time")
    given, more = parser.parse_known_args()
    try:
        deployment = Deployment(given.build.resolve(), given.answers, yes=given.yes, advanced=given.advanced, more=more)
        return deployment.run()
    except UnreadableAnswersError as error:
        print(error, file=sys.stderr)
        return 2
    except (CommandError, ClientError, BotoCoreError) as error:
        known = explained(error)
        if known is None:
            raise
        step = known.next_step.replace("with --profile", "with AWS_PROFILE").replace("Say --region, or set", "Set")
        print(f"Error: {known.message}\n  {step}", file=sys.stderr)
        return known.exit_code
    except KeyboardInterrupt:
        return 130
