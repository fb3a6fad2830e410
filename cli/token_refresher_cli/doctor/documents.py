"""The documents: can they be read, are two of them one credential, and what in them expires soon."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts.expiry import STAGES
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
    yield from unread_findings(rows)
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


def unread_findings(rows: Sequence[LoadedCredential]) -> Iterator[Finding]:
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
            elif ends_at - now <= timedelta(days=STAGES[0]):
                yield warning(
                    f"The client secret of {one.name} expires at {readable_time(ends_at)}, in {span(ends_at - now)}.",
                    rotate,
                    one.name,
                )
        yield from _certificate(one.name, one.facts.certificate_ends_at, now, command)
        if one.facts.has_previous_client_secret:
            yield warning(
                f"{one.name} still holds the previous client secret: its rotation was not finished.",
                rotate,
                one.name,
            )
    secrets = sum(1 for one in rows if one.facts and one.facts.has_client_secret)
    more = secrets - known
    unsaid = f" Of {more} the expiry is not known: set client_secret_expires_at." if more else ""
    yield ok(f"No client secret is known to expire within {STAGES[0]} days.{unsaid}")


def _certificate(name: str, ends_at: datetime | None, now: datetime, command: Command) -> Iterator[Finding]:
    if ends_at is None or ends_at - now > timedelta(days=STAGES[0]):
        return
    remedy = command("rotate-private-key", name, "--private-key", "FILE", "--certificate", "FILE")
    if ends_at <= now:
        yield problem(f"The certificate of {name} expired at {readable_time(ends_at)}.", remedy, name)
        return
    when = f"{readable_time(ends_at)}, in {span(ends_at - now)}"
    yield warning(f"The certificate of {name} expires at {when}.", remedy, name)


def command_of(context: CheckContext) -> Command:
    """Return what writes command lines for the installation of a context."""
    return lambda *words: own_command(context.installation, *words)


def _secrets(context: CheckContext) -> Iterator[Finding]:
    yield from secret_findings(
        context.loaded, command_of(context), lambda anchor: runbook(context.installation, anchor)
    )


def _duplicates(context: CheckContext) -> Iterator[Finding]:
    yield from duplicate_findings(context.loaded, command_of(context))
    yield from unread_findings(context.loaded)


def _client_secrets(context: CheckContext) -> Iterator[Finding]:
    yield from client_secret_findings(context.loaded, context.now, command_of(context))
    yield from unread_findings(context.loaded)


READS: Final = ("secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue")
"""The rights to read the documents."""

SECRETS: Final = Check(
    "secrets", "Every secret under the prefix can be read, is well formed, and has a name that works.", READS, _secrets
)
DUPLICATES: Final = Check(
    "duplicates", "No two credentials share an app and an account, or a refresh token.", READS, _duplicates
)
CLIENT_SECRETS: Final = Check(
    "client-secrets",
    "No client secret or certificate expires soon, and no rotation is unfinished.",
    READS,
    _client_secrets,
)
