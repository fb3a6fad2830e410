"""Amazon DynamoDB as the place of incidents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from token_refresher.alert import Event
from token_refresher.aws_errors import translated
from token_refresher.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.incident import Incident
from token_refresher.revisions import put_over, revision_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_PREFIX: Final = "incident#"
_REMEMBERED: Final = timedelta(days=400)
"""Longer than any reminder's pause, and than a warning is to be remembered; an incident that nobody looks at ends."""


class DynamoDbIncidents:
    """The table ``incidents``, keyed by ``id``; the items of incidents begin with ``incident#``."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def get(self, incident_id: str) -> Incident | None:
        """See `Incidents.get`."""
        with translated("dynamodb"):
            item = self._table.get_item(Key=_key(incident_id), ConsistentRead=True).get("Item")
        if item is None:
            return None
        try:
            return _incident(incident_id, item)
        except (KeyError, TypeError, ValueError, AttributeError):
            # One that somebody edited must stand in nobody's way: it is over, and the next one takes its place.
            over_at = datetime.fromtimestamp(0, UTC)
            event = Event.OPERATOR_ACTION_REQUIRED
            return Incident(incident_id, event, over_at, over_at=over_at, revision=revision_of(item))

    def save(self, incident: Incident) -> Incident:
        """See `Incidents.save`."""
        written = replace(incident, revision=incident.revision + 1)
        put_over(self._table, incident.revision, _item(written), lambda: self.get(incident.id) == written)
        return written


def _key(incident_id: str) -> dict[str, str]:
    return {"id": _PREFIX + incident_id}


def _item(incident: Incident) -> dict[str, Any]:
    item = {
        **_key(incident.id),
        "event": str(incident.event),
        "since": to_rfc3339(incident.since),
        "affected": list(incident.affected),
        "members": list(incident.members),
        "told": incident.told,
        "told_at": optional_to_rfc3339(incident.told_at),
        "over_at": optional_to_rfc3339(incident.over_at),
        "again": incident.again,
        "mended": incident.mended,
        "claimed_by": incident.claimed_by or None,
        "claimed_at": optional_to_rfc3339(incident.claimed_at),
        "revision": incident.revision,
        "ttl": int(((incident.over_at or incident.told_at or incident.since) + _REMEMBERED).timestamp()),
    }
    return {key: value for key, value in item.items() if value is not None}


def _incident(incident_id: str, item: Mapping[str, Any]) -> Incident:
    return Incident(
        incident_id,
        Event(item["event"]),
        from_rfc3339(item["since"]),
        affected=tuple(item["affected"]),
        members=tuple(item["members"]),
        told=int(item["told"]),
        told_at=optional_from_rfc3339(item.get("told_at")),
        over_at=optional_from_rfc3339(item.get("over_at")),
        again=item["again"],
        mended=item["mended"],
        claimed_by=item.get("claimed_by", ""),
        claimed_at=optional_from_rfc3339(item.get("claimed_at")),
        revision=int(item["revision"]),
    )
