"""The stack as a whole: is it complete, which version runs, do its numbers hold, does this clock go right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from token_refresher.errors import ConfigurationError
from token_refresher.settings import Settings
from token_refresher.version import __version__
from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Health, Visit
from token_refresher_cli.finding import Finding, ok, problem, unknown, warning
from token_refresher_cli.own_command import runbook

_COMPLETE: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE"}
)
_TAKEN_BACK: Final = frozenset({"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"})
"""Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""

_SKEW_TO_WATCH: Final = timedelta(seconds=5)
"""What the timing of the stack reckons with."""

_SKEW_THAT_MISLEADS: Final = timedelta(seconds=60)
"""AWS refuses requests that are five minutes off; times that the command prints are wrong long before."""


def stack_findings(name: str, status: str, health: Health | None, page: str) -> Iterator[Finding]:
    """Judge the status of the stack, and the version that answers.

    Args:
        name: Of the stack.
        status: As CloudFormation has it.
        health: What the connect page said, or ``None`` where it was not to be asked.
        page: Where the runbook tells what to do if it does not answer.
    """
    events = f"aws cloudformation describe-stack-events --stack-name {name}"
    if status in _TAKEN_BACK:
        yield warning(f"The last deployment failed and was taken back ({status}); what was there before runs.", events)
    elif status.endswith("_IN_PROGRESS") and status not in _COMPLETE and "ROLLBACK" not in status:
        yield warning(f"The stack is being changed ({status}).", "Look again when that is over.")
    elif status not in _COMPLETE:
        yield problem(f"The stack is not complete ({status}).", events)
    if health is None:
        yield ok(f"{name} is complete ({status}); which version runs was not asked.")
    elif health.version is None:
        yield problem(f"Which version runs cannot be told: {health.url} {health.trouble}.", page)
    elif health.version != __version__:
        older = _numbers(health.version) < _numbers(__version__)
        yield warning(
            f"The stack runs version {health.version}, and this command is {__version__}.",
            "Deploy the stack again: make deploy" if older else f"Install version {health.version} of the command.",
        )
    else:
        yield ok(f"{name} is complete ({status}) and runs version {health.version}.")


def _numbers(version: str) -> list[tuple[bool, int, str]]:
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in version.split(".")]


def timing_finding(settings: Settings | ConfigurationError) -> Finding:
    """Show the arithmetic that keeps the promise, or the one that cannot."""
    if isinstance(settings, ConfigurationError):
        return problem(f"{settings}", "docs/deploy.md#timing-that-cannot-hold-is-refused")
    timing = settings.timing
    parts = (
        (timing.minimum_freshness, "promised"),
        (timing.schedule_period, "schedule"),
        (timing.longest_run, "longest run"),
        (timing.jitter, "jitter"),
        (timing.clock_skew, "clock skew"),
    )
    sum_ = " + ".join(f"{part.total_seconds():g} {name}" for part, name in parts)
    half = timing.access_token_lifetime / 2
    return ok(
        f"Tokens are renewed {timing.margin.total_seconds():g} s before their end ({sum_}), of {_s(half)} allowed."
    )


@dataclass(frozen=True)
class Clocks:
    """What two clocks showed at the same moment.

    Attributes:
        here: This machine's.
        there: That of AWS; ``None`` where its answer had no date.
    """

    here: datetime
    there: datetime | None


def skew_finding(clocks: Clocks) -> Finding:
    """Judge how far apart two clocks are."""
    if clocks.there is None:
        return unknown("The answer of AWS had no date to compare this clock with.", "Compare it yourself: date -u")
    apart = abs(clocks.here - clocks.there)
    text = f"The clock of this machine is {_s(apart)} {'ahead of' if clocks.here > clocks.there else 'behind'} AWS."
    step = "Let this machine set its clock by NTP (timedatectl set-ntp true)."
    if apart > _SKEW_THAT_MISLEADS:
        return problem(f"{text} Times that this command prints are wrong, and AWS may refuse its requests.", step)
    if apart > _SKEW_TO_WATCH:
        return warning(text, step)
    return ok(f"The clock of this machine and that of AWS are {_s(apart)} apart.")


def _s(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"


def _stack(visit: Visit) -> Iterator[Finding]:
    installation = visit.installation
    health = visit.health if visit.options.http else None
    yield from stack_findings(
        installation.stack, visit.stack["StackStatus"], health, runbook(installation, "callback-errors")
    )


def _timing(visit: Visit) -> Iterator[Finding]:
    try:
        yield timing_finding(visit.installation.settings)
    except ConfigurationError as error:
        yield timing_finding(error)


def _clock_skew(visit: Visit) -> Iterator[Finding]:
    before = visit.now
    answer = visit.installation.client("sts").get_caller_identity()
    after = visit.now
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    there = parsedate_to_datetime(date).astimezone(UTC) if date else None
    yield skew_finding(Clocks(before + (after - before) / 2, there))


STACK: Final = Check(
    "stack",
    "The stack is complete, its connect page answers, and it runs the version of this command.",
    ("cloudformation:DescribeStacks",),
    _stack,
)
TIMING: Final = Check(
    "timing", "The numbers of the stack keep the promise to pipelines; shows the arithmetic.", (), _timing
)
CLOCK_SKEW: Final = Check("clock-skew", "The clock of this machine agrees with that of AWS.", (), _clock_skew)
