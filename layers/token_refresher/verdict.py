"""What follows from a refusal: is it tried again, asked once more, or somebody's to mend? Pure policy."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from token_refresher.diagnosis import UNKNOWN, Diagnosis
from token_refresher.registry_entry import RegistryEntry

CONFIRMATIONS: Final = 3
"""How many looks in a row must end with the same uncertain refusal before a person is told."""

PATIENCE_WITH_THE_UNKNOWN: Final = timedelta(hours=3)
"""After so long with nothing but unknown codes a person has to find out what they are."""

UNKNOWN_IN_A_ROW: Final = 12
"""So many looks must have ended with one: what lasted before that was another failure, and is no reason to tell."""


class Verdict(Enum):
    """What follows."""

    PASSES = "it is tried again, and nobody has to act"
    LASTS = "it is tried again, and somebody has to find out why it does not pass"
    UNCONFIRMED = "it is asked again, and nobody is told yet"
    NEEDS_A_PERSON = "it is not tried again before somebody has acted"
    STILL_DEAD = "it is as dead as people know it to be"


def verdict(entry: RegistryEntry, diagnosis: Diagnosis, now: datetime, *, ends_soon: bool) -> Verdict:
    """Say what follows from a refusal.

    Args:
        entry: What was known before.
        diagnosis: What the refusal means.
        now: The time.
        ends_soon: Whether the access token lives, and ends before the next look.
    """
    failures = entry.failures_with(diagnosis)
    if not diagnosis.actor.is_somebody:
        # No better words are known for what is dead than those that people have.
        if entry.is_known_dead:
            return Verdict.STILL_DEAD
        return _of_the_unknown(entry, failures, now) if diagnosis.meaning == UNKNOWN else Verdict.PASSES
    is_known = entry.is_known_dead and entry.alert is not None and entry.alert.condition == diagnosis.condition
    confirmed = diagnosis.certain or is_known or failures >= CONFIRMATIONS
    return Verdict.NEEDS_A_PERSON if confirmed or ends_soon else Verdict.UNCONFIRMED


def _of_the_unknown(entry: RegistryEntry, failures: int, now: datetime) -> Verdict:
    since = entry.failing_since or now
    lasts = failures >= UNKNOWN_IN_A_ROW and now >= since + PATIENCE_WITH_THE_UNKNOWN
    return Verdict.LASTS if lasts else Verdict.PASSES
