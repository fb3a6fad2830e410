"""A passing failure that lasts is for the operator, with a diagnosis that says so."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, refused, unavailable
from tests.fakes.manual_clock import START
from token_refresher.base.clock import readable_time
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.words import MICROSOFT
from token_refresher.credential.status import Status
from token_refresher.diagnosis.catalogue import meanings
from token_refresher.diagnosis.diagnosis import LASTING, Actor, diagnose, held_back, tokens_kept, unusable_answer
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.lasting import PATIENCE, has_lasted, lasting

SECOND = timedelta(seconds=1)
NEW = replace(RegistryEntry.discovered("search-ads", "version-1", START), status=Status.RETRYING)


def entry(expires_at: datetime | None, failing_since: datetime | None, attempts: int = 7) -> RegistryEntry:
    return replace(NEW, expires_at=expires_at, failing_since=failing_since, attempts=attempts)


@pytest.mark.parametrize(
    ("expires_at", "failing_since", "expected"),
    [
        pytest.param(START + SECOND, START - 9 * PATIENCE, False, id="not while pipelines have a token"),
        pytest.param(START, START - PATIENCE, True, id="if they have none and it has failed for an hour"),
        pytest.param(START, START - PATIENCE + SECOND, False, id="not within an hour"),
        pytest.param(START - PATIENCE, START - SECOND, False, id="not by the age of the token alone"),
        pytest.param(None, START - PATIENCE, True, id="also if there never was a token"),
        pytest.param(None, None, False, id="not without a failure"),
    ],
)
def test_a_failure_that_passes_has_lasted(
    expires_at: datetime | None, failing_since: datetime | None, *, expected: bool
) -> None:
    assert has_lasted(entry(expires_at, failing_since), START) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(START + 1.5 * PATIENCE - SECOND, False, id="not an hour after an early attempt failed"),
        pytest.param(START + 1.5 * PATIENCE, True, id="an hour after the token was half through"),
    ],
)
def test_an_early_attempt_does_not_count(now: datetime, *, expected: bool) -> None:
    early = replace(entry(START + PATIENCE, START + SECOND), refreshed_at=START)
    assert has_lasted(early, now) is expected


@pytest.mark.parametrize(
    "diagnosis",
    [
        *[diagnose(one) for one in (NO_ANSWER, unavailable(503), unavailable(429), unavailable(408), refused(50196))],
        diagnose(ProviderFailure(FailureKind.NOT_SENT)),
        diagnose(refused(None, "temporarily_unavailable")),
        diagnose(AMBIGUOUS),
        diagnose(refused(999_999, "something_new")),
        held_back(),
        tokens_kept(),
        unusable_answer(),
    ],
    ids=lambda one: one.code,
)
def test_a_lasting_failure_is_for_the_operator_and_quotes_the_last_attempt(diagnosis: object) -> None:
    seen = diagnosis
    notified = lasting(seen, entry(None, START))  # type: ignore[arg-type] # The parameter's type, for the ids.
    assert (notified.actor, notified.certain, notified.meaning, notified.condition) == (
        Actor.OPERATOR,
        True,
        LASTING,
        LASTING,
    )
    assert (notified.code, notified.cause.startswith(seen.cause)) == (seen.code, True)  # type: ignore[attr-defined] # As above.
    assert f"7 attempts failed since {readable_time(START)}" in notified.cause
    assert "It is tried on" in notified.cause
    assert not notified.action.startswith("Nothing: it is tried again")


@pytest.mark.parametrize("name", [name for name, one in meanings().items() if one.actor is Actor.NOBODY])
def test_each_passing_meaning_says_what_to_do_if_it_lasts(name: str) -> None:
    """A failure of the Ads API stops no refresh, so it needs no such text."""
    one = meanings()[name].of(MICROSOFT)
    assert name.startswith("ads_") or one.if_it_lasts or not one.action.startswith("Nothing:")


def test_a_lasting_failure_without_an_attempt_of_its_own_says_since_when() -> None:
    notified = lasting(held_back(), entry(None, START, attempts=0))
    assert f"since {readable_time(START)}" in notified.cause
    assert "attempt" not in notified.cause.removeprefix(held_back().cause)


def test_an_unknown_refusal_that_lasts_is_for_the_operator() -> None:
    unknown = diagnose(ProviderFailure(FailureKind.REFUSED, 400, "new", "", (1,), "0-1"))
    diagnosis = lasting(unknown, entry(None, START))
    assert (unknown.actor, diagnosis.actor, diagnosis.certain) == (Actor.NOBODY, Actor.OPERATOR, True)
    assert "since 2026-01-31 09:00 UTC" in diagnosis.cause
    assert (diagnosis.code, diagnosis.correlation_id, diagnosis.http_status) == ("1", "0-1", 400)
    assert diagnosis.help_url == "https://login.microsoftonline.com/error?code=1"
    assert diagnosis.meaning == LASTING
    assert "correlation id" in diagnosis.action
