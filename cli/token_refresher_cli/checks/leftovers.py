"""What was put aside: failed requests, tokens in escrow, pointers to credentials that have moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.clock import from_rfc3339, readable_time
from token_refresher.parameter_store import ParameterStoreEscrow
from token_refresher.phrases import span
from token_refresher.secret_store import MOVED_TO_TAG, MOVED_UNTIL_TAG
from token_refresher.timing import schedule_period
from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.finding import Finding, ok, problem, warning
from token_refresher_cli.own_command import own_command, runbook


def dead_letter_finding(messages: int, page: str) -> Finding:
    """Judge how many requests failed three times."""
    if messages:
        what = "A request was" if messages == 1 else f"{messages} requests were"
        return warning(f"{what} put aside after three failures.", page)
    return ok("No request was put aside.")


def escrow_findings(waiting: Mapping[str, datetime], now: datetime, period: timedelta, page: str) -> Iterator[Finding]:
    """Judge what waits in escrow.

    Args:
        waiting: Since when the newest tokens of a credential wait.
        now: The time.
        period: That of the schedule: two ticks should have emptied it.
        page: Where the runbook tells what to do.
    """
    for name, since in sorted(waiting.items()):
        if now - since > 2 * period:
            yield problem(
                f"The newest tokens of {name} wait in escrow for {span(now - since)}: they cannot be stored.",
                page,
                name,
            )
    yield ok(
        f"{len(waiting)} credentials wait for their next refresh in escrow." if waiting else "Nothing is in escrow."
    )


@dataclass(frozen=True)
class Pointer:
    """What a rename left for consumers.

    Attributes:
        name: The name that was.
        moved_to: The name that is.
        until: For how long the old one is kept; ``None`` where that cannot be read.
        remove: The command that takes it away.
    """

    name: str
    moved_to: str
    until: datetime | None
    remove: str


def pointer_findings(pointers: Sequence[Pointer], now: datetime) -> Iterator[Finding]:
    """Judge the pointers: those whose time is over are to be removed."""
    for pointer in pointers:
        if pointer.until is None or pointer.until <= now:
            since = f"since {readable_time(pointer.until)}" if pointer.until else "for a time that nobody can read"
            yield warning(
                f"{pointer.name} is now {pointer.moved_to}, and its old secret is no longer needed {since}.",
                pointer.remove,
                pointer.name,
            )
    yield ok(f"{len(pointers)} pointers to renamed credentials are kept." if pointers else "No pointer is left over.")


def _dead_letter(visit: Visit) -> Iterator[Finding]:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    answer = visit.installation.client("sqs").get_queue_attributes(
        QueueUrl=visit.installation.outputs["RefreshDeadLetterQueueUrl"], AttributeNames=list(names)
    )
    messages = sum(int(answer.get("Attributes", {}).get(name, 0)) for name in names)
    yield dead_letter_finding(messages, runbook(visit.installation, "dead-letter"))


def _escrow(visit: Visit) -> Iterator[Finding]:
    installation = visit.installation
    path, key = installation.environment["ESCROW_PATH"], installation.environment.get("KMS_KEY_ARN", "")
    waiting = ParameterStoreEscrow(installation.client("ssm"), path, key).waiting()
    period = schedule_period(installation.environment["REFRESH_SCHEDULE"])
    yield from escrow_findings(waiting, visit.now, period, runbook(installation, "tokens-wait-in-escrow"))


def _pointers(visit: Visit) -> Iterator[Finding]:
    installation = visit.installation
    pointers = []
    for secret in visit.listed:
        tags = {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])}
        if MOVED_TO_TAG in tags:
            name = secret["Name"].removeprefix(f"{installation.prefix}/")
            until = _time(tags.get(MOVED_UNTIL_TAG, ""))
            pointers.append(Pointer(name, tags[MOVED_TO_TAG], until, own_command(installation, "remove", name)))
    yield from pointer_findings(pointers, visit.now)


def _time(text: str) -> datetime | None:
    try:
        return from_rfc3339(text)
    except ValueError:
        return None


DEAD_LETTER: Final = Check(
    "dead-letter", "No request was put aside after three failures.", ("sqs:GetQueueAttributes",), _dead_letter
)
ESCROW: Final = Check(
    "escrow", "No tokens wait in escrow for longer than two ticks.", ("ssm:DescribeParameters",), _escrow
)
POINTERS: Final = Check(
    "pointers",
    "No secret of an old name is kept for longer than it was to be.",
    ("secretsmanager:ListSecrets",),
    _pointers,
)
