"""After an outage the queue holds a fleet for longer than a period; what waits there is not sent again."""

from dataclasses import replace
from datetime import timedelta

from tests.fakes.manual_clock import START
from token_refresher.credential.status import Status
from token_refresher.dispatch.backlog import REQUESTS_A_SECOND, Backlog
from token_refresher.registry.summary import DueEntry

PERIOD = timedelta(minutes=5)
A_PERIOD = int(REQUESTS_A_SECOND * PERIOD.total_seconds())
FLEET = [DueEntry(f"credential-{number}", "version-1", Status.RETRYING, START) for number in range(3 * A_PERIOD)]


def tick(backlog: Backlog, entries: list[DueEntry]) -> int:
    """Run a tick in which these are due; return how many it sends."""
    backlog.begin()
    sent = [entry for entry in entries if not backlog.holds(entry)]
    for entry in sent:
        backlog.add(entry)
    return len(sent)


def test_in_calm_times_what_is_still_due_is_sent_with_each_tick() -> None:
    """So a message that was lost delays nothing for longer than a period."""
    backlog = Backlog(PERIOD)
    assert [tick(backlog, FLEET[:A_PERIOD]) for _ in range(3)] == [A_PERIOD] * 3


def test_what_may_still_be_waiting_is_not_sent_again() -> None:
    backlog = Backlog(PERIOD)
    assert [tick(backlog, FLEET[number * A_PERIOD :]) for number in range(3)] == [len(FLEET), 0, 0]


def test_what_should_have_been_worked_off_and_is_still_due_is_sent_again() -> None:
    """Its message may be lost. So however long the queue is, each of them is sent again in its turn."""
    backlog = Backlog(PERIOD)
    assert [tick(backlog, FLEET) for _ in range(4)] == [len(FLEET), A_PERIOD, A_PERIOD, A_PERIOD]


def test_a_fleet_that_is_always_at_the_limit_keeps_no_growing_backlog() -> None:
    """What was worked off is not due any more, so the estimate follows what is really there."""
    backlog = Backlog(PERIOD)
    for number in range(50):
        others = [replace(entry, name=f"{entry.name}-{number}") for entry in FLEET[: A_PERIOD + 1000]]
        assert tick(backlog, others) == len(others)
    lost = replace(FLEET[0], name="lost")
    assert [tick(backlog, [lost]) for _ in range(3)] == [1, 1, 1]


def test_another_attempt_of_a_waiting_credential_is_sent() -> None:
    backlog = Backlog(PERIOD)
    tick(backlog, FLEET)
    later = replace(FLEET[-1], next_action_at=START + timedelta(minutes=1))
    assert tick(backlog, [*FLEET[A_PERIOD:-1], later]) == 1


def test_what_becomes_due_meanwhile_is_sent() -> None:
    backlog = Backlog(PERIOD)
    tick(backlog, FLEET)
    assert tick(backlog, [*FLEET[A_PERIOD:], replace(FLEET[0], name="another")]) == 1
