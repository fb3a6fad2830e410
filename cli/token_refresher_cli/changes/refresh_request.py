"""Requests a refresh through the queue, as dispatch does, and waits for the answer in the registry."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer

from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import LastRequest
from token_refresher.rotation.secret_store import NO_VERSION, SecretState
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.waiting import a_moment

Timeout = Annotated[
    int, typer.Option("--timeout", min=1, max=900, metavar="SECONDS", help="How long to wait for the answer.")
]


@dataclass(frozen=True)
class RefreshRequester:
    """Requests refreshes.

    Attributes:
        installation: The installation.
        timeout_seconds: How long to wait for an answer.
    """

    installation: Installation
    timeout_seconds: int

    def refresh(self, state: SecretState) -> tuple[RegistryEntry, LastRequest]:
        """Request a refresh, even if it is not due, and wait for its answer.

        Returns:
            The registry entry, and its answer to this request.

        Raises:
            NoAnswerError: No answer came in time.
        """
        clock, registry = self.installation.clock, self.installation.registry
        request = RefreshRequest.on_demand(state.name, state.current or NO_VERSION, clock())
        until = clock() + timedelta(seconds=self.timeout_seconds)
        self.installation.queue.send([request])
        while True:
            entry = registry.get(state.name)
            answer = entry.answer_to(request.request_id) if entry is not None else None
            if entry is not None and answer is not None:
                return entry, answer
            if clock() >= until:
                raise NoAnswerError(
                    f"No answer came for {state.name} within {self.timeout_seconds} seconds. The request stays in the"
                    " queue, and nothing is lost.",
                    "token-refresher doctor shows why the refresh function does not answer.",
                )
            a_moment()


class NoAnswerError(CommandError):
    """No answer came in time. The refresh may have run, or may still run."""
