"""What happened to a credential, in order: the versions of its secret, and what the functions logged of it."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from token_refresher.clock import to_rfc3339
from token_refresher.secret_store import successor

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import SecretVersionsListEntryTypeDef

    from token_refresher_cli.installation import Installation

_DERIVED: Final = 5
"""The version of the UUIDs that successors have; those of AWS are drawn, which is 4 (RFC 9562)."""


_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


class Kind(StrEnum):
    """What an event is about."""

    VERSION = "version"
    """A version of the secret was written."""

    REFRESH = "refresh"
    """A refresh, or another look at it."""

    CONSENT = "consent"
    """A step of a sign-in ended."""

    ALERT = "alert"
    """People were told, or could not be."""


class Origin(StrEnum):
    """Whose a version is."""

    SUCCESSOR = "successor"
    """It continues another one: a refresh or a consent, or an edit with the command."""

    EDIT = "edit"
    """Somebody wrote it."""

    UNKNOWN = "unknown"
    """It looks like a successor, and the version that it would continue is not kept any more."""


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        at: When.
        kind: What it is about.
        text: What happened, for people; no secret.
        facts: The same for programs.
    """

    at: datetime
    kind: Kind
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Return the event as a flat JSON object."""
        return {"at": to_rfc3339(self.at), "kind": str(self.kind), "text": self.text, **self.facts}

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{to_rfc3339(self.at)}  {self.kind:<7}  {self.text}"


def in_order(events: Iterable[Event]) -> list[Event]:
    """Sort events, the newest last."""
    return sorted(events, key=lambda event: event.at)


def versions(installation: "Installation", arn: str) -> list[Event]:
    """Return the versions of a secret that are kept, the ones without a label as well."""
    found = list(_listed(installation.secrets, arn))
    predecessors = {successor(arn, version["VersionId"]): version["VersionId"] for version in found}
    # What was written within one second is in the order of its succession.
    found.sort(key=lambda version: (version["CreatedDate"], _successions(version["VersionId"], predecessors)))
    current = next((one["VersionId"] for one in found if _CURRENT in one.get("VersionStages", [])), None)
    return in_order(
        _version(one["VersionId"], one["CreatedDate"], _telling(one, predecessors, current), predecessors)
        for one in found
    )


def _telling(
    version: "SecretVersionsListEntryTypeDef", predecessors: Mapping[str, str], current: str | None
) -> list[str]:
    """Return the labels of a version that say something: once it was promoted, that it was pending does not."""
    is_pending = predecessors.get(version["VersionId"]) == current
    return [stage for stage in version.get("VersionStages", []) if stage != _PENDING or is_pending]


def _successions(version_id: str, predecessors: Mapping[str, str]) -> int:
    """Return how many versions before it a version continues, one after the other."""
    before = predecessors.get(version_id)
    return 0 if before is None else 1 + _successions(before, predecessors)


def _listed(client: "SecretsManagerClient", arn: str) -> "Iterator[SecretVersionsListEntryTypeDef]":
    # boto3 has no paginator for this call.
    page = client.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True)
    yield from page["Versions"]
    while token := page.get("NextToken"):
        page = client.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True, NextToken=token)
        yield from page["Versions"]


def _version(version_id: str, created: datetime, stages: list[str], predecessors: Mapping[str, str]) -> Event:
    before = predecessors.get(version_id)
    origin = Origin.SUCCESSOR if before else _origin(version_id)
    labels = f" [{', '.join(sorted(stages))}]" if stages else ""
    match origin:
        case Origin.SUCCESSOR:
            whose = f"written by Token Refresher, on top of {_short(before or '')}"
        case Origin.EDIT:
            whose = "written by somebody"
        case Origin.UNKNOWN:
            whose = "most likely written by Token Refresher; what was before it is not kept"
    facts = {"version_id": version_id, "stages": sorted(stages), "origin": str(origin), "successor_of": before}
    return Event(created.astimezone(UTC), Kind.VERSION, f"{_short(version_id)}{labels}: {whose}", facts)


def _origin(version_id: str) -> Origin:
    try:
        return Origin.UNKNOWN if uuid.UUID(version_id).version == _DERIVED else Origin.EDIT
    except ValueError:
        return Origin.EDIT


def _short(version_id: str) -> str:
    return version_id[:8]
