"""The recipe of a probe in docs/consumers.md, deployed: it reads as a pipeline does, and its alarm goes off."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from local.stack.stack import LocalStack
from local.stack.toolchain import ROOT
from local.stack.waiting import eventually
from local.story.operator import Operator
from tests.commands.conftest import AN_HOUR
from tests.commands.test_commands_flow import add
from tests.flows.household import Held, Household
from tests.flows.test_roles_flow import Role
from token_refresher.base.clock import system_clock
from token_refresher.entrypoints.metrics import NAMESPACE

TEMPLATE = (ROOT / "docs" / "recipes" / "probe.yaml").read_text("utf-8")
ONLY_ITS_NAMESPACE = 'Condition: { StringEquals: { "cloudwatch:namespace": TokenRefresher } }'
"""The local AWS does not know this condition key, and denies the call. AWS documents it.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
"""


@dataclass(frozen=True)
class Probe:
    """The deployed recipe."""

    aws: Any
    name: str
    outputs: dict[str, str]

    def run(self) -> dict[str, Any]:
        """Run it as its schedule does, and return what it has measured."""
        answer = self.aws.client("lambda").invoke(FunctionName=self.outputs["ProbeFunctionName"], Payload=b"{}")
        measured: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "reads" in measured, measured
        return measured

    def metric(self, name: str, statistic: str) -> float:
        """Return a metric of the last hour, as an alarm reads it."""
        now = system_clock()
        [point] = self.aws.client("cloudwatch").get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": "service", "Value": self.name}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=7200,
            Statistics=[statistic],
        )["Datapoints"]
        return float(point[statistic])

    def is_in_alarm(self) -> bool:
        [alarm] = self.aws.client("cloudwatch").describe_alarms(AlarmNames=[self.outputs["AlarmName"]])["MetricAlarms"]
        return bool(alarm["StateValue"] == "ALARM")


@pytest.fixture(scope="module")
def deploy(stack: LocalStack) -> Iterator[Callable[..., Probe]]:
    cloudformation = stack.aws.client("cloudformation")
    with ExitStack() as ending:

        def deployed(name: str, **parameters: str) -> Probe:
            cloudformation.create_stack(
                StackName=name,
                TemplateBody=TEMPLATE.replace(ONLY_ITS_NAMESPACE, ""),
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in {"StackName": name, **parameters}.items()
                ],
                Capabilities=["CAPABILITY_IAM"],
            )
            ending.callback(cloudformation.delete_stack, StackName=name)
            cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
            [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
            return Probe(stack.aws, name, {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]})

        yield deployed


@pytest.fixture(scope="module")
def published(operator: Operator, household: Household) -> Held:
    """A credential with a secret for pipelines, and a token of an hour in it."""
    held = add(operator, household, "probed")
    assert operator.run("publish", held.name).exit_code == 0
    assert eventually(lambda: _arn(household, held))
    return held


def _secret(held: Held) -> str:
    return f"token-refresher-consumers/{held.name}"


def _arn(household: Household, held: Held) -> str:
    try:
        return str(household.secrets.describe_secret(SecretId=_secret(held))["ARN"])
    except household.secrets.exceptions.ResourceNotFoundException:
        return ""


def test_the_probe_measures_what_pipelines_read_and_the_alarm_is_quiet(
    published: Held, deploy: Callable[..., Probe]
) -> None:
    probe = deploy("probe-of-all", PromiseSeconds="60")
    measured = probe.run()
    assert measured["reads"] >= 1
    assert measured["under_promise"] == 0
    assert 60 <= measured["worst_seconds_left"] <= AN_HOUR
    assert probe.metric("RemainingLife", "Minimum") == pytest.approx(measured["worst_seconds_left"])
    assert probe.metric("ReadsUnderPromise", "Maximum") == 0
    assert eventually(lambda: not probe.is_in_alarm())


def test_a_token_that_is_good_for_less_than_promised_sets_the_alarm_off(
    household: Household, published: Held, deploy: Callable[..., Probe]
) -> None:
    probe = deploy("probe-of-one", PromiseSeconds="7200", SecretArns=_arn(household, published))
    assert probe.run()["under_promise"] == 1
    assert probe.metric("ReadsUnderPromise", "Maximum") == 1
    assert eventually(probe.is_in_alarm)


def test_a_secret_that_cannot_be_read_counts_as_broken(
    household: Household, published: Held, deploy: Callable[..., Probe]
) -> None:
    foreign = household.secrets.create_secret(Name="token-refresher-consumers-of-another-team/acme", SecretString="{}")
    probe = deploy("probe-of-two", PromiseSeconds="60", SecretArns=f"{_arn(household, published)},{foreign['ARN']}")
    assert (probe.run()["reads"], probe.run()["under_promise"]) == (1, 1)


def test_a_paused_credential_is_nobodys_alarm(
    operator: Operator, household: Household, published: Held, deploy: Callable[..., Probe]
) -> None:
    probe = deploy("probe-of-a-pause", PromiseSeconds="7200", SecretArns=_arn(household, published))
    assert operator.run("pause", published.name).exit_code == 0
    assert eventually(lambda: probe.run()["reads"] == 0)
    assert probe.run()["under_promise"] == 0
    assert operator.run("resume", published.name).exit_code == 0


def test_the_probe_writes_the_metrics_of_one_namespace_only() -> None:
    assert TEMPLATE.count(ONLY_ITS_NAMESPACE) == 1


def test_the_probe_has_the_rights_of_a_pipeline(
    stack: LocalStack, household: Household, published: Held, deploy: Callable[..., Probe]
) -> None:
    role = Role(stack, "ProbeRole", of=deploy("probe-of-its-rights").name)
    assert role.may("secretsmanager", "get_secret_value", SecretId=_secret(published))
    assert not role.may("secretsmanager", "get_secret_value", SecretId=household.secret_id(published.name))
    assert not role.may("secretsmanager", "put_secret_value", SecretId=_secret(published), SecretString="{}")
