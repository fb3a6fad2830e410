"""Encounters that matter, each as one order of events: what the simulation finds by chance, told once on purpose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.fake_authority import Kind
from tests.simulation.actors import Actor, Fate
from tests.simulation.stage import Stage


def _run_to(stage: Stage, actor: Actor, call: str) -> None:
    while actor.at != call:
        stage.go(actor)


def an_old_read_right_after_a_rotation(stage: Stage) -> None:
    """A second copy of the message sees the labels from before the rotation."""
    stage.finish(stage.message())
    late = stage.message()
    _run_to(stage, late, "store.describe")
    stage.go(late, Fate.SEES_WHAT_WAS_LONG_AGO)
    stage.finish(late)


def two_workers_with_the_same_observation(stage: Stage) -> None:
    """Both have read everything before either has written anything."""
    first, second = stage.message(), stage.message()
    for actor in (first, second):
        _run_to(stage, actor, "registry.save")
    stage.finish(first)
    stage.finish(second)


def two_workers_one_after_the_answer(stage: Stage) -> None:
    """The first has its answer in hand when the second begins."""
    first = stage.message()
    _run_to(stage, first, "store.put_pending")
    stage.finish(stage.message())
    stage.finish(first)


def an_import_before_the_tokens_are_stored(stage: Stage) -> None:
    """An operator imports another sign-in while the answer is on its way."""
    actor = stage.message()
    _run_to(stage, actor, "store.put_pending")
    stage.import_token()
    stage.finish(actor)


def an_import_between_the_two_writes(stage: Stage) -> None:
    """An operator imports another sign-in before the promotion."""
    actor = stage.message()
    _run_to(stage, actor, "store.promote")
    stage.import_token()
    stage.finish(actor)


def an_edit_between_the_two_writes(stage: Stage) -> None:
    """An operator edits another key before the promotion."""
    actor = stage.message()
    _run_to(stage, actor, "store.promote")
    stage.edit(stage.text)
    stage.finish(actor)


def a_consent_while_a_refresh_has_its_answer(stage: Stage) -> None:
    """The consent is current before the refresh stores anything."""
    actor = stage.message()
    _run_to(stage, actor, "store.put_pending")
    stage.finish(stage.consent())
    stage.finish(actor)


def a_consent_that_died_half_way_meets_a_refresh(stage: Stage) -> None:
    """The consent is stored under the successor id that the refresh wants, and its process is gone."""
    actor = stage.message()
    _run_to(stage, actor, "store.put_pending")
    consent = stage.consent()
    _run_to(stage, consent, "store.promote")
    stage.go(consent, Fate.DIES_BEFORE)
    stage.finish(actor)


def a_consent_over_a_refresh_that_stored_first(stage: Stage) -> None:
    """The refresh has stored its tokens, and not promoted them, when the consent comes."""
    actor = stage.message()
    _run_to(stage, actor, "store.promote")
    stage.finish(stage.consent())
    stage.finish(actor)


def an_old_copy_saved_over_a_rotation(stage: Stage) -> None:
    """An operator saves what was in the editor since before the rotation."""
    stage.finish(stage.message())
    stage.edit(stage.copy)


def an_old_copy_saved_while_the_next_refresh_is_under_way(stage: Stage) -> None:
    """What the operator saves holds the token before the one that is presented."""
    stage.finish(stage.message())
    stage.pass_time(timedelta(minutes=50))
    actor = stage.message()
    _run_to(stage, actor, "authority.refresh")
    stage.edit(stage.copy)
    stage.finish(actor)


def an_old_copy_saved_over_a_refresh_that_died_half_way(stage: Stage) -> None:
    """The tokens are stored and not promoted when the operator saves what was in the editor two rotations ago."""
    stage.finish(stage.message())
    stage.pass_time(timedelta(minutes=50))
    actor = stage.message()
    _run_to(stage, actor, "store.promote")
    stage.edit(stage.copy)
    stage.go(actor, Fate.DIES_BEFORE)


def an_outage_of_the_store_and_a_consent(stage: Stage) -> None:
    """A refresh has its tokens in escrow when somebody consents."""
    stage.world.scheduled.down["store"] = Fate.FAILS_BEFORE
    actor = stage.message()
    stage.world.scheduled.down.clear()
    _run_to(stage, actor, "store.put_pending")
    stage.world.scheduled.down["store"] = Fate.FAILS_BEFORE
    stage.finish(actor)
    stage.world.scheduled.down.clear()
    stage.finish(stage.consent())


def an_answer_that_was_cut_off(stage: Stage) -> None:
    """The answer ends after its refresh token."""
    stage.world.authority.cut_off = True
    stage.finish(stage.message())


def a_request_while_another_has_its_answer(stage: Stage) -> None:
    """An operator asks for a refresh that is not due, pauses, resumes, and asks again before it has ended."""
    stage.finish(stage.message())
    stage.pass_time(timedelta(minutes=5))
    first = stage.message(request_id="first")
    _run_to(stage, first, "store.put_pending")
    stage.pause()
    stage.resume()
    stage.finish(stage.message())
    stage.finish(stage.message(request_id="second"))
    stage.finish(first)


def a_pause_while_a_refresh_has_its_answer(stage: Stage) -> None:
    """An operator pauses what is under way: it ends well, and nothing else begins."""
    actor = stage.message()
    _run_to(stage, actor, "store.put_pending")
    stage.pause()
    stage.finish(stage.message(request_id="first"))
    stage.finish(actor)


def a_consent_while_a_request_has_its_answer(stage: Stage) -> None:
    """Somebody signs in anew while a refresh is made that was asked for."""
    stage.finish(stage.message())
    stage.pass_time(timedelta(minutes=5))
    actor = stage.message(request_id="first")
    _run_to(stage, actor, "store.put_pending")
    stage.finish(stage.consent())
    stage.finish(actor)


SCENES: Final[list[Callable[[Stage], None]]] = [
    an_old_read_right_after_a_rotation,
    two_workers_with_the_same_observation,
    two_workers_one_after_the_answer,
    an_import_before_the_tokens_are_stored,
    an_import_between_the_two_writes,
    an_edit_between_the_two_writes,
    a_consent_while_a_refresh_has_its_answer,
    a_consent_that_died_half_way_meets_a_refresh,
    a_consent_over_a_refresh_that_stored_first,
    an_old_copy_saved_over_a_rotation,
    an_old_copy_saved_while_the_next_refresh_is_under_way,
    an_old_copy_saved_over_a_refresh_that_died_half_way,
    an_outage_of_the_store_and_a_consent,
    an_answer_that_was_cut_off,
    a_request_while_another_has_its_answer,
    a_pause_while_a_refresh_has_its_answer,
    a_consent_while_a_request_has_its_answer,
]


def play(scene: Callable[[Stage], None], kind: Kind) -> None:
    """Play a scene with a provider, and check what must hold after it and in the end."""
    stage = Stage(kind)
    try:
        scene(stage)
        stage.ledger.check()
        stage.become_quiet()
    finally:
        stage.end()
