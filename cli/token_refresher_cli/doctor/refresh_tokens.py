"""The refresh tokens: which end soon whatever one does, and which are not used or not replaced."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts.expiry import STAGES
from token_refresher.base.clock import readable_time
from token_refresher.base.text import span
from token_refresher.providers.catalogue.entry import TokenRotation
from token_refresher.providers.refresh_token_life import idle_end
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.documents import READS, Command, command_of, unread_findings
from token_refresher_cli.doctor.finding import Finding, ok, problem, warning
from token_refresher_cli.doctor.loaded import DocumentFacts, LoadedCredential
from token_refresher_cli.installation.refresh_token_facts import refresh_token_facts

_SOON: Final = timedelta(days=STAGES[0])


def refresh_token_findings(
    rows: Sequence[LoadedCredential], paused: Iterable[str], now: datetime, command: Command
) -> Iterator[Finding]:
    """Judge which refresh tokens end soon.

    Args:
        rows: The credentials.
        paused: The names of those that are paused.
        now: The current time.
        command: Writes command lines.
    """
    held_back = frozenset(paused)
    for one in rows:
        if one.facts is None or one.facts.refresh_token_issued_at is None:
            continue
        yield from _fixed_end(one.name, one.facts.refresh_token_expires_at, now, command)
        yield from _unused(one.name, one.facts, now, command, is_paused=one.name in held_back)
    yield ok(f"No refresh token is known to end within {_SOON.days} days, or is unused for a third of its life.")


def _fixed_end(name: str, ends_at: datetime | None, now: datetime, command: Command) -> Iterator[Finding]:
    if ends_at is None or ends_at - now > _SOON:
        return
    remedy = f"Let a person sign in before: {command('link', name)}"
    when = readable_time(ends_at)
    if ends_at <= now:
        yield problem(f"The refresh token of {name} ended at {when}.", remedy, name)
        return
    yield warning(
        f"The refresh token of {name} ends at {when}, in {span(ends_at - now)}, and no refresh moves that.",
        remedy,
        name,
    )


def _unused(name: str, held: DocumentFacts, now: datetime, command: Command, *, is_paused: bool) -> Iterator[Finding]:
    """Judge a refresh token that ends if it is not used, or not replaced: Microsoft's after 30 days of its 90."""
    facts = refresh_token_facts(held.provider)
    ends_at = idle_end(facts, held.refresh_token_issued_at, held.refreshed_at)
    whole = facts.idle or facts.lifetime
    if ends_at is None or whole is None:
        return
    left = ends_at - now
    age = whole - left
    if age <= whole / 3:
        return
    expiry = f"it {'expires' if left > timedelta(0) else 'expired'} at {readable_time(ends_at)}"
    if is_paused:
        text = f"{name} is paused, and its refresh token is {age.days} days old: {expiry}."
        remedy = command("resume", name)
    else:
        what = "replaced" if facts.rotation is TokenRotation.ALWAYS else "used"
        text = f"The refresh token of {name} has not been {what} for {age.days} days: {expiry}."
        remedy = f"{command('refresh', name)} (see docs/operations.md#expiry_warning)"
    yield (problem if left < whole / 9 else warning)(text, remedy, name)


def _refresh_tokens(context: CheckContext) -> Iterator[Finding]:
    yield from refresh_token_findings(context.loaded, context.paused, context.now, command_of(context))
    yield from unread_findings(context.loaded)


REFRESH_TOKENS: Final = Check(
    "refresh-tokens",
    "No refresh token is about to end, by its date or for want of use.",
    (*READS, "dynamodb:Scan"),
    _refresh_tokens,
)
