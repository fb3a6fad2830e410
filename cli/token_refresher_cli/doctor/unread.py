"""The credentials that no pipeline has read for a month: it has stopped, or the credential can be removed.

CloudTrail keeps every ``GetSecretValue`` for 90 days, and allows two requests a second. The functions of the stack read
more often than most pipelines, so the more credentials there are, the less far back the events reach.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.base.clock import from_rfc3339, readable_time
from token_refresher.base.text import names as listed
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, unknown, warning
from token_refresher_cli.installation.installation import USER_AGENT
from token_refresher_cli.installation.own_command import own_command
from token_refresher_cli.installation.secret import Secret

LONG: Final = timedelta(days=30)

_PAUSE_SECONDS: Final = 0.5
"""CloudTrail allows two requests a second.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

_ROLES: Final = ("DispatchRole", "RefreshRole", "CallbackRole")


@dataclass(frozen=True)
class Read:
    """One read of a secret.

    Attributes:
        at: When it happened.
        secret_id: The name or ARN in the request.
        role: The name of the reader's role; empty if the reader has none.
        user_agent: The user agent of the reader.
    """

    at: datetime
    secret_id: str
    role: str
    user_agent: str

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> "Read | None":
        """Parse an event of CloudTrail; ``None`` for one that is not about a secret."""
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
        """Tell whether a function of the stack or this command read it, which is no use of it."""
        return self.role in roles or USER_AGENT in self.user_agent


@dataclass(frozen=True)
class Search:
    """The result of a search through CloudTrail.

    Attributes:
        unread: The names of the credentials of which no read was found.
        seen_since: The time of the oldest event that was read; ``None`` if there was none.
        whole: Whether the search covered the whole month, or found every credential before.
    """

    unread: tuple[str, ...]
    seen_since: datetime | None
    whole: bool


def search(
    secrets: Sequence[Secret], pages: Iterable[Sequence[Mapping[str, Any]]], roles: Sequence[str], limit: int
) -> Search:
    """Search events, the newest first, until a read of every credential is found.

    Args:
        secrets: The secrets that a pipeline should read.
        pages: The events, in pages.
        roles: The names of the stack's roles.
        limit: How many pages to read at most.
    """
    left = {secret.name: secret for secret in secrets}
    names = {secret_id: secret.name for secret in secrets for secret_id in _ids(secret)}
    oldest = None
    for number, page in enumerate(pages, start=1):
        for event in page:
            oldest = event.get("EventTime", oldest)
            read = Read.of_event(event)
            if read is not None and not read.is_ours(roles):
                left.pop(names.get(read.secret_id, ""), None)
        if not left or number >= limit:
            return Search(tuple(left), oldest, whole=not left)
    return Search(tuple(left), oldest, whole=True)


def _ids(secret: Secret) -> tuple[str, str, str]:
    """Return how a request may name a secret: by its name, or by its ARN with or without the random end."""
    without_end = secret.arn.rpartition("-")[0]
    return without_end.rpartition(":")[2], secret.arn, without_end


def read_findings(searched: Search, command: Mapping[str, str]) -> Iterator[Finding]:
    """Judge the result of a search.

    Args:
        searched: The result.
        command: The command that removes a credential, by its name.
    """
    if searched.unread and searched.seen_since is None:
        yield unknown(
            "CloudTrail has no read at all, not even one by the functions.",
            "Check that this is the Region of the stack. Events appear up to fifteen minutes late.",
        )
    elif searched.whole:
        for name in searched.unread:
            yield warning(
                f"Only the stack has read {name} in the last {LONG.days} days.",
                f"If no pipeline needs it: {command[name]}",
                name,
            )
        yield ok(f"Every credential that is {LONG.days} days old was read in that time.")
    elif searched.seen_since is not None:
        yield ok(
            f"The search went back to {readable_time(searched.seen_since)} and found no read of"
            f" {listed(searched.unread)}. To search further back: doctor --only unread --reads-pages 400."
        )


def _run(context: CheckContext) -> Iterator[Finding]:
    installation, now = context.installation, context.now
    old = [secret for secret in context.secrets if secret.created_at is not None and now - secret.created_at >= LONG]
    if not old:
        yield ok(f"No credential is {LONG.days} days old yet.")
        return
    roles = [context.resources[role] for role in _ROLES]
    searched = search(old, pages_of_reads(context), roles, context.options.reads_pages)
    yield from read_findings(searched, {name: own_command(installation, "remove", name) for name in searched.unread})


def pages_of_reads(context: CheckContext) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the reads of the last month, the newest first, as fast as CloudTrail allows."""
    client = context.installation.client("cloudtrail")
    arguments: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "GetSecretValue"}],
        "StartTime": (context.now - LONG).astimezone(UTC),
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
    "A pipeline has read every credential within the last month.",
    ("secretsmanager:ListSecrets", "cloudformation:ListStackResources", "cloudtrail:LookupEvents"),
    _run,
)
