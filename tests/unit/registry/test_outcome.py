"""The answer to a request for a refresh."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.failures import REVOKED
from tests.fakes.manual_clock import START
from token_refresher.credential.account import AccountAccess
from token_refresher.diagnosis.diagnosis import diagnose
from token_refresher.registry.outcome import KEPT, KEPT_FOR, LastRequest, Outcome, Result, kept_with

OUTCOME = Outcome(
    "search-ads",
    Result.NEEDS_A_PERSON,
    diagnose(REVOKED),
    START,
    "0123456789ab",
    "ba9876543210",
    used_previous_client_secret=True,
    request_id="request-1",
)


def test_an_answer_is_the_outcome_without_what_only_the_log_needs() -> None:
    logged = replace(OUTCOME, account=AccountAccess.REACHABLE, is_shown=False, foreign_pending="version-2")
    assert LastRequest.answered(logged, START) == LastRequest(START, OUTCOME)


def test_an_answer_names_its_request() -> None:
    assert LastRequest(START, OUTCOME).request_id == "request-1"


SECOND = timedelta(seconds=1)


def answer(request_id: str, at: datetime, result: Result = Result.REFRESHED) -> LastRequest:
    return LastRequest(at, Outcome("search-ads", result, request_id=request_id))


def answers(*ages: timedelta) -> tuple[LastRequest, ...]:
    """Return answers of these ages, the oldest first."""
    return tuple(answer(f"request-{number}", START - age) for number, age in enumerate(ages))


NEW = answer("new", START)


@given(st.lists(st.integers(0, 2000).map(lambda seconds: timedelta(seconds=seconds)), max_size=60))
def test_answers_are_kept_while_a_command_may_wait_for_them_up_to_a_limit(ages: list[timedelta]) -> None:
    before = answers(*sorted(ages, reverse=True))
    young = [one for one in before if one.at > START - KEPT_FOR]
    assert kept_with(NEW, before) == (*young, NEW)[-KEPT:]


@pytest.mark.parametrize("age", [timedelta(0), 5 * SECOND], ids=str)
def test_a_request_has_one_answer_which_is_the_last(age: timedelta) -> None:
    again = answer("request-0", START, Result.RETRY_LATER)
    assert kept_with(again, answers(age)) == (again,)
