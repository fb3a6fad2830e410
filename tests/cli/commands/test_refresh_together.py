"""Several ``token-refresher refresh`` of one credential at the same time."""

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.world import NAME, World
from token_refresher.registry.outcome import KEPT, KEPT_FOR, Result
from token_refresher.rotation.version_budget import VERSIONS_AT_ONCE
from token_refresher_cli.changes.refresh_request import RefreshRequester, Timeout
from token_refresher_cli.shell import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from token_refresher_cli.installation.installation import Installation

LONGEST_WAIT = int(get_args(Timeout)[1].max)
"""Of the option ``--timeout``, in seconds."""


class Together:
    """People who ask for a refresh of one credential while others wait, and the worker that answers them.

    Whatever happens between two looks of the one who waits happens in their `sleep`: others ask and look and get their
    answers, the worker takes requests, a tick comes.
    """

    def __init__(self, data: st.DataObject, people: int) -> None:
        self.world = World()
        self.world.manage(age=timedelta(minutes=5))
        self.results: dict[int, Result] = {}
        self._data = data
        self._people = people
        self._asked = 0

    def ask(self) -> None:
        """Let one more person ask, and wait for the answer."""
        person, self._asked = self._asked, self._asked + 1
        world = self.world
        installation = cast(
            "Installation", SimpleNamespace(clock=world.clock, registry=world.registry, queue=world.queue)
        )
        entry, answer = RefreshRequester(installation, LONGEST_WAIT).refresh(world.store.describe(NAME))
        assert entry.name == NAME
        self.results[person] = answer.outcome.result

    def sleep(self, seconds: float) -> None:
        """Let others act."""
        self.world.clock.advance(timedelta(seconds=seconds))
        acts: list[Callable[[], object]] = [self.work, self.work_all, self.world.dispatcher.tick]
        acts += [self.ask] * (self._asked < self._people)
        self._data.draw(st.sampled_from(acts))()

    def work(self) -> None:
        """Let the worker take the next request, as the message group has them."""
        if self.world.queue.messages:
            request = self.world.queue.messages.pop(0)
            self.world.refresh(request.credential, request_id=request.request_id)

    def work_all(self) -> None:
        """Let the worker take all requests before anybody looks."""
        while self.world.queue.messages:
            self.work()


@given(st.data(), st.integers(1, KEPT))
def test_everybody_who_asks_is_answered_whatever_happens_between_two_looks(data: st.DataObject, people: int) -> None:
    together = Together(data, people)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(waiting, "sleep", together.sleep)
        together.ask()
    assert set(together.results.values()) <= {Result.REFRESHED, Result.TOO_OFTEN}
    assert list(together.results.values()).count(Result.REFRESHED) <= VERSIONS_AT_ONCE + 1


def test_an_answer_is_kept_for_as_long_as_anybody_may_wait_for_it() -> None:
    assert timedelta(seconds=LONGEST_WAIT) <= KEPT_FOR
