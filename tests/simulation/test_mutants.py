"""Each deliberate mistake in the protocol makes a test fail."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.kind import KINDS
from tests.simulation import test_kill_points as kills
from tests.simulation.kill_points import KILL_POINTS, Consequence, Journey
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.scenes import SCENES, play
from tests.simulation.test_rotation_in_every_order import RotationInEveryOrder

pytestmark = pytest.mark.exhaustive

WITHOUT_SHRINKING = settings(
    max_examples=2000,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


def every_death_ends_as_it_is_written() -> None:
    """Run the main tests of the kill points."""
    # The fast ones first.
    for journey in Journey:
        kills.test_the_kill_points_are_all_the_calls_there_are(journey)
    for point in KILL_POINTS:
        for kind in KINDS:
            if point.journey in kills.REFRESHES and point.consequence is not Consequence.IN_DOUBT:
                kills.test_the_next_attempt_ends_with_the_newest_token_current(kind, point)
            if point.consequence is Consequence.STORED:
                kills.test_a_stored_successor_is_promoted_and_not_written_once_more(kind, point)
            if point.consequence in {Consequence.NOT_SENT, Consequence.IN_DOUBT} and point.journey in kills.REFRESHES:
                kills.test_no_other_worker_begins_before_the_lease_is_over(point)
            kills.test_an_edit_right_after_the_death_is_kept_and_costs_no_stored_token(kind, point)
            kills.test_an_import_right_after_the_death_stands(kind, point)
            kills.test_two_ticks_later_nothing_is_pending_and_nothing_is_in_escrow(kind, point)


def every_encounter_ends_well() -> None:
    """Play the scenes."""
    for scene in SCENES:
        for kind in KINDS:
            play(scene, kind)


def every_order_keeps_the_invariants() -> None:
    """Run the simulation."""
    run_state_machine_as_test(RotationInEveryOrder, settings=WITHOUT_SHRINKING)


# `make check` plants every third one; `make long` plants the others.
@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=mutant.mistake, marks=pytest.mark.long if number % 3 else ())
        for number, mutant in enumerate(MUTANTS)
    ],
)
def test_the_mistake_is_found(mutant: Mutant) -> None:
    found = []
    with mutant.alive():
        for proof in (every_death_ends_as_it_is_written, every_encounter_ends_well, every_order_keeps_the_invariants):
            try:
                proof()
            except Exception as error:  # noqa: BLE001 - Any failure shows that the mistake was found.
                found.append(f"{proof.__name__}: {error}")
                break
    assert found, f"nothing fails although the protocol has: {mutant.mistake}"
