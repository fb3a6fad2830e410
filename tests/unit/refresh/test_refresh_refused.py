"""AWS refuses a call: the refusal is confirmed, the operator notified once, the call retried, the recovery notified."""

from datetime import timedelta

import pytest

from tests.fakes.kind import Kind
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

TICK = timedelta(minutes=5)
YOUNG = timedelta(minutes=5)
OPERATIONS = {
    "describe": "DescribeSecret",
    "read": "GetSecretValue",
    "put_pending": "PutSecretValue",
    "promote": "UpdateSecretVersionStage",
    "set_status_tags": "TagResource",
}


@pytest.fixture
def world() -> World:
    return World(Kind.STRICT)


def deny(world: World, call: str, *names: str, code: str = "AccessDeniedException") -> None:
    for name in names or (NAME,):
        error = ServiceUnavailableError(f"secretsmanager.{OPERATIONS[call]}", code, passing=False)
        world.store.refuse(name, call, error)


def allow(world: World, call: str, *names: str) -> None:
    for name in names or (NAME,):
        world.store.refuse(name, call)


def run_for(world: World, length: timedelta) -> None:
    """Let the schedule tick, and refresh take every message."""
    ends_at = world.clock() + length
    while world.clock() < ends_at:
        world.queue.messages.clear()
        world.dispatcher.tick()
        for name in list(world.queue.names):
            world.refresh(name)
        world.clock.advance(TICK)


def notified(world: World) -> list[tuple[Event, str]]:
    return [(alert.event, alert.code) for alert in world.topic.alerts]


STOPPING = [call for call in OPERATIONS if call != "set_status_tags"]


@pytest.mark.parametrize("call", STOPPING)
def test_a_missing_permission_is_notified_once_and_its_recovery_once(world: World, call: str) -> None:
    world.manage()
    deny(world, call)
    run_for(world, timedelta(hours=2))
    assert notified(world) == [(Event.OPERATOR_ACTION_REQUIRED, f"secretsmanager:{OPERATIONS[call]}")]
    assert (world.entry().status, world.topic.alerts[0].credential) == (Status.NEEDS_OPERATOR, NAME)
    allow(world, call)
    run_for(world, timedelta(minutes=30))
    assert notified(world)[1:] == [(Event.RECOVERED, "")]
    assert (world.entry().status, world.current_refresh_token()) == (Status.HEALTHY, world.authority.newest)


@pytest.mark.parametrize("call", STOPPING)
def test_a_missing_permission_loses_no_issued_token_and_none_is_presented_twice(world: World, call: str) -> None:
    world.manage()
    deny(world, call)
    run_for(world, timedelta(hours=3))
    allow(world, call)
    run_for(world, timedelta(hours=2))
    assert len(world.authority.presented) == len(set(world.authority.presented))
    assert (world.current_refresh_token(), world.escrow.kept) == (world.authority.newest, {})


@pytest.mark.parametrize("call", OPERATIONS)
def test_a_permission_that_is_missing_for_a_moment_notifies_nobody(world: World, call: str) -> None:
    """A changed policy takes effect in AWS a moment later."""
    world.manage()
    deny(world, call)
    world.dispatcher.tick()
    world.refresh()
    allow(world, call)
    world.clock.advance(TICK)
    run_for(world, timedelta(hours=1))
    assert (notified(world), world.entry().status) == ([], Status.HEALTHY)


def test_a_token_that_expires_soon_does_not_wait_for_the_confirmation(world: World) -> None:
    world.manage(age=timedelta(minutes=55))
    deny(world, "read")
    world.refresh()
    assert notified(world) == [(Event.OPERATOR_ACTION_REQUIRED, "secretsmanager:GetSecretValue")]


def test_people_are_reminded_at_growing_intervals(world: World) -> None:
    world.manage()
    deny(world, "read")
    run_for(world, REMINDER + timedelta(hours=1))
    assert notified(world) == [(Event.OPERATOR_ACTION_REQUIRED, "secretsmanager:GetSecretValue")] * 2


def test_a_permission_that_the_whole_stack_misses_is_one_incident_with_one_recovery(world: World) -> None:
    names = [f"credential-{number:02}" for number in range(30)]
    for number, name in enumerate(names):
        world.manage(name, age=timedelta(minutes=number))
    deny(world, "describe", *names)
    run_for(world, timedelta(hours=4))
    # The first alert names the credential that failed first. The next, an hour later, names all.
    assert notified(world) == [(Event.OPERATOR_ACTION_REQUIRED, "secretsmanager:DescribeSecret")] * len(notified(world))
    assert len(notified(world)) <= 3
    assert set(world.topic.alerts[-1].credentials) == set(names)
    world.topic.alerts.clear()
    allow(world, "describe", *names)
    run_for(world, timedelta(hours=1))
    assert notified(world) == [(Event.RECOVERED, "")]


def test_an_alert_about_a_credential_that_fails_later_does_not_wait_for_the_reminder(world: World) -> None:
    world.manage("first")
    world.manage("later")
    deny(world, "read", "first")
    run_for(world, timedelta(hours=3))
    deny(world, "read", "later")
    run_for(world, timedelta(hours=2))
    assert [set(alert.credentials) for alert in world.topic.alerts] == [{"first"}, {"first", "later"}]


