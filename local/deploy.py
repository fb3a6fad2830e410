"""``python -m local.deploy``: what ``make deploy`` calls. It asks the first time, and repeats it afterwards."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.answers import Answers, UnreadableAnswersError
from local.parameters import Parameters
from local.toolchain import ROOT, tool
from token_refresher.errors import ConfigurationError
from token_refresher_cli.errors import CommandError, bad_input, explained

_ASKED = ("SecretPrefix", "AlertEmail", "PublicUrl", "KmsKeyArn")
_TIMING = ("RefreshSchedule", "MinimumFreshnessSeconds", "HeartbeatMinutes")
"""Those that matter at first; the others are in docs/deploy.md."""

_STACK = r"[A-Za-z][A-Za-z0-9-]{0,127}"


class Terminal:
    """Asks on standard error, and reads answers from standard input, one line and no more.

    What is left is for ``sam``, which asks about the changes: a buffer of ours would take it away.
    """

    def __init__(self) -> None:
        self._input = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - Open for as long as the process is.

    def say(self, text: str = "") -> None:
        """Print a line."""
        print(text, file=sys.stderr, flush=True)

    def ask(self, question: str, default: str) -> str:
        """Return the answer, or the default for an empty one.

        Raises:
            CommandError: Nobody answers.
        """
        print(f"{question} [{default}]: ", end="", file=sys.stderr, flush=True)
        line = self._input.readline()
        if not line:
            raise bad_input("There is nobody to answer.", "Run make deploy in a terminal, or pipe the answers into it.")
        return line.decode().strip() or default

    def confirms(self, question: str) -> bool:
        """Tell whether somebody says yes."""
        return self.ask(question, "y/N").lower() in {"y", "yes"}


@dataclass
class Deployment:
    """A deployment to the AWS account of the shell.

    Attributes:
        build: The folder that ``sam build`` wrote.
        file: Where the answers are.
        yes: Whether nobody is to be asked for a confirmation.
        more: What else ``sam deploy`` is told.
        terminal: Who is asked.
    """

    build: Path
    file: Path
    yes: bool = False
    more: list[str] = field(default_factory=list)
    terminal: Terminal = field(default_factory=Terminal)

    def run(self) -> int:
        """Ask, check, deploy, and say what to do next; return the exit code."""
        parameters = Parameters.of(self.build / "template.yaml")
        known = Answers.read(self.file)
        account, who = self._account(known.region if known else None)
        self.terminal.say(f"AWS account {account}, as {who}.")
        answers = known or self._guided(parameters)
        self._check(parameters, answers)
        exists = self._exists(answers)
        self._show(answers, account)
        if not self.yes and not self.terminal.confirms(f"{'Change' if exists else 'Deploy'} it?"):
            self.terminal.say("Called off: nothing was deployed.")
            return 1
        if known is None:
            answers.write(self.file)
            self.terminal.say(f"Your answers are in {self.file.name}.")
        code = self._sam(parameters, answers, exists=exists)
        if code:
            self.terminal.say(
                "The deployment failed; what sam printed says why. Run make deploy again when it is mended."
            )
            return code
        self.terminal.say()
        self.terminal.say("It is deployed. What to do next:")
        self.terminal.say()
        return self._next(answers)

    def _account(self, region: str | None) -> tuple[str, str]:
        session = boto3.Session(region_name=region)
        # Who one is can be asked in any Region, and which one is wanted is asked only then.
        sts = boto3.client("sts", region_name=session.region_name or _shell_region() or "us-east-1")
        identity = sts.get_caller_identity()
        return identity["Account"], identity["Arn"]

    def _guided(self, parameters: Parameters) -> Answers:
        """Ask for what matters, each question with what it means."""
        terminal = self.terminal
        terminal.say("This is the first deployment from here. An empty answer takes what is in brackets.")
        region = self._valid("Region", _shell_region() or "us-east-1", _region_complaint)
        stack = self._valid("Name of the stack", "token-refresher", _stack_complaint)
        chosen = {name: self._parameter(parameters, name) for name in _ASKED}
        while True:
            chosen |= {name: self._parameter(parameters, name) for name in _TIMING}
            try:
                parameters.check_timing(chosen)
            except ConfigurationError as error:
                terminal.say(f"That cannot hold. {error}")
                continue
            return Answers(
                stack, region, {name: value for name, value in chosen.items() if value != parameters.default(name)}
            )

    def _parameter(self, parameters: Parameters, name: str) -> str:
        self.terminal.say()
        self.terminal.say(parameters.description(name))
        return self._valid(name, parameters.default(name), lambda value: parameters.complaint(name, value))

    def _valid(self, question: str, default: str, complaint: Callable[[str], str]) -> str:
        while True:
            answer = self.terminal.ask(question, default)
            wrong = complaint(answer)
            if not wrong:
                return answer
            self.terminal.say(f"No: {wrong}.")

    def _check(self, parameters: Parameters, answers: Answers) -> None:
        """Refuse what CloudFormation or the functions would refuse, before anything is changed.

        Raises:
            CommandError: Says what is wrong.
        """
        complaints = [parameters.complaint(name, value) for name, value in answers.parameters.items()]
        wrong = [complaint for complaint in complaints if complaint]
        if wrong:
            raise bad_input(f"{self.file.name}: {'; '.join(wrong)}.", "Change it there, and run make deploy again.")
        try:
            parameters.check_timing(answers.parameters)
        except ConfigurationError as error:
            raise bad_input(f"{error}", f"Change it in {self.file.name}, and run make deploy again.") from error

    def _exists(self, answers: Answers) -> bool:
        client = boto3.client("cloudformation", region_name=answers.region)
        try:
            [stack] = client.describe_stacks(StackName=answers.stack)["Stacks"]
        except ClientError as error:
            if "does not exist" not in error.response["Error"].get("Message", ""):
                raise
            return False
        if stack["StackStatus"] == "ROLLBACK_COMPLETE":
            raise CommandError(
                f"The first deployment of {answers.stack} failed, and what is left of it cannot be changed.",
                f"Remove it: aws cloudformation delete-stack --region {answers.region} --stack-name {answers.stack}",
            )
        return bool(stack["StackStatus"] != "REVIEW_IN_PROGRESS")

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
        # Of a new stack there is nothing to confirm but all of it, and that was done.
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
        """Run the command, which need not be installed."""
        command = [sys.executable, "-m", "token_refresher_cli"]
        where = ["--stack", answers.stack, "--region", answers.region]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}{os.pathsep}{ROOT / 'cli'}"}
        return subprocess.run([*command, *where, "next"], env=environment, cwd=ROOT, check=False).returncode


def _shell_region() -> str | None:
    return os.environ.get("AWS_REGION") or boto3.Session().region_name


def _region_complaint(value: str) -> str:
    known = boto3.Session().get_available_regions("scheduler")
    return "" if value in known or not known else f"{value} is no Region that this version of boto3 knows"


def _stack_complaint(value: str) -> str:
    return "" if re.fullmatch(_STACK, value) else "a stack is named by letters, digits and hyphens, a letter first"


def main() -> int:
    """Deploy; return the exit code."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / ".aws-sam" / "build", help="what sam build wrote")
    parser.add_argument("--answers", type=Path, default=ROOT / "samconfig.local.toml", help="where the answers are")
    parser.add_argument("--yes", action="store_true", help="do not ask for a confirmation")
    given, more = parser.parse_known_args()
    try:
        return Deployment(given.build.resolve(), given.answers, yes=given.yes, more=more).run()
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


if __name__ == "__main__":
    sys.exit(main())
