"""The state of all credentials at a tick: which credential is the worst, and which refresh token the oldest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import LASTING, LESS_SCOPE
from token_refresher.dispatch.fleet import FleetTally, Worst
from token_refresher.registry.lasting import PATIENCE
from token_refresher.registry.summary import DueEntry, EntrySummary

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def credential(name: str, status: Status, minutes_left: int | None = None) -> DueEntry:
    return DueEntry(name, "version-1", status, NOW, None if minutes_left is None else NOW + minutes_left * MINUTE)


def aged(name: str, status: Status, days_old: int | None = None) -> EntrySummary:
    return EntrySummary(name, "version-1", status, None if days_old is None else NOW - days_old * DAY)


def worst_of(*credentials: DueEntry) -> tuple[str, float | None]:
    worst = Worst()
    for one in credentials:
        worst.add(one)
    return worst.name, worst.minutes_left(NOW)


def tally_of(*credentials: EntrySummary) -> FleetTally:
    tally = FleetTally()
    for one in credentials:
        tally.add(one)
    return tally


def test_the_worst_is_the_credential_whose_token_expires_first() -> None:
    three = [credential(name, Status.HEALTHY, left) for name, left in (("a", 40), ("b", 20), ("c", 30))]
    assert worst_of(*three) == ("b", 20)


def test_an_expired_token_has_a_negative_time_left() -> None:
    assert worst_of(credential("a", Status.RETRYING, -7)) == ("a", -7)


@pytest.mark.parametrize(
    ("status", "is_refreshed"),
    [
        pytest.param(Status.HEALTHY, True, id="a healthy one is refreshed"),
        pytest.param(Status.RETRYING, True, id="a failing one is retried"),
        pytest.param(Status.AWAITING_CONSENT, False, id="a new one waits for its user"),
        pytest.param(Status.NEEDS_CONSENT, False, id="its user was notified"),
        pytest.param(Status.NEEDS_OPERATOR, False, id="its operator was notified"),
        pytest.param(Status.PAUSED, False, id="an operator paused it"),
    ],
)
def test_the_worst_is_a_credential_that_is_still_refreshed(status: Status, is_refreshed: bool) -> None:
    urgent, well = credential("urgent", status, 1), credential("well", Status.HEALTHY, 40)
    assert worst_of(urgent, well) == (("urgent", 1) if is_refreshed else ("well", 40))


@pytest.mark.parametrize("meaning", [LASTING, LESS_SCOPE])
@pytest.mark.parametrize("status", [Status.NEEDS_OPERATOR, Status.NEEDS_CONSENT])
def test_a_credential_that_is_retried_while_a_person_must_act_can_be_the_worst(status: Status, meaning: str) -> None:
    """Otherwise the alarm would end when people are notified, as if the problem was over."""
    urgent = replace(credential("urgent", status, -70), meaning=meaning)
    assert worst_of(urgent, credential("well", Status.HEALTHY, 40)) == ("urgent", -70)


@pytest.mark.parametrize("minutes", [0, 30, 60, 4000])
def test_a_failing_credential_that_never_had_a_token_expires_when_people_are_notified(minutes: int) -> None:
    never = replace(credential("imported", Status.RETRYING), failing_since=NOW - minutes * MINUTE)
    assert worst_of(never, credential("well", Status.HEALTHY, 90)) == ("imported", PATIENCE / MINUTE - minutes)


def test_a_failing_credential_with_a_token_expires_with_that() -> None:
    failing = replace(credential("failing", Status.RETRYING, 20), failing_since=NOW - 50 * MINUTE)
    assert worst_of(failing) == ("failing", 20)


def test_without_a_credential_that_is_refreshed_there_is_no_worst() -> None:
    assert worst_of(credential("a", Status.PAUSED, 40), credential("b", Status.RETRYING)) == ("", None)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        pytest.param(Status.HEALTHY, True, id="of a healthy credential"),
        pytest.param(Status.RETRYING, True, id="of one that is retried"),
        pytest.param(Status.NEEDS_OPERATOR, True, id="of one whose operator must act: it may still work"),
        pytest.param(Status.PAUSED, True, id="of a paused one: nobody else sees its age"),
        pytest.param(Status.NEEDS_CONSENT, False, id="of one whose refresh token was rejected"),
        pytest.param(Status.AWAITING_CONSENT, False, id="of one without a refresh token"),
    ],
)
def test_the_age_of_a_refresh_token_counts_while_the_token_may_work(status: Status, counts: bool) -> None:
    tally = tally_of(aged("old", status, days_old=80), aged("young", Status.HEALTHY, days_old=2))
    assert tally.oldest_refresh_token_days(NOW) == (80 if counts else 2)


def test_without_a_known_refresh_token_there_is_no_oldest() -> None:
    assert tally_of(aged("a", Status.HEALTHY)).oldest_refresh_token_days(NOW) is None


def test_a_status_that_no_credential_has_counts_zero() -> None:
    tally = tally_of(aged("a", Status.HEALTHY), aged("b", Status.HEALTHY))
    assert tally.by_status == {**dict.fromkeys(map(str, Status), 0), "healthy": 2}


@pytest.mark.parametrize(
    ("status", "days_left", "counts"),
    [
        pytest.param(Status.HEALTHY, 31, False, id="there is more than a month"),
        pytest.param(Status.HEALTHY, 30, True, id="people are warned from now on"),
        pytest.param(Status.HEALTHY, -1, True, id="it has ended, and no refresh has noticed"),
        pytest.param(Status.PAUSED, 5, True, id="a paused one: nobody else sees its end"),
        pytest.param(Status.NEEDS_CONSENT, 5, False, id="a person was asked to sign in already"),
        pytest.param(Status.AWAITING_CONSENT, 5, False, id="nobody has signed in"),
    ],
)
def test_a_refresh_token_that_ends_soon_is_counted(status: Status, days_left: int, counts: bool) -> None:
    ending = replace(aged("a", status), refresh_token_expires_at=NOW + days_left * DAY)
    assert tally_of(ending, aged("b", Status.HEALTHY)).refresh_tokens_ending_soon(NOW) == int(counts)
