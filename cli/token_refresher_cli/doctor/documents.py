"""The documents: can they be read, are two of them one credential, and what in them expires soon."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts.expiry import SECRET_STAGES
from token_refresher.base.clock import readable_time
from token_refresher.base.errors import MalformedCredentialError, ServiceUnavailableError
from token_refresher.base.text import names as listed
from token_refresher.base.text import span
from token_refresher.credential.name import fault_of_name
from token_refresher.rotation.secret_store import NAMELESS
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, problem, unknown, warning
from token_refresher_cli.doctor.loaded import LoadedCredential
from token_refresher_cli.installation.explanations import explained
from token_refresher_cli.installation.own_command import own_command, runbook

Command = Callable[..., str]
"""Writes a command line for this installation."""

Page = Callable[[str], str]
"""Returns the address of an entry of the runbook, by its anchor."""

_OLD: Final = timedelta(days=30)
_ENDING: Final = timedelta(days=80)
_LIFETIME: Final = timedelta(days=90)
"""A refresh token expires after 90 days without use. Each use replaces it.

Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
"""


def secret_findings(rows: Sequence[LoadedCredential], command: Command, page: Page) -> Iterator[Finding]:
    """Judge whether the secrets are credential documents.

    Args:
        rows: The credentials.
        command: Writes command lines.
        page: Returns the address of an entry of the runbook.
    """
    for one in rows:
        malformed = one.problem
        if malformed is not None:
            yield problem(
                f"{one.name} is no credential document: {malformed}.",
                page("a-secret-that-is-no-json") if malformed.field is None else command("set", one.name, "KEY=VALUE"),
                one.name,
            )
        yield from _provider_findings(one, command)
        foreign_pending = one.state.foreign_pending
        if foreign_pending:
            yield warning(
                f"{one.name} has a version that Token Refresher did not write under AWSPENDING ({foreign_pending}):"
                " another rotation works on the same secret. Refreshes go on, and each of them moves that label.",
                page("a-pending-version-of-somebody-else"),
                one.name,
            )
        fault = fault_of_name("" if one.name == NAMELESS else one.name)
        if fault:
            # No command takes an empty name.
            has_name = one.name not in {"", NAMELESS}
            remedy = command("rename", one.name, "NEW_NAME") if has_name else page("a-name-that-cannot-work")
            yield problem(
                f"{one.name if has_name else one.state.arn} has a name that cannot work. {fault}",
                remedy,
                one.name,
            )
    yield from _unread(rows)
    yield ok(f"Every secret can be read and is well formed ({len(rows)})." if rows else "There is no credential yet.")


def _provider_findings(one: LoadedCredential, command: Command) -> Iterator[Finding]:
    """Judge whether the functions can use the provider that a document names."""
    match one.provider_fault:
        case MalformedCredentialError() as fault:
            key = fault.field or "provider"
            yield problem(
                f"{one.name} cannot be refreshed: {fault}.",
                f"{command('set', one.name, f'{key}=VALUE')}; {command('providers')} lists the providers.",
                one.name,
            )
        case ServiceUnavailableError() as fault:
            known = explained(fault)
            yield unknown(
                f"The provider of {one.name} could not be read. {known.message if known else fault}",
                "Ask for the right ssm:GetParameter on the parameters below ProvidersPath.",
                one.name,
            )


def _unread(rows: Sequence[LoadedCredential]) -> Iterator[Finding]:
    """Yield one finding for all secrets that could not be read for the same reason."""
    reasons = defaultdict(list)
    for one in rows:
        if one.refusal is not None:
            known = explained(one.refusal)
            reasons[known.message if known else str(one.refusal)].append(one.name)
    for reason, names in reasons.items():
        yield unknown(
            f"{listed(tuple(names))} could not be read. {reason}",
            "Ask for the rights secretsmanager:BatchGetSecretValue, secretsmanager:GetSecretValue on them, and"
            " kms:Decrypt on a key of your own.",
            names[0] if len(names) == 1 else "",
        )


def duplicate_findings(rows: Sequence[LoadedCredential], command: Command) -> Iterator[Finding]:
    """Judge whether two credentials are the same one."""
    shared = _groups((one.facts.grant, one.name) for one in rows if one.facts)
    for names in shared:
        yield problem(
            f"{_all(names)} hold the same refresh token: the first one to use it makes it invalid for the others.",
            f"Let a person sign in for each ({command('link', names[1])}), or remove one:"
            f" {command('remove', names[1])}",
        )
    accounts = _groups((one.facts.account, one.name) for one in rows if one.facts)
    for names in accounts:
        if names not in shared:
            yield warning(
                f"{_all(names)} are for the same app and account.",
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


def client_secret_findings(rows: Sequence[LoadedCredential], now: datetime, command: Command) -> Iterator[Finding]:
    """Judge which client secrets expire soon, and which rotations are unfinished."""
    known = 0
    for one in rows:
        if one.facts is None:
            continue
        rotate = command("rotate-client-secret", one.name)
        ends_at = one.facts.client_secret_expires_at
        if ends_at is not None:
            known += 1
            if ends_at <= now:
                yield problem(f"The client secret of {one.name} expired at {readable_time(ends_at)}.", rotate, one.name)
            elif ends_at - now <= timedelta(days=SECRET_STAGES[0]):
                yield warning(
                    f"The client secret of {one.name} expires at {readable_time(ends_at)}, in {span(ends_at - now)}.",
                    rotate,
                    one.name,
                )
        if one.facts.has_previous_client_secret:
            yield warning(
                f"{one.name} still holds the previous client secret: its rotation was not finished.",
                rotate,
                one.name,
            )
    secrets = sum(1 for one in rows if one.facts and one.facts.has_client_secret)
    more = secrets - known
    unsaid = f" Of {more} the expiry is not known: set client_secret_expires_at." if more else ""
    yield ok(f"No client secret is known to expire within {SECRET_STAGES[0]} days.{unsaid}")


def refresh_token_findings(
    rows: Sequence[LoadedCredential], paused: Iterable[str], now: datetime, command: Command
) -> Iterator[Finding]:
    """Judge which refresh tokens are old. Each use replaces one, so an old one is not used or not replaced."""
    held_back = frozenset(paused)
    for one in rows:
        issued_at = one.facts.refresh_token_issued_at if one.facts else None
        if issued_at is None:
            continue
        age = now - issued_at
        if age <= _OLD:
            continue
        expiry = f"it expires at {readable_time(issued_at + _LIFETIME)}"
        if one.name in held_back:
            text = f"{one.name} is paused, and its refresh token is {age.days} days old: {expiry}."
            remedy = command("resume", one.name)
        else:
            text = f"The refresh token of {one.name} has not been replaced for {age.days} days: {expiry}."
            remedy = f"{command('refresh', one.name)} (see docs/operations.md#expiry_warning)"
        yield (problem if age > _ENDING else warning)(text, remedy, one.name)
    yield ok(f"No refresh token is older than {_OLD.days} days.")


def _command(context: CheckContext) -> Command:
    return lambda *words: own_command(context.installation, *words)


def _secrets(context: CheckContext) -> Iterator[Finding]:
    yield from secret_findings(context.loaded, _command(context), lambda anchor: runbook(context.installation, anchor))


def _duplicates(context: CheckContext) -> Iterator[Finding]:
    yield from duplicate_findings(context.loaded, _command(context))
    yield from _unread(context.loaded)


def _client_secrets(context: CheckContext) -> Iterator[Finding]:
    yield from client_secret_findings(context.loaded, context.now, _command(context))
    yield from _unread(context.loaded)


def _refresh_tokens(context: CheckContext) -> Iterator[Finding]:
    yield from refresh_token_findings(context.loaded, context.paused, context.now, _command(context))
    yield from _unread(context.loaded)


_READS: Final = ("secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue")

SECRETS: Final = Check(
    "secrets", "Every secret under the prefix can be read, is well formed, and has a name that works.", _READS, _secrets
)
DUPLICATES: Final = Check(
    "duplicates", "No two credentials share an app and an account, or a refresh token.", _READS, _duplicates
)
CLIENT_SECRETS: Final = Check(
    "client-secrets", "No client secret expires soon, and no rotation is unfinished.", _READS, _client_secrets
)
REFRESH_TOKENS: Final = Check(
    "refresh-tokens",
    "No refresh token is about to expire for want of use.",
    (*_READS, "dynamodb:Scan"),
    _refresh_tokens,
)
