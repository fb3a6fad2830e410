"""Schedules the events of a script on a simulated fleet."""

from datetime import timedelta
from typing import Any

from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.script import (
    AuthorityDown,
    ClientSecretExpires,
    CredentialFails,
    FirstConsent,
    GrantRejected,
    PolicyBlocks,
    Script,
    ScriptEvent,
    SecretDeleted,
    SometimesRefused,
    TopicDown,
    UnknownCode,
    UnrelatedEdit,
    WrongClientSecret,
)
from tests.month.scripted_authority import GOOD_SECRET, Application, FailurePeriod
from token_refresher.base.clock import to_rfc3339

NEXT_SECRET = "planted-next-client-secret"


def fleet_of_script(script: Script) -> SimulatedFleet:
    """Return a fleet with all events of a script scheduled."""
    fleet = SimulatedFleet(script.seed)
    for member in script.members:
        fields: dict[str, Any] = {}
        if member.secret_ends_at is not None:
            fields["client_secret_expires_at"] = to_rfc3339(member.secret_ends_at)
        if not member.rotates:
            fleet.authority.never_rotated.add(member.name)
            fields["refresh_token_issued_at"] = to_rfc3339(START - member.refresh_token_age)
        fleet.authority.applications.setdefault(member.client_id, Application())

        def create(
            name: str = member.name,
            client_id: str = member.client_id,
            consented: bool = member.consented,
            fields: dict[str, Any] = fields,
        ) -> None:
            fleet.create(name, client_id, consented=consented, **fields)

        if member.since == START:
            create()
        else:
            fleet.at(member.since, create)
    for event in script.events:
        _schedule(fleet, script, event)
    return fleet


def _schedule(fleet: SimulatedFleet, script: Script, event: ScriptEvent) -> None:  # noqa: C901, PLR0912 - One case for each kind of event.
    failure_periods, world = fleet.authority.failure_periods, fleet.world
    match event:
        case AuthorityDown():
            failure_periods.append(FailurePeriod(event.start, event.end, event.failure))
        case TopicDown():
            fleet.at(event.start, lambda: setattr(world.topic, "out_of_order", True))
            fleet.at(event.end, lambda: setattr(world.topic, "out_of_order", False))
        case CredentialFails() | UnknownCode():
            failure_periods.append(FailurePeriod(event.start, event.end, event.failure, event.name))
        case SometimesRefused():
            failure_periods.append(FailurePeriod(START, None, event.failure, event.name, event.probability))
        case GrantRejected():
            if event.failure is None:
                fleet.at(event.at, lambda: fleet.revoke(event.name))
            else:
                failure_periods.append(FailurePeriod(event.at, event.reconnected_at, event.failure, event.name))
            if event.reconnected_at is not None:
                fleet.at(event.reconnected_at, lambda: fleet.sign_in(event.name))
        case PolicyBlocks():
            failure_periods.append(FailurePeriod(event.at, event.lifted_at, event.failure, event.name))
        case ClientSecretExpires():
            secrets = fleet.authority.applications[event.client_id].secrets
            secrets[GOOD_SECRET] = event.at
            secrets[NEXT_SECRET] = event.next_end
            _replace(fleet, script, event)
        case WrongClientSecret():
            fleet.at(event.at, lambda: world.edit(event.name, client_secret="planted-id-of-a-client-secret"))
            fleet.at(event.corrected_at, lambda: world.edit(event.name, client_secret=GOOD_SECRET))
        case UnrelatedEdit():
            fleet.at(event.at, lambda: world.edit(event.name, note=to_rfc3339(event.at)))
        case SecretDeleted():
            fleet.at(event.at, lambda: world.store.delete(event.name))
        case FirstConsent():
            fleet.at(event.at, lambda: fleet.sign_in(event.name))


def _replace(fleet: SimulatedFleet, script: Script, event: ClientSecretExpires) -> None:
    removed = {
        other.name for other in script.events if isinstance(other, SecretDeleted) and other.at <= event.replaced_at
    }
    left = [member.name for member in script.of_application(event.client_id) if member.name not in removed]
    step = event.replaced_within / max(len(left) - 1, 1)
    for number, name in enumerate(left):

        def replace(name: str = name) -> None:
            fleet.world.edit(name, client_secret=NEXT_SECRET, client_secret_expires_at=to_rfc3339(event.next_end))

        fleet.at(event.replaced_at + timedelta(seconds=int((number * step).total_seconds())), replace)
