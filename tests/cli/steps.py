"""The calls to AWS that a command makes, and what a test does at each of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from tests.cli.desk import Desk
from tests.fakes.calls import KilledError

Action = Callable[[], object]


class Steps:
    """Counts the calls from 1 and steps in after one; a test's own calls go through clients of its own."""

    def __init__(self, at: int = 0, action: Action = lambda: None) -> None:
        self.log: list[str] = []
        self._at, self._action = at, action
        self._killed = False

    @classmethod
    def killing(cls, at: int) -> "Steps":
        """Return steps that end the command once the call with this number took effect; 0 ends nothing."""
        steps = cls(at)
        steps._action = steps._kill
        return steps

    @contextmanager
    def of(self, desk: Desk) -> Iterator["Steps"]:
        """Follow the calls of an operator's commands."""
        installation = desk.installation
        clients = [
            installation.secrets_client,
            installation.registry._table.meta.client,
            installation.queue._client,
        ]
        for client in clients:
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)
        try:
            yield self
        finally:
            for client in clients:
                client.meta.events.unregister("before-call", self._before)
                client.meta.events.unregister("after-call", self._after)

    def _before(self, model: Any, **_: Any) -> None:
        if self._killed:
            raise KilledError  # Whoever is gone makes no call more, not even to clean up.

    def _after(self, model: Any, **_: Any) -> None:
        self.log.append(model.name)
        if len(self.log) == self._at:
            self._action()

    def _kill(self) -> NoReturn:
        self._killed = True
        raise KilledError
