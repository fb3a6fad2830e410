"""Writes the registry entry at the end of an attempt, although other processes may have written it meanwhile."""

from contextlib import suppress
from dataclasses import replace

from token_refresher.base.errors import ServiceUnavailableError, StaleObservationError
from token_refresher.base.update import update
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import LastRequest
from token_refresher.registry.registry import Registry


def save_result(registry: Registry, before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
    """Write the result of an attempt, also if a tick has seen the new version meanwhile and written the entry.

    Args:
        registry: The registry.
        before: The entry that this attempt wrote last, with the intent of its exchange.
        after: The entry to write.

    Returns:
        The entry as it is stored.

    Raises:
        StaleObservationError: Another exchange has begun since, or an operator has paused the credential.
    """
    ours = before.intent
    try:
        return registry.save(after)
    except StaleObservationError:
        stored = registry.get(after.name)
        theirs = stored.intent if stored else None
        if stored is None or theirs is None or ours is None or theirs.attempt != ours.attempt:
            raise
        # A tick has written the entry, and no other exchange has begun: this attempt knows more than the tick.
        newer = replace(after, revision=stored.revision, answers=stored.answers)
        saved = registry.save(newer.paused() if stored.is_paused else newer)
        if stored.is_paused:
            # The result matters when the credential is resumed. During a pause people are not notified.
            raise
        return saved


def save_answer(registry: Registry, credential: str, answer: LastRequest) -> None:
    """Write the answer to a request into the entry.

    Nothing depends on it: if it cannot be written, the command says that no answer came.
    """
    with suppress(ServiceUnavailableError):
        update(registry, credential, lambda entry: entry.answered(answer) if entry else None)