def test_a_new_secret_that_may_not_be_described_gets_its_own_status_and_alert(world: World) -> None:
    world.manage("healthy", age=YOUNG)
    world.store.create("foreign", world.document())
    deny(world, "describe", "foreign")
    run_for(world, timedelta(hours=1))
    assert world.entry("foreign").status is Status.NEEDS_OPERATOR
    assert [(alert.credential, alert.code) for alert in world.topic.alerts] == [
        ("foreign", "secretsmanager:DescribeSecret")
    ]


@pytest.mark.parametrize("code", ["ValidationException", "InvalidRequestException"])
def test_the_alert_of_another_refusal_by_aws_has_the_call_and_its_code(world: World, code: str) -> None:
    world.manage()
    deny(world, "describe", code=code)
    run_for(world, timedelta(hours=1))
    assert notified(world) == [(Event.OPERATOR_ACTION_REQUIRED, code)]
    assert f"secretsmanager.DescribeSecret: {code}" in world.topic.alerts[0].cause


def test_a_refused_call_is_retried_every_few_minutes_and_not_only_with_the_reminder(world: World) -> None:
    world.manage()
    deny(world, "read")
    run_for(world, timedelta(hours=3))
    allow(world, "read")
    world.calls.log.clear()
    run_for(world, timedelta(minutes=21))
    assert world.entry().status is Status.HEALTHY


def test_a_credential_that_can_be_read_again_and_is_not_due_costs_no_exchange(world: World) -> None:
    world.manage(age=timedelta(minutes=1))
    world.set_entry(next_action_at=world.clock())
    deny(world, "read")
    run_for(world, timedelta(minutes=12))
    allow(world, "read")
    run_for(world, timedelta(minutes=6))
    assert world.authority.presented == []
    assert notified(world)[-1:] == [(Event.RECOVERED, "")]


def test_the_answer_to_a_request_names_the_missing_permission(world: World) -> None:
    world.manage()
    deny(world, "read")
    outcome = world.refresh(request_id="request-1")
    assert outcome.diagnosis is not None
    assert outcome.diagnosis.code == "secretsmanager:GetSecretValue"


def test_a_paused_credential_that_may_not_be_described_stays_paused(world: World) -> None:
    world.manage()
    world.registry.save(world.entry().paused())
    deny(world, "describe")
    run_for(world, timedelta(hours=1))
    assert (world.entry().status, notified(world)) == (Status.PAUSED, [])


# --- Tags ---------------------------------------------------------------------------------------------------------


def test_tags_that_may_not_be_set_stop_no_refresh_and_notify_the_operator_once(world: World) -> None:
    world.manage(is_tagged=False)
    deny(world, "set_status_tags")
    run_for(world, timedelta(hours=3))
    assert notified(world) == [(Event.OPERATOR_ACTION_REQUIRED, "secretsmanager:TagResource")]
    undisturbed = World(Kind.STRICT)
    undisturbed.manage()
    run_for(undisturbed, timedelta(hours=3))
    assert len(world.authority.presented) == len(undisturbed.authority.presented)
    assert world.entry().status is Status.HEALTHY
    assert "pipelines are not affected" in world.topic.alerts[0].summary


def test_tags_that_may_be_set_again_are_notified_as_recovered(world: World) -> None:
    world.manage(is_tagged=False)
    deny(world, "set_status_tags")
    run_for(world, timedelta(hours=1))
    allow(world, "set_status_tags")
    run_for(world, timedelta(minutes=10))
    assert notified(world)[1:] == [(Event.RECOVERED, "")]
    assert (world.entry().diagnosis, world.entry().alert) == (None, None)


def test_an_edit_does_not_end_the_incident_of_the_tags(world: World) -> None:
    world.manage(is_tagged=False)
    deny(world, "set_status_tags")
    run_for(world, timedelta(hours=1))
    world.edit(note="of the operator")
    run_for(world, timedelta(hours=1))
    assert len(notified(world)) == 1


def test_tags_of_many_credentials_are_one_incident(world: World) -> None:
    names = [f"credential-{number:02}" for number in range(30)]
    for name in names:
        world.manage(name, is_tagged=False)
    deny(world, "set_status_tags", *names)
    run_for(world, timedelta(hours=5))
    assert len(notified(world)) <= 3
    world.topic.alerts.clear()
    allow(world, "set_status_tags", *names)
    run_for(world, timedelta(hours=1))
    assert notified(world) == [(Event.RECOVERED, "")]


def test_tags_that_are_throttled_notify_nobody(world: World) -> None:
    world.manage(is_tagged=False)
    world.store.refuse(
        NAME, "set_status_tags", ServiceUnavailableError("secretsmanager.TagResource", "ThrottlingException")
    )
    run_for(world, timedelta(hours=1))
    assert notified(world) == []


def test_the_result_of_a_refusal_says_whether_people_were_notified(world: World) -> None:
    world.manage()
    deny(world, "read")
    results = []
    for _ in range(3):
        results.append(world.refresh().result)
        world.clock.advance(TICK)
    assert results == [Result.RETRY_LATER, Result.RETRY_LATER, Result.NEEDS_A_PERSON]
