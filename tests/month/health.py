"""What a month cost the provider and the pipelines, apart from its alerts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tests.fakes.failures import AMBIGUOUS
from tests.fakes.manual_clock import START
from tests.month.expected_alerts import OUTLASTS
from tests.month.fleet import SimulatedFleet
from tests.month.script import (
    END,
    TICK,
    AuthorityDown,
    ClientSecretExpires,
    CredentialFails,
    FirstConsent,
    GrantRejected,
    PolicyBlocks,
    Script,
    TopicDown,
    UnknownCode,
    UnrelatedEdit,
    WrongClientSecret,
)
from tests.month.windows import Window
from token_refresher.base.backoff import CALLS_PER_ATTEMPT
from token_refresher.registry.open_alert import Event

OPENED_WITHIN = 3 * TICK
"""The circuit opens with the fifth credential that is due."""

_ACTION = {Event.RECONSENT_REQUIRED, Event.OPERATOR_ACTION_REQUIRED}


@dataclass(frozen=True)
class Health:
    """The figures of a month.

    Attributes:
        calls: The calls of the token endpoint.
        most_in_an_outage: The most calls in one tick of an outage, after the circuit had opened.
        outage_ticks: How many such ticks there were.
        of_rejected_grants: The calls for rejected grants after the alert.
        probes_of_rejected_grants: How many of these are allowed: one attempt before each reminder and after each edit.
        longest_without: The longest time a pipeline had no valid token although the provider would have issued one.
    """

    calls: int
    most_in_an_outage: int
    outage_ticks: int
    of_rejected_grants: int
    probes_of_rejected_grants: int
    longest_without: timedelta


def health(script: Script, fleet: SimulatedFleet) -> Health:
    """Return the figures of a month that has passed."""
    ticks = list(_outage_ticks(script, fleet))
    rejected = list(_rejected(script, fleet))
    return Health(
        calls=len(fleet.authority.asked),
        most_in_an_outage=max(ticks),
        outage_ticks=len(ticks),
        of_rejected_grants=sum(calls for calls, _ in rejected),
        probes_of_rejected_grants=sum(probes for _, probes in rejected),
        longest_without=max(_without(script, fleet), default=timedelta(0)),
    )


def _outage_ticks(script: Script, fleet: SimulatedFleet) -> Iterator[int]:
    by_tick = Counter((call.at - START) // TICK for call in fleet.authority.asked)
    for event in script.events:
        if isinstance(event, AuthorityDown) and event.end - event.start >= OUTLASTS:
            first, last = (event.start + OPENED_WITHIN - START) // TICK + 1, (event.end - START) // TICK
            yield from (by_tick[tick] for tick in range(first, last))


def _rejected(script: Script, fleet: SimulatedFleet) -> Iterator[tuple[int, int]]:
    """Yield, for each rejected grant, the calls after its alert, and how many are allowed."""
    passing = [Window(one.start, one.end) for one in script.events if isinstance(one, AuthorityDown | TopicDown)]
    for event in script.events:
        if not isinstance(event, GrantRejected | PolicyBlocks):
            continue
        mended = (event.lifted_at if isinstance(event, PolicyBlocks) else event.reconnected_at) or END
        about = [alert.at for alert in fleet.alerts if alert.credential == event.name and alert.event in _ACTION]
        notified = [moment for moment in about if event.at <= moment < mended]
        calls = [
            call
            for call in fleet.authority.asked
            if call.name == event.name
            and notified[0] < call.at < mended
            and not any(window.holds(call.at) for window in passing)
        ]
        notes = sum(isinstance(one, UnrelatedEdit) and one.name == event.name for one in script.events)
        yield len(calls), (len(notified) - 1 + notes) * (CALLS_PER_ATTEMPT if event.failure == AMBIGUOUS else 1)


def _without(script: Script, fleet: SimulatedFleet) -> Iterator[timedelta]:
    for member in script.members:
        failing = list(_failing(script, member.name, member.client_id, fleet))
        seen = fleet.tokens.get(member.name, [])
        for (_, ends_at), (seen_at, _) in pairwise(seen):
            if seen_at > ends_at:
                # The time counts from when the last cause was over.
                well_since = max([ends_at, *(end for start, end in failing if start <= seen_at and end > ends_at)])
                yield max(timedelta(0), seen_at - well_since)


def _failing(script: Script, name: str, client_id: str, fleet: SimulatedFleet) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times in which the provider issued no token, or in which no attempt was due that could get one."""
    for event in script.events:
        match event:
            case AuthorityDown():
                yield event.start, event.end
            case CredentialFails() | UnknownCode() if event.name == name:
                yield event.start, event.end
            case GrantRejected() if event.name == name:
                yield event.at, event.reconnected_at or END
            case PolicyBlocks() if event.name == name:
                probed = (call.at for call in fleet.authority.asked if call.name == name and call.granted)
                yield event.at, next(moment for moment in probed if moment >= event.lifted_at)
            case ClientSecretExpires() if event.client_id == client_id:
                yield event.at, event.replaced_at + event.replaced_within
            case WrongClientSecret() if event.name == name:
                yield event.at, event.corrected_at
            case FirstConsent() if event.name == name:
                yield START, event.at
            case _:
                pass
