"""What the entry says after an attempt that AWS failed."""

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.errors import NotEnoughTimeError, ServiceUnavailableError
from token_refresher.base.pace import Pace
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Concern, first_consent
from token_refresher.refresh.aws_failures import AwsFailures, aws_failed

ERROR = ServiceUnavailableError("secretsmanager.PutSecretValue", "ThrottlingException")


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    world.set_entry(next_action_at=world.clock())
    return world


def fail(world: World, error: Exception = ERROR) -> None:
    def attempt() -> NoReturn:
        raise error

    failures = AwsFailures(world.registry, world.alerting, Pace(TIMING, world.clock, lambda: 1.0))
    with pytest.raises(type(error)):
        failures.watch(NAME, attempt)


def test_the_failure_is_counted_and_raised_so_that_sqs_delivers_the_message_again(world: World) -> None:
    world.clock.advance(timedelta(minutes=1))
    before = world.entry()
    fail(world)
    after = world.entry()
    assert (after.attempts, after.failing_since) == (1, world.clock())
    assert (after.status, after.next_action_at) == (before.status, before.next_action_at)


def test_other_errors_are_not_counted(world: World) -> None:
    fail(world, NotEnoughTimeError(NAME))
    assert world.entry().attempts == 0


def test_the_entry_of_a_credential_that_waits_for_a_person_does_not_change(world: World) -> None:
    world.set_entry(status=Status.NEEDS_CONSENT, failures=1, diagnosis=first_consent())
    before = world.entry()
    fail(world)
    assert world.entry() == before


def test_a_credential_that_was_due_after_an_edit_is_retried(world: World) -> None:
    world.set_entry(status=Status.NEEDS_CONSENT, failures=0, diagnosis=first_consent(), failing_since=START)
    world.clock.advance(timedelta(minutes=5))
    fail(world)
    assert (world.entry().status, world.entry().failing_since) == (Status.RETRYING, world.clock())
    world.clock.advance(timedelta(minutes=5))
    fail(world)
    assert world.entry().attempts == 2


def test_a_change_of_the_entry_meanwhile_stands(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(status=Status.PAUSED, next_action_at=None))
    fail(world)
    assert (world.entry().status, world.entry().attempts) == (Status.PAUSED, 0)


def test_if_the_registry_fails_as_well_the_failure_is_not_counted(world: World) -> None:
    down(world, "registry.get")
    fail(world)
    assert world.entry().attempts == 0


def test_a_credential_without_an_entry_is_left_to_dispatch(world: World) -> None:
    world.registry.entries.clear()
    fail(world)
    assert world.registry.entries == {}


def test_the_operator_is_notified_once_the_token_has_expired_and_the_failure_has_lasted(world: World) -> None:
    entry, now, hour = world.entry(), world.clock(), timedelta(hours=1)
    world.registry.entries[NAME] = replace(entry, refreshed_at=now - 2 * hour, expires_at=now, failing_since=now - hour)
    fail(world)
    (alert,) = world.topic.alerts
    assert alert.code == "ThrottlingException"
    assert "secretsmanager.PutSecretValue: ThrottlingException" in alert.cause


def test_the_diagnosis_names_the_call_and_concerns_aws() -> None:
    diagnosis = aws_failed(ERROR)
    assert (diagnosis.actor, diagnosis.concerns, diagnosis.code) == (Actor.OPERATOR, Concern.AWS, "ThrottlingException")
