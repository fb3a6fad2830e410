"""``make deploy`` from its first question to its next steps, and the doctor on the deployed installation."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from local.stack.stack import LocalStack
from local.stack.toolchain import ROOT, local_environment
from local.stack.waiting import eventually
from tests.packaging.cloudformation import template
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.unread import Read, pages_of_reads
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.where import Where
from token_refresher_cli.main import app
from token_refresher_cli.shell.exit_code import ExitCode

SECOND = "second-installation"


@dataclass(frozen=True)
class Deployed:
    """The answers file and the output of ``make deploy``."""

    answers: Path
    asked: str
    printed: str


def _groups() -> list[dict[str, Any]]:
    """Return the groups of parameters, in the order in which the questions come."""
    groups: list[dict[str, Any]] = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    return groups


def deploy(stack: LocalStack, answers: Path, said: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run the part of ``make deploy`` after the build, and pipe the answers into it."""
    environment = {**local_environment(stack.ports.aws), "PYTHONPATH": f"{ROOT}/layers:{ROOT}/cli:{ROOT}"}
    command = [sys.executable, "-m", "tools.deploy", "--build", str(stack.build), "--answers", str(answers), *options]
    lines = "".join(f"{line}\n" for line in said)
    return subprocess.run(command, env=environment, cwd=ROOT, input=lines, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def second(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A second installation, deployed as an operator does it the first time."""
    answers = tmp_path_factory.mktemp("deploy") / "samconfig.local.toml"
    where = ["", SECOND, "second-prefix", "no address", ""]
    _, *between, advanced = [len(group["Parameters"]) for group in _groups()]
    optional = [stack.public_url, *[""] * (sum(between) - 1)]
    cannot_hold, holds = ["rate(5 minutes)", "3000", "10", *[""] * (advanced - 3)], [""] * advanced
    done = deploy(stack, answers, [*where, *optional, *cannot_hold, *holds, "yes"], "--advanced")
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
    yield Deployed(answers, done.stderr, done.stdout)
    # Otherwise it would tick during the other flows.
    stack.aws.client("cloudformation").delete_stack(StackName=SECOND)


@pytest.fixture(autouse=True)
def shell(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment variables that point AWS clients at the stack."""
    for name in ("AWS_PROFILE", "AWS_REGION", "TOKEN_REFRESHER_STACK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in local_environment(stack.ports.aws).items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


def doctor(*options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code of the doctor, and its checks by name."""
    result = CliRunner().invoke(app, [*options, "doctor", "--output", "json"])
    document = json.loads(result.stdout)
    return result.exit_code, {check["check"]: check for check in document["checks"]}


def test_the_account_and_the_region_are_shown_before_it_goes_on(second: Deployed) -> None:
    before, _, _ = second.asked.partition("Deploy it?")
    assert "AWS account 000000000000" in before
    assert "Region   us-east-1" in before
    assert f"Stack    {SECOND}" in before


def test_impossible_answers_are_refused_before_anything_is_deployed(second: Deployed) -> None:
    assert "No: AlertEmail must be empty or an e-mail address." in second.asked
    assert "That cannot hold." in second.asked
    assert "5 s = 3845 s" in second.asked


def test_the_answers_are_in_their_own_file(second: Deployed) -> None:
    written = tomllib.loads(second.answers.read_text("utf-8"))["default"]["deploy"]["parameters"]
    assert (written["stack_name"], written["region"]) == (SECOND, "us-east-1")
    assert written["parameter_overrides"][0] == "SecretPrefix=second-prefix"


def test_it_ends_with_the_next_steps_for_the_new_stack(stack: LocalStack, second: Deployed) -> None:
    _, _, after = second.printed.partition("Successfully created/updated stack")
    assert f"{stack.public_url}/callback" in after
    assert f"token-refresher --stack {SECOND} add NAME" in after


def test_a_second_time_it_repeats_the_answers_and_shows_the_changes(stack: LocalStack, second: Deployed) -> None:
    before = second.answers.read_text("utf-8")
    second.answers.write_text(before.replace("SecretPrefix=second-prefix", "LogLevel=DEBUG"), "utf-8")
    done = deploy(stack, second.answers, ["yes", "no"])
    second.answers.write_text(before, "utf-8")
    assert "LogLevel = DEBUG" in done.stderr
    assert "Deploy this changeset?" in done.stdout
    [found] = stack.aws.client("cloudformation").describe_stacks(StackName=SECOND)["Stacks"]
    assert {"ParameterKey": "LogLevel", "ParameterValue": "INFO"} in found["Parameters"]


def test_the_answer_no_deploys_nothing(stack: LocalStack, second: Deployed) -> None:
    done = deploy(stack, second.answers, ["no"])
    assert (done.returncode, "nothing was deployed" in done.stderr) == (1, True)


def test_the_doctor_finds_no_problem_in_a_healthy_installation_with_a_subscription(
    stack: LocalStack, second: Deployed
) -> None:
    before, found = doctor("--stack", SECOND)
    assert before == ExitCode.PROBLEMS
    assert found["alerts"]["level"] == "problem"
    _subscribe(stack)
    after, found = doctor("--stack", SECOND)
    assert after == ExitCode.DONE, found


def _subscribe(stack: LocalStack) -> None:
    queue = stack.aws.client("sqs").create_queue(QueueName="second-alerts")["QueueUrl"].rpartition("/")[2]
    topic = Installation.find(Where(stack=SECOND)).outputs["AlertTopicArn"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue}"
    stack.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)


def test_the_doctor_sees_the_last_tick_and_the_reads_of_pipelines(stack: LocalStack) -> None:
    assert eventually(lambda: "the last tick was" in doctor()[1]["schedule"]["findings"][0]["text"])
    stack.aws.client("secretsmanager").create_secret(Name="a-pipeline-reads-this", SecretString="{}")
    stack.aws.client("secretsmanager").get_secret_value(SecretId="a-pipeline-reads-this")
    visit = CheckContext(Installation.find(Where()))
    reads = [Read.of_event(event) for event in next(iter(pages_of_reads(visit)))]
    assert "a-pipeline-reads-this" in {read.secret_id for read in reads if read and not read.is_ours(())}


def test_the_doctor_finds_everything_that_is_broken_at_once(stack: LocalStack, second: Deployed) -> None:
    """This must be the last test with the second installation, which stays broken."""
    visit = CheckContext(Installation.find(Where(stack=SECOND)))
    break_everything(stack, visit)
    code, found = doctor("--stack", SECOND)
    assert code == ExitCode.PROBLEMS
    said = {name: " ".join(finding["text"] for finding in check["findings"]) for name, check in found.items()}
    assert "The schedule is DISABLED" in said["schedule"]
    assert "The queue mapping of the refresh function is Disabl" in said["schedule"]
    assert "dispatch function may do what it must not: secretsmanager:GetSecretValue on a credential" in said["iam"]
    assert "refresh function may not do what it must: sns:Publish on the topic" in said["iam"]
    assert "The alarm freshness is red" in said["alarms"]
    assert "A request was moved to the dead-letter queue" in said["dead-letter"]
    assert "broken is no credential document: client_id is missing" in said["secrets"]


def break_everything(stack: LocalStack, visit: CheckContext) -> None:
    aws, resources, outputs = stack.aws, visit.resources, visit.installation.outputs
    scheduler = aws.client("scheduler")
    schedule = scheduler.get_schedule(Name=resources["TickSchedule"])
    kept = {key: schedule[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")
    aws.client("lambda").update_event_source_mapping(UUID=resources["RefreshQueueMapping"], Enabled=False)
    allowed = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    forbidden = {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}
    for role, statement in (("DispatchRole", allowed), ("RefreshRole", forbidden)):
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        aws.client("iam").put_role_policy(RoleName=resources[role], PolicyName="by-hand", PolicyDocument=document)
    aws.client("cloudwatch").set_alarm_state(
        AlarmName=resources["FreshnessAlarm"], StateValue="ALARM", StateReason="A test of the doctor"
    )
    aws.client("sqs").send_message(
        QueueUrl=outputs["RefreshDeadLetterQueueUrl"],
        MessageBody="{}",
        MessageGroupId="broken",
        MessageDeduplicationId="broken",
    )
    aws.client("secretsmanager").create_secret(Name=visit.installation.secret_id("broken"), SecretString="{}")
