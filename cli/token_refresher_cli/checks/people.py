"""Which credentials wait for a person, and which have no token any more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher import phrases
from token_refresher.clock import readable_time
from token_refresher.diagnosis import Actor, Diagnosis
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status
from token_refresher.timing import schedule_period
from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.documents import Command
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.finding import Finding, ok, problem, warning
from token_refresher_cli.own_command import own_command, runbook

_ENDED_BY_ANOTHER_CLIENT_SECRET: Final = frozenset({"client_secret_wrong", "client_secret_expired"})


@dataclass(frozen=True)
class Known:
    """A credential and what the registry knows of it.

    Attributes:
        name: Its name.
        created_at: When its secret was made, where that is known.
        entry: What the registry knows; ``None`` before a tick has seen it.
    """

    name: str
    created_at: datetime | None
    entry: RegistryEntry | None


def people_findings(
    known: Sequence[Known], now: datetime, period: timedelta, command: Command, silent: str
) -> Iterator[Finding]:
    """Judge who has to act.

    Args:
        known: The credentials.
        now: The time.
        period: That of the schedule.
        command: Writes our commands.
        silent: Where the runbook tells what to do where nothing ticks.
    """
    for one in known:
        if one.entry is not None:
            yield from _of_entry(one.entry, now, command)
        elif one.created_at is None or now - one.created_at > 2 * period:
            yield problem(f"No tick has seen {one.name}.", silent, one.name)
    yield ok(f"No credential waits for a person (there are {len(known)})." if known else "There is no credential yet.")


def _of_entry(entry: RegistryEntry, now: datetime, command: Command) -> Iterator[Finding]:
    diagnosis, name = entry.diagnosis, entry.name
    ended = entry.expires_at is not None and entry.expires_at <= now
    judge = problem if ended else warning
    if entry.status.needs_a_person and diagnosis is not None:
        text = f"{phrases.summary(entry, diagnosis, now)} {diagnosis.cause}"
        who = phrases.who(entry, diagnosis.actor)
        yield judge(f"{text} To act: {who}", _remedy(name, diagnosis, command), name)
    elif entry.status.needs_a_person:
        yield judge(f"{name} waits for its first sign-in.", command("link", name), name)
    elif ended and entry.expires_at is not None and not entry.is_paused:
        why = f" {diagnosis.cause}" if diagnosis is not None else ""
        yield problem(
            f"The token of {name} ended at {readable_time(entry.expires_at)}.{why}", command("show", name), name
        )
    elif entry.status is Status.HEALTHY and diagnosis is not None and diagnosis.actor.is_somebody:
        yield warning(
            f"{name} is renewed, and yet: {diagnosis.cause} To act: {phrases.who(entry, diagnosis.actor)}",
            _remedy(name, diagnosis, command),
            name,
        )


def _remedy(name: str, diagnosis: Diagnosis, command: Command) -> str:
    if diagnosis.actor is Actor.USER:
        return command("link", name)
    if diagnosis.meaning in _ENDED_BY_ANOTHER_CLIENT_SECRET:
        return f"{diagnosis.action} With: {command('rotate-client-secret', name)}"
    return f"{diagnosis.action} {command('show', name)} shows what is known."


def _run(visit: Visit) -> Iterator[Finding]:
    installation = visit.installation
    created = {
        secret["Name"].removeprefix(f"{installation.prefix}/"): secret.get("CreatedDate") for secret in visit.listed
    }
    known = [
        Known(name, created.get(name), installation.registry.get(name))
        for name in sorted(state.name for state in installation.store.managed())
    ]
    period = schedule_period(installation.environment["REFRESH_SCHEDULE"])
    yield from people_findings(
        known,
        visit.now,
        period,
        lambda *words: own_command(installation, *words),
        runbook(installation, "dispatch-silent"),
    )


PEOPLE: Final = Check(
    "people",
    "No credential waits for a person, and none is without a token.",
    ("secretsmanager:ListSecrets", "dynamodb:GetItem"),
    _run,
)
