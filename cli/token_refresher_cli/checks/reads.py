"""Which credentials nobody has read for a month: they can be removed, or their pipeline has stopped.

CloudTrail keeps every ``GetSecretValue`` for 90 days, and answers two questions a second. The functions of the stack
read more often than most pipelines, so how far back one can look depends on how many credentials there are.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.clock import from_rfc3339, readable_time
from token_refresher.phrases import names as listed
from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.finding import Finding, ok, unknown, warning
from token_refresher_cli.installation import USER_AGENT
from token_refresher_cli.own_command import own_command

LONG: Final = timedelta(days=30)

_PAUSE_SECONDS: Final = 0.5
"""Two requests a second are allowed.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

_ROLES: Final = ("DispatchRole", "RefreshRole", "CallbackRole")


@dataclass(frozen=True)
class Consumed:
    """A credential that somebody should be reading.

    Attributes:
        name: Its name.
        arn: Of its secret.
        secret_id: The name of its secret.
        created_at: When it was made, where that is known.
    """

    name: str
    arn: str
    secret_id: str
    created_at: datetime | None

    def is_meant_by(self, asked: str) -> bool:
        """Tell whether a reader asked for this secret: by its name, or by its ARN with its end or without."""
        return asked in {self.secret_id, self.arn, self.arn.rpartition("-")[0]}


@dataclass(frozen=True)
class Read:
    """One read of a secret.

    Attributes:
        at: When it was.
        secret_id: What was asked for.
        role: The name of the role whose session it was; empty where it was none.
        user_agent: What it was read with.
    """

    at: datetime
    secret_id: str
    role: str
    user_agent: str

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> "Read | None":
        """Read an event of CloudTrail; ``None`` for one that is not about a secret."""
        try:
            detail = json.loads(event["CloudTrailEvent"])
            asked = {key.lower(): value for key, value in (detail.get("requestParameters") or {}).items()}
            session = detail["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
            return cls(
                from_rfc3339(detail["eventTime"]),
                str(asked["secretid"]),
                str(session.get("userName", "")),
                str(detail.get("userAgent", "")),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def is_ours(self, roles: Iterable[str]) -> bool:
        """Tell whether the stack or this command read it, which is no use of it."""
        return self.role in roles or USER_AGENT in self.user_agent


@dataclass(frozen=True)
class Search:
    """How a search through CloudTrail ended.

    Attributes:
        unread: Whose reads were not found.
        seen_since: The oldest event that was looked at; ``None`` where there was none.
        whole: Whether all of the month was looked through.
    """

    unread: tuple[str, ...]
    seen_since: datetime | None
    whole: bool


def search(
    consumed: Sequence[Consumed], pages: Iterable[Sequence[Mapping[str, Any]]], roles: Sequence[str], limit: int
) -> Search:
    """Look through events from the newest on, until every credential has been seen read.

    Args:
        consumed: The credentials.
        pages: The events.
        roles: The names of the roles of the stack.
        limit: How many pages to look through.
    """
    left = list(consumed)
    oldest = None
    for number, page in enumerate(pages, start=1):
        for event in page:
            oldest = event.get("EventTime", oldest)
            read = Read.of_event(event)
            if read is not None and not read.is_ours(roles):
                left = [one for one in left if not one.is_meant_by(read.secret_id)]
        if not left or number >= limit:
            return Search(tuple(one.name for one in left), oldest, whole=not left)
    return Search(tuple(one.name for one in left), oldest, whole=True)


def read_findings(searched: Search, command: Mapping[str, str]) -> Iterator[Finding]:
    """Judge what was found.

    Args:
        searched: The search.
        command: What removes a credential, by its name.
    """
    if searched.unread and searched.seen_since is None:
        yield unknown(
            "CloudTrail knows of no read at all, not even of ours.",
            "See that this is the Region of the stack; events show up to fifteen minutes late.",
        )
    elif searched.whole:
        for name in searched.unread:
            yield warning(
                f"Nobody but the stack has read {name} for {LONG.days} days.",
                f"If no pipeline needs it: {command[name]}",
                name,
            )
        yield ok(f"Every credential that is {LONG.days} days old has been read since.")
    elif searched.seen_since is not None:
        yield ok(
            f"Looked back to {readable_time(searched.seen_since)} and no further, where nobody had read"
            f" {listed(searched.unread)}. To look further back: doctor --only unread --reads-pages 400."
        )


def _run(visit: Visit) -> Iterator[Finding]:
    installation, now = visit.installation, visit.now
    old = [
        Consumed(
            secret["Name"].removeprefix(f"{installation.prefix}/"), secret["ARN"], secret["Name"], secret["CreatedDate"]
        )
        for secret in visit.listed
        if now - secret["CreatedDate"] >= LONG
    ]
    if not old:
        yield ok(f"No credential is {LONG.days} days old yet.")
        return
    roles = [visit.resources[role] for role in _ROLES]
    searched = search(old, pages_of_reads(visit), roles, visit.options.reads_pages)
    yield from read_findings(searched, {name: own_command(installation, "remove", name) for name in searched.unread})


def pages_of_reads(visit: Visit) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the reads of the last month, newest first, as fast as CloudTrail allows."""
    client = visit.installation.client("cloudtrail")
    arguments: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "GetSecretValue"}],
        "StartTime": (visit.now - LONG).astimezone(UTC),
    }
    while True:
        answer = client.lookup_events(MaxResults=50, **arguments)
        yield answer["Events"]
        if "NextToken" not in answer:
            return
        arguments["NextToken"] = answer["NextToken"]
        time.sleep(_PAUSE_SECONDS)


UNREAD: Final = Check(
    "unread",
    "Every credential has been read by somebody within a month.",
    ("secretsmanager:ListSecrets", "cloudformation:ListStackResources", "cloudtrail:LookupEvents"),
    _run,
)
