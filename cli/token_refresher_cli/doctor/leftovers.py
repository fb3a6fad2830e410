"""Leftovers: requests in the dead-letter queue, tokens in escrow, pointers to renamed credentials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.aws.parameter_store import ParameterStoreEscrow
from token_refresher.base.clock import from_rfc3339, readable_time
from token_refresher.base.text import span
from token_refresher.base.timing import schedule_period
from token_refresher.rotation.secret_store import MOVED_UNTIL_TAG
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, problem, warning
from token_refresher_cli.installation.own_command import own_command, runbook


def dead_letter_finding(messages: int, page: str) -> Finding:
    """Judge how many requests are in the dead-letter queue."""
    if messages:
        what = "A request was" if messages == 1 else f"{messages} requests were"
        return warning(f"{what} moved to the dead-letter queue after five failures.", page)
    return ok("The dead-letter queue is empty.")


def escrow_findings(waiting: Mapping[str, datetime], now: datetime, period: timedelta, page: str) -> Iterator[Finding]:
    """Judge the tokens in escrow.

    Args:
        waiting: Since when the newest tokens of each credential wait, by its name.
        now: The time.
        period: The period of the schedule; two ticks should empty the escrow.
        page: The runbook's entry.
    """
    for name, since in sorted(waiting.items()):
        if now - since > 2 * period:
            yield problem(
                f"The newest tokens of {name} have waited in escrow for {span(now - since)}: they cannot be stored in"
                " the secret.",
                page,
                name,
            )
    yield ok(
        f"Tokens of {len(waiting)} credentials wait in escrow for the next refresh."
        if waiting
        else "The escrow is empty."
    )


@dataclass(frozen=True)
class Pointer:
    """The pointer that a rename left for consumers.

    Attributes:
        name: The old name.
        moved_to: The new name.
        until: Until when consumers may need it; ``None`` if the tag cannot be read.
        remove: The command that removes it.
    """

    name: str
    moved_to: str
    until: datetime | None
    remove: str


def pointer_findings(pointers: Sequence[Pointer], now: datetime) -> Iterator[Finding]:
    """Judge the pointers: the operator can remove those whose time is over."""
    for pointer in pointers:
        if pointer.until is None or pointer.until <= now:
            since = f"since {readable_time(pointer.until)}" if pointer.until else "(its date cannot be read)"
            yield warning(
                f"{pointer.name} is now {pointer.moved_to}, and its old secret is no longer needed {since}.",
                pointer.remove,
                pointer.name,
            )
    yield ok(
        f"{len(pointers)} pointers to renamed credentials are still needed." if pointers else "There is no pointer."
    )


def _dead_letter(context: CheckContext) -> Iterator[Finding]:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    answer = context.installation.client("sqs").get_queue_attributes(
        QueueUrl=context.installation.outputs["RefreshDeadLetterQueueUrl"], AttributeNames=list(names)
    )
    messages = sum(int(answer.get("Attributes", {}).get(name, 0)) for name in names)
    yield dead_letter_finding(messages, runbook(context.installation, "dead-letter"))


def _escrow(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    path, key = installation.environment["ESCROW_PATH"], installation.environment.get("ESCROW_KEY_ARN", "")
    waiting = ParameterStoreEscrow(installation.client("ssm"), path, key).waiting()
    period = schedule_period(installation.environment["REFRESH_SCHEDULE"])
    yield from escrow_findings(waiting, context.now, period, runbook(installation, "tokens-wait-in-escrow"))


def _pointers(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    pointers = []
    for secret in context.secrets:
        if secret.moved_to is not None:
            until = _time(secret.tags.get(MOVED_UNTIL_TAG, ""))
            remove = own_command(installation, "remove", secret.name)
            pointers.append(Pointer(secret.name, secret.moved_to, until, remove))
    yield from pointer_findings(pointers, context.now)


def _time(text: str) -> datetime | None:
    try:
        return from_rfc3339(text)
    except ValueError:
        return None


DEAD_LETTER: Final = Check(
    "dead-letter",
    "No request is in the dead-letter queue, where it goes after five failures.",
    ("sqs:GetQueueAttributes",),
    _dead_letter,
)
ESCROW: Final = Check(
    "escrow", "No tokens have waited in escrow for longer than two ticks.", ("ssm:DescribeParameters",), _escrow
)
POINTERS: Final = Check(
    "pointers",
    "No pointer to a renamed credential is kept for longer than consumers need it.",
    ("secretsmanager:ListSecrets",),
    _pointers,
)
