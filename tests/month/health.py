"""What a month cost the provider and the pipelines, beside its alerts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tests.fakes.failures import AMBIGUOUS
from tests.fakes.manual_clock import START
from tests.month.oracle import OUTLASTS
from tests.month.script import (
    END,
    TICK,
    BadPaste,
    Dead,
    Down,
    FirstConsent,
    Hitch,
    Note,
    Policy,
    Script,
    SecretEnds,
    Silent,
    Unknown,
)
from tests.month.stage import Stage
from tests.month.windows import Window
from token_refresher.alert import Event
from token_refresher.retry import ASKS

OPENED_WITHIN = 3 * TICK
"""The circuit opens with the fifth credential that is due."""

_ACTION = {Event.RECONSENT_REQUIRED, Event.OPERATOR_ACTION_REQUIRED}


@dataclass(frozen=True)
class Health:
    """The figures of a month.

    Attributes:
        calls: How often the provider was asked.
        most_in_an_outage: The most calls in one tick of an outage, once the circuit had opened.
        outage_ticks: How many such ticks there were.
        of_dead_grants: How often it was asked for a dead grant after people were told of it.
        probes_of_dead_grants: How often it may have been: one look before each reminder, and after each edit.
        longest_without: The longest that a pipeline had no valid token, although the provider would have given one.
    """

    calls: int
    most_in_an_outage: int
    outage_ticks: int
    of_dead_grants: int
    probes_of_dead_grants: int
    longest_without: timedelta


def health(script: Script, stage: Stage) -> Health:
    """Return the figures of a month that has passed."""
    ticks = list(_outage_ticks(script, stage))
    dead = list(_dead(script, stage))
    return Health(
        calls=len(stage.authority.asked),
        most_in_an_outage=max(ticks),
        outage_ticks=len(ticks),
        of_dead_grants=sum(calls for calls, _ in dead),
        probes_of_dead_grants=sum(probes for _, probes in dead),
        longest_without=max(_without(script, stage), default=timedelta(0)),
    )


def _outage_ticks(script: Script, stage: Stage) -> Iterator[int]:
    by_tick = Counter((call.at - START) // TICK for call in stage.authority.asked)
    for story in script.stories:
        if isinstance(story, Down) and story.end - story.start >= OUTLASTS:
            first, last = (story.start + OPENED_WITHIN - START) // TICK + 1, (story.end - START) // TICK
            yield from (by_tick[tick] for tick in range(first, last))


def _dead(script: Script, stage: Stage) -> Iterator[tuple[int, int]]:
    """Yield, for each dead grant, the calls after people were told of it, and how many there may have been."""
    passing = [Window(one.start, one.end) for one in script.stories if isinstance(one, Down | Silent)]
    for story in script.stories:
        if not isinstance(story, Dead | Policy):
            continue
        mended = (story.lifted_at if isinstance(story, Policy) else story.reconnected_at) or END
        about = [alert.at for alert in stage.alerts if alert.credential == story.name and alert.event in _ACTION]
        told = [moment for moment in about if story.at <= moment < mended]
        calls = [
            call
            for call in stage.authority.asked
            if call.name == story.name
            and told[0] < call.at < mended
            and not any(window.holds(call.at) for window in passing)
        ]
        notes = sum(isinstance(one, Note) and one.name == story.name for one in script.stories)
        yield len(calls), (len(told) - 1 + notes) * (ASKS if story.failure == AMBIGUOUS else 1)


def _without(script: Script, stage: Stage) -> Iterator[timedelta]:
    for member in script.members:
        ill = list(_ill(script, member.name, member.client_id, stage))
        seen = stage.tokens.get(member.name, [])
        for (_, ends_at), (seen_at, _) in pairwise(seen):
            if seen_at > ends_at:
                # What counts begins when the last thing that was wrong was over.
                well_since = max([ends_at, *(end for start, end in ill if start <= seen_at and end > ends_at)])
                yield max(timedelta(0), seen_at - well_since)


def _ill(script: Script, name: str, client_id: str, stage: Stage) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times in which the provider gave a credential no token, or nobody could have known that it would."""
    for story in script.stories:
        match story:
            case Down():
                yield story.start, story.end
            case Hitch() | Unknown() if story.name == name:
                yield story.start, story.end
            case Dead() if story.name == name:
                yield story.at, story.reconnected_at or END
            case Policy() if story.name == name:
                probed = (call.at for call in stage.authority.asked if call.name == name and call.granted)
                yield story.at, next(moment for moment in probed if moment >= story.lifted_at)
            case SecretEnds() if story.client_id == client_id:
                yield story.at, story.replaced_at + story.replaced_within
            case BadPaste() if story.name == name:
                yield story.at, story.corrected_at
            case FirstConsent() if story.name == name:
                yield START, story.at
            case _:
                pass
