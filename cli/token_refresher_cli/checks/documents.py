"""What the secrets say: can they be read, do they stand in each other's way, what in them ends soon."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from token_refresher.clock import readable_time
from token_refresher.expiry import SECRET_STAGES
from token_refresher.phrases import names as listed
from token_refresher.phrases import span
from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Held, Visit
from token_refresher_cli.finding import Finding, ok, problem, unknown, warning
from token_refresher_cli.own_command import own_command, runbook

Command = Callable[..., str]
"""Writes a command line of ours for this installation."""

_OLD: Final = timedelta(days=30)
_ENDING: Final = timedelta(days=80)
_LIFETIME: Final = timedelta(days=90)
"""A refresh token that is not used ends after 90 days; one that is used is replaced.

Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
"""


def secret_findings(held: Sequence[Held], command: Command, page: str) -> Iterator[Finding]:
    """Judge whether the secrets are credential documents.

    Args:
        held: The credentials.
        command: Writes our commands.
        page: Where the runbook tells what to do with a text in which no key can be set.
    """
    for one in held:
        if one.malformed:
            yield problem(
                f"{one.name} is no credential document: {one.malformed}.",
                command("set", one.name, "KEY=VALUE") if one.is_whole else page,
                one.name,
            )
    yield from _unread(held)
    yield ok(f"Every secret can be read and is well formed ({len(held)})." if held else "There is no credential yet.")


def _unread(held: Sequence[Held]) -> Iterator[Finding]:
    """Say which secrets could not be read: one finding for all that share the reason."""
    reasons = defaultdict(list)
    for one in held:
        if one.refused:
            reasons[one.refused].append(one.name)
    for reason, names in reasons.items():
        yield unknown(
            f"{listed(tuple(names))} could not be read. {reason}",
            "Ask for the right secretsmanager:GetSecretValue on them, and kms:Decrypt on a key of your own.",
            names[0] if len(names) == 1 else "",
        )


def duplicate_findings(held: Sequence[Held], command: Command) -> Iterator[Finding]:
    """Judge whether two credentials are one."""
    shared = _groups((one.credential.fingerprint, one.name) for one in held if one.credential)
    for names in shared:
        yield problem(
            f"{_all(names)} hold the same refresh token: the first to use it ends it for the others.",
            f"Give each its own sign-in ({command('link', names[1])}), or remove it: {command('remove', names[1])}",
        )
    accounts = _groups(
        (f"{one.credential.client_id} {one.credential.account_id}", one.name)
        for one in held
        if one.credential and one.credential.account_id
    )
    for names in accounts:
        if names not in shared:
            yield warning(
                f"{_all(names)} are for the same app and the same account.",
                f"If one of them is enough, remove the other: {command('remove', names[1])}",
            )
    yield ok("No two credentials share an app and an account, or a refresh token.")


def _groups(keyed: Iterable[tuple[str, str]]) -> list[list[str]]:
    found = defaultdict(list)
    for key, name in keyed:
        if key:
            found[key].append(name)
    return [names for names in found.values() if len(names) > 1]


def _all(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def client_secret_findings(held: Sequence[Held], now: datetime, command: Command) -> Iterator[Finding]:
    """Judge which client secrets end, and which rotations were not finished."""
    known = 0
    for one in held:
        if one.credential is None:
            continue
        rotate = command("rotate-client-secret", one.name)
        ends_at = one.credential.client_secret_expires_at
        if ends_at is not None:
            known += 1
            if ends_at <= now:
                yield problem(f"The client secret of {one.name} ended at {readable_time(ends_at)}.", rotate, one.name)
            elif ends_at - now <= timedelta(days=SECRET_STAGES[0]):
                yield warning(
                    f"The client secret of {one.name} ends at {readable_time(ends_at)}, in {span(ends_at - now)}.",
                    rotate,
                    one.name,
                )
        if one.credential.previous_client_secret is not None:
            yield warning(
                f"{one.name} still holds the client secret before the last one: its rotation was not finished.",
                rotate,
                one.name,
            )
    secrets = sum(1 for one in held if one.credential and one.credential.client_secret)
    more = secrets - known
    unsaid = f" Of {more} the end is not known: set client_secret_expires_at." if more else ""
    yield ok(f"No client secret is known to end within {SECRET_STAGES[0]} days.{unsaid}")


def refresh_token_findings(
    held: Sequence[Held], paused: Iterable[str], now: datetime, command: Command
) -> Iterator[Finding]:
    """Judge which refresh tokens are old: each use brings a new one, so an old one is not used, or not replaced."""
    for one in held:
        issued_at = one.credential.refresh_token_issued_at if one.credential else None
        if one.credential is None or one.credential.refresh_token is None or issued_at is None:
            continue
        age = now - issued_at
        if age <= _OLD:
            continue
        ends = f"it ends at {readable_time(issued_at + _LIFETIME)}"
        if one.name in set(paused):
            text = f"{one.name} is paused, and its refresh token is {age.days} days old: {ends}."
            remedy = command("resume", one.name)
        else:
            text = f"The refresh token of {one.name} has not been replaced for {age.days} days: {ends}."
            remedy = f"{command('refresh', one.name)} (see docs/operations.md#expiry_warning)"
        yield (problem if age > _ENDING else warning)(text, remedy, one.name)
    yield ok(f"No refresh token is older than {_OLD.days} days.")


def _command(visit: Visit) -> Command:
    return lambda *words: own_command(visit.installation, *words)


def _secrets(visit: Visit) -> Iterator[Finding]:
    page = runbook(visit.installation, "a-secret-that-is-no-json")
    yield from secret_findings(visit.held, _command(visit), page)


def _duplicates(visit: Visit) -> Iterator[Finding]:
    yield from duplicate_findings(visit.held, _command(visit))
    yield from _unread(visit.held)


def _client_secrets(visit: Visit) -> Iterator[Finding]:
    yield from client_secret_findings(visit.held, visit.now, _command(visit))
    yield from _unread(visit.held)


def _refresh_tokens(visit: Visit) -> Iterator[Finding]:
    yield from refresh_token_findings(visit.held, visit.paused, visit.now, _command(visit))
    yield from _unread(visit.held)


_READS: Final = ("secretsmanager:ListSecrets", "secretsmanager:GetSecretValue")

SECRETS: Final = Check("secrets", "Every secret under the prefix can be read, and is well formed.", _READS, _secrets)
DUPLICATES: Final = Check(
    "duplicates", "No two credentials share an app and an account, or a refresh token.", _READS, _duplicates
)
CLIENT_SECRETS: Final = Check(
    "client-secrets", "No client secret ends soon, and no rotation was left unfinished.", _READS, _client_secrets
)
REFRESH_TOKENS: Final = Check(
    "refresh-tokens",
    "No refresh token is so old that it is about to end.",
    (*_READS, "dynamodb:Scan"),
    _refresh_tokens,
)
