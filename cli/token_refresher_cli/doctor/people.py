"""The credentials that wait for a person, and those whose token has expired."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts import wording
from token_refresher.base.clock import readable_time
from token_refresher.base.timing import schedule_period
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.documents import Command
from token_refresher_cli.doctor.finding import Finding, ok, problem, warning
from token_refresher_cli.installation.own_command import own_command, runbook

_CURED_BY_A_NEW_CLIENT_SECRET: Final = frozenset({"client_secret_wrong", "client_secret_expired"})


@dataclass(frozen=True)
class Known:
    """A credential and its registry entry.

    Attributes:
        name: Its name.
        created_at: When its secret was created, if that is known.
        entry: Its registry entry; ``None`` before the first tick has seen it.
    """

    name: str
    created_at: datetime | None
    entry: RegistryEntry | None


def people_findings(
    known: Sequence[Known], now: datetime, period: timedelta, command: Command, silent: str
) -> Iterator[Finding]:
    """Judge which credentials need a person.

    Args:
        known: The credentials.
        now: The current time.
        period: The period of the schedule.
        command: Writes command lines.
        silent: The runbook's entry for a schedule without ticks.
    """
    for one in known:
        if one.entry is not None:
            yield from _of_entry(one.entry, now, command)
        elif one.created_at is None or now - one.created_at > 2 * period:
            yield problem(f"No tick has seen {one.name}.", silent, one.name)
    yield ok(f"No credential waits for a person ({len(known)})." if known else "There is no credential yet.")


def _of_entry(entry: RegistryEntry, now: datetime, command: Command) -> Iterator[Finding]:
    diagnosis, name = entry.diagnosis, entry.name
    ended = entry.expires_at is not None and entry.expires_at <= now
    judge = problem if ended else warning
    if entry.status.needs_a_person and diagnosis is not None:
        text = f"{wording.summary(entry, diagnosis, now)} {diagnosis.cause}"
        who = wording.who(entry, diagnosis.actor)
        yield judge(f"{text} To act: {who}", _remedy(name, diagnosis, command), name)
    elif entry.status.needs_a_person:
        yield judge(f"{name} waits for its first sign-in.", command("link", name), name)
    elif ended and entry.expires_at is not None and not entry.is_paused:
        why = f" {diagnosis.cause}" if diagnosis is not None else ""
        yield problem(
            f"The token of {name} expired at {readable_time(entry.expires_at)}.{why}", command("show", name), name
        )
    elif entry.status is Status.HEALTHY and diagnosis is not None and diagnosis.actor.must_act:
        yield warning(
            f"{name} is refreshed, but something else is wrong: {diagnosis.cause}"
            f" To act: {wording.who(entry, diagnosis.actor)}",
            _remedy(name, diagnosis, command),
            name,
        )


def _remedy(name: str, diagnosis: Diagnosis, command: Command) -> str:
    if diagnosis.actor is Actor.USER:
        return command("link", name)
    if diagnosis.meaning in _CURED_BY_A_NEW_CLIENT_SECRET:
        return f"{diagnosis.action} With: {command('rotate-client-secret', name)}"
    return f"{diagnosis.action} {command('show', name)} shows the details."


def _run(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    known = [
        Known(secret.name, secret.created_at, context.entries.get(secret.name))
        for secret in sorted(context.secrets, key=lambda secret: secret.name)
        if secret.moved_to is None
    ]
    period = schedule_period(installation.environment["REFRESH_SCHEDULE"])
    yield from people_findings(
        known,
        context.now,
        period,
        lambda *words: own_command(installation, *words),
        runbook(installation, "dispatch-silent"),
    )


PEOPLE: Final = Check(
    "people",
    "No credential waits for a person, and no token has expired.",
    ("secretsmanager:ListSecrets", "dynamodb:Scan"),
    _run,
)
