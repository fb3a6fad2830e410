"""Credential events of the deployed stack, and the recipe of docs/events.md, a pipeline that they start and hold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from local.stack.stack import LocalStack
from local.stack.toolchain import ROOT
from local.stack.waiting import eventually
from local.story.events import EventInbox
from tests.flows.household import Held, Household
from tests.flows.test_roles_flow import Role
from token_refresher.base.clock import system_clock, to_rfc3339

NAME = "event-driven"
DAY = timedelta(days=1)
SECRETS = ("access_token", "refresh_token", "client_secret", "developer_token")


@dataclass(frozen=True)
class Pipeline:
    """The recipe, deployed for one credential, and what it has received."""

    aws: Any
    outputs: dict[str, str]
    jobs: list[dict[str, Any]]

    @property
    def held(self) -> bool | None:
        """Whether it is held back; ``None`` if nothing was said of it."""
        item = self._item(f"held/{NAME}")
        return None if item is None else bool(item["held"])

    def take_jobs(self) -> list[dict[str, Any]]:
        """Take the jobs that have arrived; return all so far."""
        sqs, url = self.aws.client("sqs"), self.outputs["JobsUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.jobs.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return self.jobs

    def finished(self) -> int:
        """Return how many executions of the state machine have succeeded; fail if one did not."""
        listed = self.aws.client("stepfunctions").list_executions(stateMachineArn=self.outputs["StateMachineArn"])
        states = [one["status"] for one in listed["executions"]]
        assert set(states) <= {"SUCCEEDED", "RUNNING"}, states
        return states.count("SUCCEEDED")

    def has_finished_more_than(self, before: int) -> bool:
        """Wait until more executions have succeeded."""
        return eventually(lambda: self.finished() > before)

    def _item(self, key: str) -> dict[str, Any] | None:
        return self.aws.table(self.outputs["StateTable"]).get_item(Key={"id": key}).get("Item")  # type: ignore[no-any-return] # boto3's resources have no types here.


@pytest.fixture(scope="module")
def inbox(stack: LocalStack) -> EventInbox:
    return EventInbox(stack.aws, stack.parameters["EventBusName"], "flow-events")


@pytest.fixture(scope="module")
def pipeline(stack: LocalStack) -> Iterator[Pipeline]:
    cloudformation = stack.aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="pipeline",
        TemplateBody=(ROOT / "docs" / "recipes" / "pipeline.yaml").read_text("utf-8"),
        Parameters=[{"ParameterKey": "Credential", "ParameterValue": NAME}],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="pipeline", WaiterConfig={"Delay": 1})
    [deployed] = cloudformation.describe_stacks(StackName="pipeline")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed["Outputs"]}
    yield Pipeline(stack.aws, outputs, [])
    cloudformation.delete_stack(StackName="pipeline")


def kinds(events: list[dict[str, Any]]) -> set[str]:
    return {str(event["detail-type"]) for event in events}


def of_kind(inbox: EventInbox, kind: str) -> list[dict[str, Any]]:
    return [event for event in inbox.of(NAME) if event["detail-type"] == kind]


def wait_for(inbox: EventInbox, kind: str, number: int = 1) -> list[dict[str, Any]]:
    found = eventually(lambda: seen if len(seen := of_kind(inbox, kind)) >= number else None)
    assert found, f"no {number} {kind}: {inbox.of(NAME)}"
    return found


def secrets_of(held: Held) -> set[str]:
    document = held.consumer.document()
    return {str(document[key]) for key in SECRETS if key in document}


def test_a_pipeline_is_held_back_started_with_each_token_and_held_back_again(
    household: Household, inbox: EventInbox, pipeline: Pipeline
) -> None:
    held = household.put(NAME)
    link = household.link(NAME)
    [waiting] = wait_for(inbox, "CredentialNeedsConsent")
    assert waiting["detail"]["status"] == "awaiting_consent"
    assert eventually(lambda: pipeline.held)
    assert pipeline.take_jobs() == []

    assert household.consent(link).heading == "Connected"
    wait_for(inbox, "CredentialRecovered")
    [first] = wait_for(inbox, "CredentialRefreshed")[:1]
    assert eventually(lambda: pipeline.held is False)
    assert household.refreshed(held, since=first["detail"]["version_id"])
    refreshed = wait_for(inbox, "CredentialRefreshed", 2)
    versions = household.secrets.list_secret_version_ids(SecretId=household.secret_id(NAME), IncludeDeprecated=True)
    assert {event["detail"]["version_id"] for event in refreshed} <= {one["VersionId"] for one in versions["Versions"]}
    assert eventually(lambda: jobs if len(jobs := pipeline.take_jobs()) >= 2 else None)
    secret = secrets_of(held)

    household.stack.identity_provider.revoke(held.client_id)
    wait_for(inbox, "CredentialNeedsConsent", 2)
    assert eventually(lambda: pipeline.held)
    link = household.link(NAME, after=1)
    assert household.consent(link).heading == "Connected"
    wait_for(inbox, "CredentialRecovered", 2)
    assert eventually(lambda: pipeline.held is False)
    text = json.dumps(inbox.of(NAME))
    assert not [value for value in secret | secrets_of(held) if value in text]


def test_a_copy_of_an_event_starts_no_second_job(
    household: Household, stack: LocalStack, inbox: EventInbox, pipeline: Pipeline
) -> None:
    if not inbox.of(NAME):  # This test runs alone.
        household.connected(NAME)
    event = wait_for(inbox, "CredentialRefreshed")[0]
    key = event["detail"]["version_id"]
    assert eventually(lambda: [job for job in pipeline.take_jobs() if job["version_id"] == key])
    before = pipeline.finished()
    copy = {name: event[name] for name in ("source", "detail-type")}
    stack.aws.client("events").put_events(
        Entries=[{"Source": copy["source"], "DetailType": copy["detail-type"], "Detail": json.dumps(event["detail"])}]
    )
    assert pipeline.has_finished_more_than(before)
    assert len([job for job in pipeline.take_jobs() if job["version_id"] == key]) == 1


@pytest.mark.parametrize("order", [("NeedsConsent", "Recovered"), ("Recovered", "NeedsConsent")], ids=" then ".join)
def test_a_need_and_its_end_in_one_second_leave_the_pipeline_released_in_any_order(
    stack: LocalStack, pipeline: Pipeline, order: tuple[str, str]
) -> None:
    detail = {"credential": NAME, "cause": "The sign-in was revoked.", "at": to_rfc3339(system_clock() + DAY)}
    for kind in order:
        before = pipeline.finished()
        entry = {"Source": "token-refresher", "DetailType": f"Credential{kind}", "Detail": json.dumps(detail)}
        stack.aws.client("events").put_events(Entries=[entry])
        assert pipeline.has_finished_more_than(before)
    assert pipeline.held is False


def test_only_the_workers_send_events_and_only_to_the_bus_of_the_stack(stack: LocalStack) -> None:
    def may(role: str, bus: str) -> bool:
        entry = {"EventBusName": bus, "Source": "test", "DetailType": "test", "Detail": "{}"}
        return Role(stack, role).may("events", "put_events", Entries=[entry])

    stack.aws.client("events").create_event_bus(Name="of-another-team")
    for role in ("RefreshRole", "CallbackRole"):
        assert (may(role, "default"), may(role, "of-another-team")) == (True, False)
    assert not may("DispatchRole", "default")
