"""What follows from a refusal, as a table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, REVOKED, SECRET_EXPIRED, refused
from tests.fakes.manual_clock import START
from token_refresher.alert import Event
from token_refresher.diagnosis import Diagnosis, diagnose
from token_refresher.open_alert import OpenAlert
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status
from token_refresher.verdict import (
    CONFIRMATIONS,
    PATIENCE_WITH_THE_UNKNOWN,
    UNKNOWN_IN_A_ROW,
    Verdict,
    verdict,
)

PERHAPS, DEAD, UNKNOWN = diagnose(AMBIGUOUS), diagnose(REVOKED), diagnose(refused(999_999, "something_new"))
LOOP, APPLICATION = diagnose(refused(50196)), diagnose(SECRET_EXPIRED)
HEALTHY = replace(RegistryEntry.discovered("search-ads", "version-1", START), status=Status.HEALTHY)
KNOWN_DEAD = replace(
    HEALTHY,
    status=Status.NEEDS_CONSENT,
    failures=1,
    diagnosis=DEAD,
    alert=OpenAlert(Event.RECONSENT_REQUIRED, "consent", START, START),
)
KNOWN_SICK = replace(
    KNOWN_DEAD,
    status=Status.NEEDS_OPERATOR,
    diagnosis=APPLICATION,
    alert=OpenAlert(Event.OPERATOR_ACTION_REQUIRED, APPLICATION.condition, START, START),
)
LONG = PATIENCE_WITH_THE_UNKNOWN


def refused_before(diagnosis: Diagnosis, times: int, since: timedelta = LONG) -> RegistryEntry:
    return replace(HEALTHY, status=Status.RETRYING, failures=times, diagnosis=diagnosis, failing_since=START - since)


@pytest.mark.parametrize(
    ("entry", "diagnosis", "ends_soon", "expected"),
    [
        pytest.param(HEALTHY, LOOP, False, Verdict.PASSES, id="throttling passes, whatever its error says"),
        pytest.param(HEALTHY, LOOP, True, Verdict.PASSES, id="throttling passes, also when the token ends soon"),
        pytest.param(HEALTHY, DEAD, False, Verdict.NEEDS_A_PERSON, id="a certain refusal is told at once"),
        pytest.param(HEALTHY, APPLICATION, False, Verdict.NEEDS_A_PERSON, id="so is one of the application"),
        pytest.param(HEALTHY, PERHAPS, False, Verdict.UNCONFIRMED, id="an uncertain one is asked again"),
        pytest.param(HEALTHY, PERHAPS, True, Verdict.NEEDS_A_PERSON, id="but not when the token ends before"),
        pytest.param(
            refused_before(PERHAPS, CONFIRMATIONS - 2), PERHAPS, False, Verdict.UNCONFIRMED, id="twice is not enough"
        ),
        pytest.param(
            refused_before(PERHAPS, CONFIRMATIONS - 1), PERHAPS, False, Verdict.NEEDS_A_PERSON, id="three times is"
        ),
        pytest.param(
            refused_before(LOOP, CONFIRMATIONS), PERHAPS, False, Verdict.UNCONFIRMED, id="other failures do not count"
        ),
        pytest.param(
            KNOWN_DEAD, PERHAPS, False, Verdict.NEEDS_A_PERSON, id="a dead one with other words is as dead as before"
        ),
        pytest.param(KNOWN_SICK, PERHAPS, False, Verdict.UNCONFIRMED, id="one that was sick of something else is not"),
        pytest.param(KNOWN_DEAD, UNKNOWN, False, Verdict.STILL_DEAD, id="an unknown word brings no dead one to life"),
        pytest.param(HEALTHY, UNKNOWN, True, Verdict.PASSES, id="an unknown code passes"),
        pytest.param(refused_before(UNKNOWN, UNKNOWN_IN_A_ROW - 1), UNKNOWN, False, Verdict.LASTS, id="until it lasts"),
        pytest.param(
            refused_before(UNKNOWN, UNKNOWN_IN_A_ROW - 2), UNKNOWN, False, Verdict.PASSES, id="which takes many looks"
        ),
        pytest.param(
            refused_before(UNKNOWN, 99, LONG - timedelta(seconds=1)), UNKNOWN, False, Verdict.PASSES, id="and hours"
        ),
    ],
)
def test_what_follows_from_a_refusal(
    entry: RegistryEntry, diagnosis: Diagnosis, expected: Verdict, *, ends_soon: bool
) -> None:
    assert verdict(entry, diagnosis, START, ends_soon=ends_soon) is expected


def test_a_dead_one_whose_secret_has_changed_is_looked_at_with_fresh_eyes() -> None:
    changed = KNOWN_DEAD.changed("version-2", START)
    assert verdict(changed, PERHAPS, START, ends_soon=False) is Verdict.UNCONFIRMED
