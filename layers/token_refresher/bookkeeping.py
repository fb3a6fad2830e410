"""The registry entry of one look at a credential, written as the look goes on."""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from token_refresher.answer import Answer
from token_refresher.credential import Credential
from token_refresher.errors import ServiceUnavailableError, StaleObservationError
from token_refresher.registry import Registry
from token_refresher.registry_entry import RegistryEntry

_TRIES: Final = 5
"""Nobody writes one entry more often than that within the same moment."""


class Bookkeeping:
    """Keeps what is known, and writes it.

    Attributes:
        entry: What is known so far; written or not.
    """

    def __init__(self, registry: Registry, entry: RegistryEntry) -> None:
        self.entry = entry
        self._registry = registry

    def observe(self, credential: Credential | None) -> RegistryEntry:
        """Note what a document says, where it could be read."""
        self.entry = self.entry.observing(credential) if credential else self.entry
        return self.entry

    def begin(self, entry: RegistryEntry) -> None:
        """Write the intent of an exchange: no other may have begun one from the same observation.

        Raises:
            StaleObservationError: Somebody has written the entry since.
        """
        self.entry = self._registry.save(entry)

    def save(self, entry: RegistryEntry) -> None:
        """Write what became of the look, also over a tick that noticed what its exchange did.

        Raises:
            StaleObservationError: Somebody else has begun an exchange since, or an operator has paused it.
        """
        ours = self.entry.intent
        try:
            self.entry = self._registry.save(entry)
        except StaleObservationError:
            stored = self._registry.get(entry.name)
            theirs = stored.intent if stored else None
            if stored is None or theirs is None or ours is None or theirs.attempt != ours.attempt:
                raise
            # A tick has noticed what this exchange did, and nobody else has begun one: what is known here is more.
            after = replace(entry, revision=stored.revision, answer=stored.answer)
            self.entry = self._registry.save(after.paused() if stored.is_paused else after)
            if stored.is_paused:
                # How the exchange ended is worth knowing when it is resumed; people are told no more of it.
                raise


def record_answer(registry: Registry, credential: str, answer: Answer) -> None:
    """Keep the answer to a request, on top of whatever a tick, a consent or another worker records at the same time.

    Nothing depends on it: whoever waits for an answer that cannot be written is told that none came.
    """
    for _ in range(_TRIES):
        with suppress(StaleObservationError, ServiceUnavailableError):
            entry = registry.get(credential)
            if entry is not None:
                registry.save(entry.answered(answer))
            return
