"""The events of a credential in order: the versions of its secret, and what the functions logged."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from token_refresher.base.clock import to_rfc3339
from token_refresher.rotation.secret_store import successor

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import SecretVersionsListEntryTypeDef

    from token_refresher_cli.installation.installation import Installation

_DERIVED: Final = 5
"""The UUID version of successor ids. AWS draws its ids at random, which is version 4 (RFC 9562)."""


_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


class Kind(StrEnum):
    """The kind of an event."""

    VERSION = "version"
    """A version of the secret was written."""

    REFRESH = "refresh"
    """A refresh, or another attempt."""

    CONSENT = "consent"
    """A step of a sign-in ended."""

    ALERT = "alert"
    """An alert was sent, or could not be sent."""


class Origin(StrEnum):
    """Who wrote a version."""

    SUCCESSOR = "successor"
    """It follows another version: a refresh or a consent wrote it."""

    EDIT = "edit"
    """A person or another program wrote it."""

    UNKNOWN = "unknown"
    """Its id is that of a successor, and Secrets Manager no longer keeps the version before it."""


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes:
        at: When it happened.
        kind: Its kind.
        text: What happened, for people; it holds no secret.
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
        """Return the event as one line."""
        return f"{to_rfc3339(self.at)}  {self.kind:<7}  {self.text}"


def in_order(events: Iterable[Event]) -> list[Event]:
    """Sort events, the newest last."""
    return sorted(events, key=lambda event: event.at)


def versions(installation: "Installation", arn: str) -> list[Event]:
    """Return an event for each version of a secret that is kept, also for those without a staging label."""
    found = list(installation.secrets.versions(arn))
    predecessors = {successor(arn, version["VersionId"]): version["VersionId"] for version in found}
    # Times have whole seconds: versions of one second are put in the order in which they follow each other.
    found.sort(key=lambda version: (version["CreatedDate"], _successions(version["VersionId"], predecessors)))
    current = next((one["VersionId"] for one in found if _CURRENT in one.get("VersionStages", [])), None)
    return in_order(
        _version(one["VersionId"], one["CreatedDate"], _labels_that_matter(one, predecessors, current), predecessors)
        for one in found
    )


def _labels_that_matter(
    version: "SecretVersionsListEntryTypeDef", predecessors: Mapping[str, str], current: str | None
) -> list[str]:
    """Return the staging labels that matter: AWSPENDING stays on a promoted version and says nothing then."""
    is_pending = predecessors.get(version["VersionId"]) == current
    return [stage for stage in version.get("VersionStages", []) if stage != _PENDING or is_pending]


def _successions(version_id: str, predecessors: Mapping[str, str]) -> int:
    """Return how many versions a version follows, one after the other."""
    before = predecessors.get(version_id)
    return 0 if before is None else 1 + _successions(before, predecessors)


def _version(version_id: str, created: datetime, stages: list[str], predecessors: Mapping[str, str]) -> Event:
    before = predecessors.get(version_id)
    origin = Origin.SUCCESSOR if before else _origin(version_id)
    labels = f" [{', '.join(sorted(stages))}]" if stages else ""
    match origin:
        case Origin.SUCCESSOR:
            whose = f"written by Token Refresher, on top of {_short(before or '')}"
        case Origin.EDIT:
            whose = "written by a person or another program"
        case Origin.UNKNOWN:
            whose = "most likely written by Token Refresher; the version before it is no longer kept"
    facts = {"version_id": version_id, "stages": sorted(stages), "origin": str(origin), "successor_of": before}
    return Event(created.astimezone(UTC), Kind.VERSION, f"{_short(version_id)}{labels}: {whose}", facts)


def _origin(version_id: str) -> Origin:
    try:
        return Origin.UNKNOWN if uuid.UUID(version_id).version == _DERIVED else Origin.EDIT
    except ValueError:
        return Origin.EDIT


def _short(version_id: str) -> str:
    return version_id[:8]
