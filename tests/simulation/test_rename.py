"""A rename (decision 32) while a person signs in: the callback is, or dies, at any call when the copy is made."""

import json

import pytest

from tests.fakes.kind import Kind
from tests.fakes.memory_store import CURRENT, PENDING
from tests.fakes.world import NAME, TIMING
from tests.simulation.actors import Actor, Fate
from tests.simulation.simulation import PAUSED, Simulation
from tests.simulation.tokens import token_in
from token_refresher.registry.outcome import Result
from token_refresher.rotation.secret_store import MOVED_TO_TAG, successor

NEW = "search-ads-by-its-new-name"
POINTER = json.dumps({"moved_to": NEW})
CALLS_OF_A_CONSENT = 14
"""At least as many as a consent makes from the return of the person to its end."""


class Rename:
    """The steps of the command, in a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.store = simulation, simulation.world.store
        self.copied = ""

    def pause(self) -> None:
        """Steps 1 to 3: no attempt is under way, and nothing is pending."""
        self.simulation.pause()

    def copy(self) -> None:
        """Steps 4 and 5."""
        self.copied = self.store.labels(NAME)[CURRENT]
        self.store.create(NEW, self.store.current_text(NAME))
        self.store.tag(NEW, **PAUSED.to_tags())
        self.store.tag(NAME, **{MOVED_TO_TAG: NEW})

    def wait(self) -> None:
        """Step 6."""
        self.simulation.pass_time(TIMING.lease)

    def leave_the_pointer(self) -> None:
        """Steps 7 and 8."""
        labels = self.store.labels(NAME)
        current, next_one = labels[CURRENT], successor(self.store.arn(NAME), labels[CURRENT])
        if labels.get(PENDING) == next_one:
            self.store.promote(NAME, next_one, replacing=current)
            self.leave_the_pointer()
            return
        if current != self.copied:
            self.store.edit(NEW, self.store.current_text(NAME))
            self.copied = current
        self.store.put_pending(NAME, next_one, POINTER)
        self.store.promote(NAME, next_one, replacing=self.copied)

    def resume(self) -> None:
        """Step 9."""
        world = self.simulation.world
        world.authority.on_present = lambda _: None  # The ledger knows only the old secret, which is a pointer now.
        world.discover(NEW)
        world.registry.save(world.entry(NEW).resumed(world.clock()))


def renamed_during_a_consent(calls: int, fate: Fate) -> tuple[Simulation, Actor]:
    """Rename a credential while a callback has made this many calls."""
    simulation = Simulation(Kind.STRICT)
    simulation.finish(simulation.message())
    rename = Rename(simulation)
    rename.pause()
    consent = simulation.consent()
    for _ in range(calls):
        if consent.at is not None:
            simulation.go(consent)
    rename.copy()
    if consent.at is not None:
        simulation.go(consent, fate)
    simulation.finish(consent)
    rename.wait()
    rename.leave_the_pointer()
    rename.resume()
    return simulation, consent


ORDERS = pytest.mark.parametrize("calls", range(CALLS_OF_A_CONSENT + 1))
FATES = pytest.mark.parametrize("fate", [Fate.GOES_ON, Fate.DIES_BEFORE, Fate.DIES_AFTER], ids=lambda fate: fate.value)


@ORDERS
@FATES
def test_the_newest_token_that_was_stored_has_the_new_name(calls: int, fate: Fate) -> None:
    simulation, _ = renamed_during_a_consent(calls, fate)
    stored = {token for content in simulation.world.store.contents(NAME).values() if (token := token_in(content))}
    newest = max(stored, key=simulation.world.authority.issued.index)
    assert token_in(simulation.world.store.current_text(NEW)) == newest


@ORDERS
def test_a_sign_in_whose_code_was_taken_is_not_lost(calls: int) -> None:
    simulation, consent = renamed_during_a_consent(calls, Fate.GOES_ON)
    if consent.holds is not None:
        assert token_in(simulation.world.store.current_text(NEW)) == consent.holds


@ORDERS
@FATES
def test_only_the_new_one_is_refreshed_and_a_strict_provider_takes_it(calls: int, fate: Fate) -> None:
    simulation, _ = renamed_during_a_consent(calls, fate)
    world = simulation.world
    presented = len(world.authority.presented)
    assert world.refresh(NAME).result is Result.FORGOTTEN
    assert len(world.authority.presented) == presented
    world.clock.advance(TIMING.access_token_lifetime)
    assert world.refresh(NEW).result is Result.REFRESHED


def test_a_callback_makes_no_more_calls_than_are_tried() -> None:
    simulation = Simulation(Kind.STRICT)
    consent, calls = simulation.consent(), 0
    while consent.at is not None:
        simulation.go(consent)
        calls += 1
    assert 0 < calls <= CALLS_OF_A_CONSENT


def test_a_tick_between_any_two_steps_begins_nothing() -> None:
    simulation = Simulation(Kind.STRICT)
    simulation.finish(simulation.message())
    rename, world = Rename(simulation), simulation.world
    before = len(world.authority.presented)
    for step in (rename.pause, rename.copy, rename.wait, rename.leave_the_pointer):
        step()
        world.attempt_all()
        assert len(world.authority.presented) == before
    world.registry.entries.pop(NEW)
    rename.resume()
    world.dispatcher.tick()
    assert {message.credential for message in world.queue.messages} == {NEW}
