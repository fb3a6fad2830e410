"""Asks for a refresh through the queue, as dispatch does, and waits until the registry has the answer."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

import typer

from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import NO_VERSION, SecretState
from token_refresher.work import RefreshRequest
from token_refresher_cli.errors import CommandError
from token_refresher_cli.installation import Installation

_APART: Final = 1.0
"""Seconds from one look to the next; a refresh takes two or three."""

Timeout = Annotated[
    int, typer.Option("--timeout", min=1, max=900, metavar="SECONDS", help="How long to wait for the answer.")
]


sleep = time.sleep
"""Waits for so many seconds; a name of this module, so that a test lets the time pass by itself."""


def a_moment() -> None:
    """Wait until it is worth another look."""
    sleep(_APART)


def wait(span: timedelta) -> None:
    """Wait for as long as others may take that are not seen."""
    sleep(span.total_seconds())


@dataclass(frozen=True)
class OnDemand:
    """Asks for refreshes.

    Attributes:
        installation: Where.
        timeout_seconds: How long an answer is waited for.
    """

    installation: Installation
    timeout_seconds: int

    def refresh(self, state: SecretState) -> RegistryEntry:
        """Ask for a refresh, even if it is not due, and wait for its end.

        Returns:
            The registry entry with the answer.

        Raises:
            CommandError: No answer came in time.
        """
        clock, registry = self.installation.clock, self.installation.registry
        request = RefreshRequest.on_demand(state.name, state.current or NO_VERSION, clock())
        until = clock() + timedelta(seconds=self.timeout_seconds)
        self.installation.queue.send([request])
        while True:
            entry = registry.get(state.name)
            if entry is not None and entry.answer is not None and entry.answer.request_id == request.request_id:
                return entry
            if clock() >= until:
                raise NoAnswerError(
                    f"No answer came for {state.name} within {self.timeout_seconds} seconds. The request stays in the"
                    " queue, and nothing is lost.",
                    "token-refresher doctor tells what keeps the refresh function from its work.",
                )
            a_moment()


class NoAnswerError(CommandError):
    """Nobody has answered in time; whether the refresh was made, or will be, is not known."""
