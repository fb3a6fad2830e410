"""Orders of events in which an operator takes a version back: by its staging labels, or with an old copy."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.memory_store import PREVIOUS
from tests.simulation.actors import Fate
from tests.simulation.simulation import Simulation


def _take_over(simulation: Simulation) -> str:
    """Let a deputy sign in; return the version that was current before."""
    simulation.finish(simulation.message())
    before = simulation.world.current_version()
    simulation.pass_time(timedelta(minutes=5))
    simulation.finish(simulation.consent())
    return before


def a_take_over_that_is_undone(simulation: Simulation) -> None:
    """The operator moves AWSCURRENT back to the earlier sign-in, and refreshes go on."""
    simulation.move_current(_take_over(simulation))
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=50))
    simulation.finish(simulation.message())


def a_take_over_that_is_undone_before_the_registry_has_it(simulation: Simulation) -> None:
    """The callback dies after the promotion, and the operator moves AWSCURRENT back at once."""
    simulation.finish(simulation.message())
    before = simulation.world.current_version()
    consent = simulation.consent()
    simulation.run_to(consent, "store.promote")
    simulation.go(consent, Fate.DIES_AFTER)
    simulation.move_current(before)


def a_take_over_that_is_undone_after_its_tokens_stayed_in_escrow(simulation: Simulation) -> None:
    """The escrowed tokens became current, and the worker died before it deleted the escrow."""
    simulation.finish(simulation.message())
    before = simulation.world.current_version()
    consent = simulation.consent()
    simulation.run_to(consent, "store.put_pending")
    simulation.world.scheduled.down["store"] = Fate.FAILS_BEFORE
    simulation.go(consent, Fate.FAILS_BEFORE)
    simulation.finish(consent)
    simulation.world.scheduled.down.clear()
    refresh = simulation.message(escrowed=True)
    simulation.run_to(refresh, "escrow.remove")
    simulation.go(refresh, Fate.DIES_BEFORE)
    simulation.move_current(before)
    simulation.finish(simulation.message(escrowed=True))


def a_take_over_that_is_undone_step_by_step(simulation: Simulation) -> None:
    """The operator goes to an earlier version first, so AWSPREVIOUS is no longer on the version that was undone."""
    first = simulation.world.current_version()
    before = _take_over(simulation)
    simulation.move_current(first)
    simulation.move_current(before)
    simulation.finish(simulation.message())


def a_take_over_that_is_undone_while_a_refresh_has_its_answer(simulation: Simulation) -> None:
    """The refresh of the deputy's sign-in has its tokens when the operator moves AWSCURRENT back."""
    before = _take_over(simulation)
    simulation.pass_time(timedelta(minutes=50))
    actor = simulation.message()
    simulation.run_to(actor, "store.put_pending")
    simulation.move_current(before)
    simulation.finish(actor)


def a_promotion_without_an_answer_that_is_rolled_back(simulation: Simulation) -> None:
    """The version is current, the refresh does not know it, and the operator moves AWSCURRENT back at once."""
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=50))
    before = simulation.world.current_version()
    refresh = simulation.message()
    simulation.run_to(refresh, "store.promote")
    simulation.go(refresh, Fate.FAILS_AFTER)
    simulation.move_current(before)
    simulation.finish(refresh)


def a_recovery_without_an_answer_that_is_rolled_back(simulation: Simulation) -> None:
    """The same, while a refresh promotes what a dead one has left."""
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=50))
    before = simulation.world.current_version()
    dead = simulation.message()
    simulation.run_to(dead, "store.promote")
    simulation.go(dead, Fate.DIES_BEFORE)
    simulation.pass_time(timedelta(minutes=3))
    refresh = simulation.message()
    simulation.run_to(refresh, "store.promote")
    simulation.go(refresh, Fate.FAILS_AFTER)
    simulation.move_current(before)
    simulation.finish(refresh)


def a_roll_back_and_a_refresh_that_dies_on_it(simulation: Simulation) -> None:
    """The version that was rolled back has the successor id, and the refresh that finds it dies half-way."""
    simulation.move_current(_take_over(simulation))
    simulation.pass_time(timedelta(minutes=50))
    actor = simulation.message()
    simulation.run_to(actor, "store.promote")
    simulation.go(actor, Fate.DIES_BEFORE)


def a_roll_back_over_many_rotations(simulation: Simulation) -> None:
    """The registry entry has the lineage of half a day; the versions still show the successors of the token."""
    first = simulation.world.current_version()
    for _ in range(20):
        simulation.finish(simulation.message())
        simulation.pass_time(timedelta(minutes=50))
    simulation.move_current(first)


def a_copy_of_yesterday_saved_over_many_rotations(simulation: Simulation) -> None:
    """An infrastructure tool puts the first document back."""
    for _ in range(20):
        simulation.finish(simulation.message())
        simulation.pass_time(timedelta(minutes=50))
    simulation.edit(simulation.copy)


def a_roll_back_after_which_the_labels_say_nothing(simulation: Simulation) -> None:
    """The version that was rolled back is still pending, and the operator removes AWSPREVIOUS from it."""
    before = simulation.world.current_version()
    simulation.finish(simulation.message())
    simulation.move_current(before)
    simulation.remove_label(PREVIOUS)
    simulation.pass_time(timedelta(minutes=5))
    simulation.finish(simulation.message())


def a_roll_back_with_every_label_on_what_is_current(simulation: Simulation) -> None:
    """By its staging labels the secret looks newly created."""
    before = simulation.world.current_version()
    simulation.finish(simulation.message())
    simulation.move_current(before)
    simulation.move_pending(before)
    simulation.remove_label(PREVIOUS)
    simulation.pass_time(timedelta(minutes=5))
    simulation.finish(simulation.message())


def a_roll_back_forth_and_back(simulation: Simulation) -> None:
    """The operator moves AWSCURRENT three times; the last position counts."""
    before = _take_over(simulation)
    deputy = simulation.world.current_version()
    for version in (before, deputy, before):
        simulation.move_current(version)
        simulation.finish(simulation.message())
        simulation.pass_time(timedelta(minutes=50))
        simulation.finish(simulation.message())


ROLL_BACKS: Final[list[Callable[[Simulation], None]]] = [
    a_take_over_that_is_undone,
    a_take_over_that_is_undone_before_the_registry_has_it,
    a_take_over_that_is_undone_after_its_tokens_stayed_in_escrow,
    a_take_over_that_is_undone_step_by_step,
    a_take_over_that_is_undone_while_a_refresh_has_its_answer,
    a_promotion_without_an_answer_that_is_rolled_back,
    a_recovery_without_an_answer_that_is_rolled_back,
    a_roll_back_and_a_refresh_that_dies_on_it,
    a_roll_back_over_many_rotations,
    a_copy_of_yesterday_saved_over_many_rotations,
    a_roll_back_after_which_the_labels_say_nothing,
    a_roll_back_with_every_label_on_what_is_current,
    a_roll_back_forth_and_back,
]
