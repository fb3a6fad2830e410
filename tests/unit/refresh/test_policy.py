"""What follows from a refusal, as a table of cases."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, REVOKED, SECRET_EXPIRED, refused
from tests.fakes.fake_authority import LIFETIME
from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING
from token_refresher.base.clock import to_rfc3339
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import LASTING, Diagnosis, after_unclean_end, diagnose
from token_refresher.refresh.policy import (
    CONFIRMATIONS,
    CONFIRMATIONS_IF_EXPLAINED,
    RefusalVerdict,
    is_due,
    is_recovery,
    parted_action_at,
    refusal_verdict,
)
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event, OpenAlert

UNCERTAIN, REVOCATION, UNKNOWN = diagnose(AMBIGUOUS), diagnose(REVOKED), diagnose(refused(999_999, "something_new"))
LOOP, APPLICATION = diagnose(refused(50196)), diagnose(SECRET_EXPIRED)
HEALTHY = replace(RegistryEntry.discovered("search-ads", "version-1", START), status=Status.HEALTHY)
KNOWN_REJECTED = replace(
    HEALTHY,
    status=Status.NEEDS_CONSENT,
    failures=1,
    diagnosis=REVOCATION,
    alert=OpenAlert(Event.RECONSENT_REQUIRED, "consent", START, START),
)
KNOWN_FAILING = replace(
    KNOWN_REJECTED,
    status=Status.NEEDS_OPERATOR,
    diagnosis=APPLICATION,
    alert=OpenAlert(Event.OPERATOR_ACTION_REQUIRED, APPLICATION.condition, START, START),
)
BARE = diagnose(refused(None))
EXPLAINED = after_unclean_end(BARE, START)
TRIED_ON = replace(
    HEALTHY,
    status=Status.NEEDS_OPERATOR,
    failures=9,
    diagnosis=replace(LOOP, meaning=LASTING),
    alert=OpenAlert(Event.OPERATOR_ACTION_REQUIRED, LASTING, START, START),
)


def refused_before(diagnosis: Diagnosis, times: int) -> RegistryEntry:
    return replace(HEALTHY, status=Status.RETRYING, failures=times, diagnosis=diagnosis, failing_since=START)


@pytest.mark.parametrize(
    ("entry", "diagnosis", "ends_soon", "expected"),
    [
        pytest.param(HEALTHY, LOOP, False, RefusalVerdict.PASSES, id="throttling passes, whatever its error says"),
        pytest.param(
            HEALTHY, LOOP, True, RefusalVerdict.PASSES, id="throttling passes, also if the token expires soon"
        ),
        pytest.param(
            HEALTHY, REVOCATION, False, RefusalVerdict.NEEDS_A_PERSON, id="a certain refusal needs a person at once"
        ),
        pytest.param(
            HEALTHY,
            APPLICATION,
            False,
            RefusalVerdict.NEEDS_A_PERSON,
            id="so does a certain refusal of the application",
        ),
        pytest.param(HEALTHY, UNCERTAIN, False, RefusalVerdict.UNCONFIRMED, id="an uncertain refusal is asked again"),
        pytest.param(
            HEALTHY,
            UNCERTAIN,
            True,
            RefusalVerdict.NEEDS_A_PERSON,
            id="an uncertain refusal needs a person if the token expires before",
        ),
        pytest.param(
            refused_before(UNCERTAIN, CONFIRMATIONS - 2),
            UNCERTAIN,
            False,
            RefusalVerdict.UNCONFIRMED,
            id="two uncertain refusals are not enough",
        ),
        pytest.param(
            refused_before(UNCERTAIN, CONFIRMATIONS - 1),
            UNCERTAIN,
            False,
            RefusalVerdict.NEEDS_A_PERSON,
            id="three uncertain refusals are enough",
        ),
        pytest.param(
            refused_before(LOOP, CONFIRMATIONS),
            UNCERTAIN,
            False,
            RefusalVerdict.UNCONFIRMED,
            id="other failures do not count",
        ),
        pytest.param(
            KNOWN_REJECTED,
            UNCERTAIN,
            False,
            RefusalVerdict.NEEDS_A_PERSON,
            id="an uncertain refusal of a rejected grant confirms it",
        ),
        pytest.param(
            KNOWN_FAILING,
            UNCERTAIN,
            False,
            RefusalVerdict.UNCONFIRMED,
            id="an uncertain refusal after another incident is asked again",
        ),
        pytest.param(
            KNOWN_REJECTED,
            UNKNOWN,
            False,
            RefusalVerdict.STILL_REJECTED,
            id="an unknown code leaves a rejected grant rejected",
        ),
        pytest.param(HEALTHY, UNKNOWN, True, RefusalVerdict.PASSES, id="an unknown code passes"),
        pytest.param(
            refused_before(UNKNOWN, 99),
            UNKNOWN,
            False,
            RefusalVerdict.PASSES,
            id="an unknown code passes however often it came",
        ),
        pytest.param(
            HEALTHY, EXPLAINED, False, RefusalVerdict.UNCONFIRMED, id="a refusal that a doubt explains is confirmed"
        ),
        pytest.param(
            refused_before(EXPLAINED, CONFIRMATIONS_IF_EXPLAINED - 1),
            EXPLAINED,
            False,
            RefusalVerdict.NEEDS_A_PERSON,
            id="a refusal that a doubt explains needs one confirmation",
        ),
        pytest.param(
            refused_before(BARE, CONFIRMATIONS_IF_EXPLAINED - 1),
            BARE,
            False,
            RefusalVerdict.UNCONFIRMED,
            id="a bare refusal without a doubt needs more",
        ),
        pytest.param(
            TRIED_ON, LOOP, False, RefusalVerdict.PASSES, id="a lasting failure is retried like a passing one"
        ),
        pytest.param(
            TRIED_ON, UNKNOWN, False, RefusalVerdict.PASSES, id="a lasting failure with another code is retried, too"
        ),
        pytest.param(
            TRIED_ON,
            UNCERTAIN,
            False,
            RefusalVerdict.UNCONFIRMED,
            id="an uncertain refusal after a lasting failure is asked again",
        ),
        pytest.param(
            TRIED_ON,
            REVOCATION,
            False,
            RefusalVerdict.NEEDS_A_PERSON,
            id="a certain refusal after a lasting failure needs a person",
        ),
    ],
)
def test_what_follows_from_a_refusal(
    entry: RegistryEntry, diagnosis: Diagnosis, expected: RefusalVerdict, *, ends_soon: bool
) -> None:
    assert refusal_verdict(entry, diagnosis, ends_soon=ends_soon) is expected


def test_a_change_of_the_secret_makes_a_rejected_grant_unconfirmed_again() -> None:
    changed = KNOWN_REJECTED.changed("version-2", START)
    assert refusal_verdict(changed, UNCERTAIN, ends_soon=False) is RefusalVerdict.UNCONFIRMED


ISSUED, SECOND, MINUTE = START, timedelta(seconds=1), timedelta(minutes=1)
TOKEN = Credential.parse(
    '{"client_id": "client", "refresh_token": "one", "access_token": "two",'
    f' "refreshed_at": "{to_rfc3339(ISSUED)}", "expires_at": "{to_rfc3339(ISSUED + LIFETIME)}"}}'
)


def parted(name: str) -> datetime:
    at = parted_action_at(name, TOKEN, TIMING)
    assert at is not None
    return at


EARLY = replace(HEALTHY, name=min(map(str, range(100)), key=parted))
PARTED_AT = parted(EARLY.name)
"""Long before the token may be refreshed otherwise."""


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param({"expires_at": ISSUED + MINUTE}, False, id="no: the token before was valid, and nothing failed"),
        pytest.param({"expires_at": ISSUED}, True, id="yes: the token before had expired"),
        pytest.param({"expires_at": None}, True, id="yes: there was none"),
        pytest.param({"expires_at": ISSUED + MINUTE, "failing_since": START}, True, id="yes: attempts had failed"),
    ],
)
def test_new_tokens_are_a_recovery(before: dict[str, datetime | None], expected: bool) -> None:
    assert is_recovery(replace(HEALTHY, **before), ISSUED) is expected  # type: ignore[arg-type] # Times, by name.


def test_a_refresh_that_was_planned_after_a_recovery_is_due_however_new_the_token_is() -> None:
    early = replace(EARLY, next_action_at=PARTED_AT)
    assert is_due(TOKEN, early, TIMING, PARTED_AT, recovered=False)
    assert not is_due(TOKEN, early, TIMING, PARTED_AT - SECOND, recovered=False)


def test_an_edit_makes_no_exchange_due_after_a_recovery() -> None:
    edited = replace(EARLY, next_action_at=PARTED_AT - SECOND)
    assert not is_due(TOKEN, edited, TIMING, PARTED_AT, recovered=False)


def test_credentials_that_recover_in_the_same_second_are_parted_over_all_the_time_that_they_have() -> None:
    """Every tenth of it gets about as many of a thousand as the others."""
    moments = [parted_action_at(f"credential-{number}", TOKEN, TIMING) for number in range(1000)]
    whole = TIMING.latest_refresh_at(ISSUED, ISSUED + LIFETIME) - ISSUED
    tenths = Counter((moment - ISSUED) * 10 // whole for moment in moments if moment is not None)
    assert sorted(tenths) == list(range(10))
    assert max(tenths.values()) < 2 * min(tenths.values())
