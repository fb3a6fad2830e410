"""The stack as a whole: is it complete, which version runs, does its timing hold, is this clock right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from token_refresher.base.errors import ConfigurationError
from token_refresher.base.version import __version__
from token_refresher.entrypoints.settings import Settings
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext, Health
from token_refresher_cli.doctor.finding import Finding, ok, problem, unknown, warning
from token_refresher_cli.installation.own_command import runbook

_COMPLETE: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE"}
)
_TAKEN_BACK: Final = frozenset({"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"})
"""Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""

_SKEW_TO_WATCH: Final = timedelta(seconds=5)
"""The clock skew that the timing of the stack allows for."""

_SKEW_THAT_MISLEADS: Final = timedelta(seconds=60)
"""AWS refuses requests that are five minutes off. The times that the command prints are wrong long before."""


def stack_findings(name: str, status: str, health: Health | None, page: str) -> Iterator[Finding]:
    """Judge the status of the stack, and the version that answers.

    Args:
        name: The name of the stack.
        status: Its status in CloudFormation.
        health: The health of the connect page; ``None`` if the operator did not want it requested.
        page: The runbook's entry for a connect page that does not answer.
    """
    events = f"aws cloudformation describe-stack-events --stack-name {name}"
    if status in _TAKEN_BACK:
        yield warning(f"The last deployment failed and was rolled back ({status}); the version before it runs.", events)
    elif status.endswith("_IN_PROGRESS") and status not in _COMPLETE and "ROLLBACK" not in status:
        yield warning(f"CloudFormation is changing the stack ({status}).", "Run the doctor again when that is done.")
    elif status not in _COMPLETE:
        yield problem(f"The stack is not complete ({status}).", events)
    if health is None:
        yield ok(f"{name} is complete ({status}); its version was not requested.")
    elif health.version is None:
        yield problem(f"The running version is not known: {health.url} {health.trouble}.", page)
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
    """Show the arithmetic of the timing, whether it holds or not."""
    if isinstance(settings, ConfigurationError):
        return problem(f"{settings}", "docs/deploy.md#timing-that-cannot-hold-is-refused")
    timing = settings.timing
    sum_ = " + ".join(f"{part.total_seconds():g} {name}" for name, part in timing.margin_parts.items())
    half = timing.access_token_lifetime / 2
    return ok(
        f"Tokens are refreshed {timing.margin.total_seconds():g} s before they expire ({sum_}), of {_s(half)} allowed."
    )


@dataclass(frozen=True)
class Clocks:
    """The times of two clocks at the same moment.

    Attributes:
        here: The time of this machine.
        there: The time of AWS; ``None`` if its answer had no date.
    """

    here: datetime
    there: datetime | None


def skew_finding(clocks: Clocks) -> Finding:
    """Judge how far apart two clocks are."""
    if clocks.there is None:
        return unknown("The answer of AWS had no date to compare this clock with.", "Compare it by hand: date -u")
    # The Date of an HTTP answer has whole seconds (RFC 9110, section 5.6.7), so a fraction would mean nothing.
    apart = timedelta(seconds=round(abs(clocks.here - clocks.there).total_seconds()))
    text = f"The clock of this machine is {_s(apart)} {'ahead of' if clocks.here > clocks.there else 'behind'} AWS."
    step = "Let NTP set the clock of this machine (timedatectl set-ntp true)."
    if apart > _SKEW_THAT_MISLEADS:
        return problem(f"{text} Times that this command prints are wrong, and AWS may refuse its requests.", step)
    if apart > _SKEW_TO_WATCH:
        return warning(text, step)
    return ok(f"The clocks of this machine and of AWS are {_s(apart)} apart.")


def _s(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"


def _stack(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    health = context.health if context.options.http else None
    yield from stack_findings(
        installation.stack, context.stack["StackStatus"], health, runbook(installation, "callback-errors")
    )


def _timing(context: CheckContext) -> Iterator[Finding]:
    try:
        yield timing_finding(context.installation.settings)
    except ConfigurationError as error:
        yield timing_finding(error)


def _clock_skew(context: CheckContext) -> Iterator[Finding]:
    before = context.now
    answer = context.installation.client("sts").get_caller_identity()
    after = context.now
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
    "timing", "The timing of the stack keeps every token fresh enough for pipelines; shows the arithmetic.", (), _timing
)
CLOCK_SKEW: Final = Check("clock-skew", "The clock of this machine agrees with that of AWS.", (), _clock_skew)
