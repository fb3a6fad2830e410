"""Important orders of events, one function each. The simulation finds them by chance; here they run on purpose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.fakes.kind import Kind
from tests.fakes.world import DUE_AGE
from tests.simulation.actors import Fate
from tests.simulation.roll_back_scenes import ROLL_BACKS
from tests.simulation.simulation import Simulation


def an_old_read_right_after_a_rotation(simulation: Simulation) -> None:
    """A second delivery of the message reads the staging labels from before the rotation."""
    simulation.finish(simulation.message())
    late = simulation.message()
    simulation.run_to(late, "store.describe")
    simulation.go(late, Fate.SEES_WHAT_WAS_LONG_AGO)
    simulation.finish(late)


def an_old_read_of_labels_and_versions_right_after_a_rotation(simulation: Simulation) -> None:
    """A second delivery of the message also reads the versions, and they are those from before the rotation."""
    simulation.finish(simulation.message())
    late = simulation.message()
    while late.at is not None:
        is_old = late.at in {"store.describe", "store.history"}
        simulation.go(late, Fate.SEES_WHAT_WAS_LONG_AGO if is_old else Fate.GOES_ON)


def two_workers_with_the_same_observation(simulation: Simulation) -> None:
    """Both workers have read everything before either has written anything."""
    first, second = simulation.message(), simulation.message()
    for actor in (first, second):
        simulation.run_to(actor, "registry.save")
    simulation.finish(first)
    simulation.finish(second)


def two_workers_one_after_the_answer(simulation: Simulation) -> None:
    """The first worker has its answer when the second one begins."""
    first = simulation.message()
    simulation.run_to(first, "store.put_pending")
    simulation.finish(simulation.message())
    simulation.finish(first)


def an_import_before_the_tokens_are_stored(simulation: Simulation) -> None:
    """An operator imports another sign-in before the worker stores its answer."""
    actor = simulation.message()
    simulation.run_to(actor, "store.put_pending")
    simulation.import_token()
    simulation.finish(actor)


def an_import_between_the_two_writes(simulation: Simulation) -> None:
    """An operator imports another sign-in before the promotion."""
    actor = simulation.message()
    simulation.run_to(actor, "store.promote")
    simulation.import_token()
    simulation.finish(actor)


def an_edit_between_the_two_writes(simulation: Simulation) -> None:
    """An operator edits another key before the promotion."""
    actor = simulation.message()
    simulation.run_to(actor, "store.promote")
    simulation.edit(simulation.text)
    simulation.finish(actor)


def a_consent_while_a_refresh_has_its_answer(simulation: Simulation) -> None:
    """The tokens of the consent are current before the refresh stores its tokens."""
    actor = simulation.message()
    simulation.run_to(actor, "store.put_pending")
    simulation.finish(simulation.consent())
    simulation.finish(actor)


def a_consent_that_died_half_way_meets_a_refresh(simulation: Simulation) -> None:
    """The consent has stored its tokens under the successor id that the refresh needs, and then its process died."""
    actor = simulation.message()
    simulation.run_to(actor, "store.put_pending")
    consent = simulation.consent()
    simulation.run_to(consent, "store.promote")
    simulation.go(consent, Fate.DIES_BEFORE)
    simulation.finish(actor)


def a_consent_over_a_refresh_that_stored_first(simulation: Simulation) -> None:
    """The refresh has stored and not promoted its tokens when the consent comes."""
    actor = simulation.message()
    simulation.run_to(actor, "store.promote")
    simulation.finish(simulation.consent())
    simulation.finish(actor)


def an_old_copy_saved_over_a_rotation(simulation: Simulation) -> None:
    """An operator saves a copy that the editor holds since before the rotation."""
    simulation.finish(simulation.message())
    simulation.edit(simulation.copy)


def an_old_copy_saved_while_the_next_refresh_is_under_way(simulation: Simulation) -> None:
    """The operator saves a document with the token before the one that the refresh presents."""
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=50))
    actor = simulation.message()
    simulation.run_to(actor, "authority.refresh")
    simulation.edit(simulation.copy)
    simulation.finish(actor)
    assert simulation.ledger.tokens.current() == simulation.world.authority.newest, (
        "its tokens go on top of the copy at once"
    )


def an_old_copy_saved_over_a_refresh_that_died_half_way(simulation: Simulation) -> None:
    """The tokens are stored and not promoted when the operator saves a copy from before two rotations."""
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=50))
    actor = simulation.message()
    simulation.run_to(actor, "store.promote")
    simulation.edit(simulation.copy)
    simulation.go(actor, Fate.DIES_BEFORE)
    simulation.pass_time(timedelta(minutes=5))
    simulation.finish(simulation.message())
    # Without rotation the entry has no lineage.
    assert not simulation.world.authority.kind.rotates or "store.history" not in simulation.world.calls.log, (
        "the stored tokens are found without a search of the versions"
    )


def an_outage_of_the_store_and_a_consent(simulation: Simulation) -> None:
    """A refresh has its tokens in escrow when a person consents."""
    simulation.world.scheduled.down["store"] = Fate.FAILS_BEFORE
    actor = simulation.message()
    simulation.world.scheduled.down.clear()
    simulation.run_to(actor, "store.put_pending")
    simulation.world.scheduled.down["store"] = Fate.FAILS_BEFORE
    simulation.finish(actor)
    simulation.world.scheduled.down.clear()
    simulation.finish(simulation.consent())


def an_answer_that_was_cut_off(simulation: Simulation) -> None:
    """The answer ends after its refresh token."""
    simulation.world.authority.cut_off = True
    simulation.finish(simulation.message())


def a_request_while_another_has_its_answer(simulation: Simulation) -> None:
    """An operator requests a refresh that is not due, pauses, resumes, and requests again before it has ended."""
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=5))
    first = simulation.message(request_id="first")
    simulation.run_to(first, "store.put_pending")
    simulation.pause()
    simulation.resume()
    simulation.finish(simulation.message())
    simulation.finish(simulation.message(request_id="second"))
    simulation.finish(first)


def a_pause_while_a_refresh_has_its_answer(simulation: Simulation) -> None:
    """An operator pauses during a refresh: it ends well, and no other begins."""
    actor = simulation.message()
    simulation.run_to(actor, "store.put_pending")
    simulation.pause()
    simulation.finish(simulation.message(request_id="first"))
    simulation.finish(actor)


def a_consent_while_a_request_has_its_answer(simulation: Simulation) -> None:
    """A person signs in again during a refresh on demand."""
    simulation.finish(simulation.message())
    simulation.pass_time(timedelta(minutes=5))
    actor = simulation.message(request_id="first")
    simulation.run_to(actor, "store.put_pending")
    simulation.finish(simulation.consent())
    simulation.finish(actor)


def a_pending_version_of_another_rotation(simulation: Simulation) -> None:
    """Another tool rotates the same secret while the provider fails."""
    simulation.store_pending_of_another(b"binary")
    actor = simulation.message()
    simulation.run_to(actor, "authority.refresh")
    simulation.go(actor, Fate.FAILS_AFTER)
    simulation.finish(actor)
    simulation.store_pending_of_another("no document")


def a_first_publication_that_a_sign_in_overtakes(simulation: Simulation) -> None:
    """A worker is about to create the secret for pipelines when a sign-in publishes its tokens."""
    actor = simulation.message()
    simulation.run_to(actor, "consumers.create")
    simulation.finish(simulation.consent())
    simulation.finish(actor)


def a_publication_that_a_sign_in_overtakes(simulation: Simulation) -> None:
    """A worker is about to publish when a sign-in publishes its tokens: a pipeline must not go back."""
    simulation.finish(simulation.message())
    simulation.pass_time(DUE_AGE)
    actor = simulation.message()
    simulation.run_to(actor, "consumers.put")
    simulation.finish(simulation.consent())
    simulation.finish(actor)


def a_publication_whose_worker_dies(simulation: Simulation) -> None:
    """The token is published, and the entry does not say so."""
    simulation.finish(simulation.message())
    simulation.pass_time(DUE_AGE)
    actor = simulation.message()
    simulation.run_to(actor, "consumers.put")
    simulation.go(actor, Fate.DIES_AFTER)
    simulation.pass_time(DUE_AGE)
    simulation.finish(simulation.message())


def a_pause_that_ends_while_it_is_published(simulation: Simulation) -> None:
    """An operator resumes the credential when a worker is about to publish the pause."""
    simulation.finish(simulation.message())
    simulation.pause()
    actor = simulation.message()
    simulation.run_to(actor, "consumers.put")
    simulation.resume()
    simulation.finish(actor)
    simulation.finish(simulation.message())


SCENES: Final[list[Callable[[Simulation], None]]] = [
    an_old_read_right_after_a_rotation,
    an_old_read_of_labels_and_versions_right_after_a_rotation,
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
    a_pending_version_of_another_rotation,
    a_first_publication_that_a_sign_in_overtakes,
    a_publication_that_a_sign_in_overtakes,
    a_publication_whose_worker_dies,
    a_pause_that_ends_while_it_is_published,
    *ROLL_BACKS,
]


def play(scene: Callable[[Simulation], None], kind: Kind) -> None:
    """Run a scene with one kind of provider; check what must hold after it and after two ticks."""
    simulation = Simulation(kind, publishes=True)
    try:
        scene(simulation)
        simulation.check()
        simulation.become_quiet()
    finally:
        simulation.end()
