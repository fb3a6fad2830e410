"""Amazon DynamoDB as the store of incidents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from token_refresher.alerts.incident import Incident
from token_refresher.aws.conditional_put import conditional_put, revision_of
from token_refresher.aws.errors import translated
from token_refresher.base.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.registry.open_alert import Event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_PREFIX: Final = "incident#"
_REMEMBERED: Final = timedelta(days=400)
"""How long an incident is kept: longer than the pause before any reminder, and than a warning must be remembered."""


class DynamoDbIncidents:
    """The items ``incident#{id}`` of the table ``incidents``, keyed by ``id``."""

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
            # An incident that cannot be read must block nothing: it counts as over, and the next one replaces it.
            over_at = datetime.fromtimestamp(0, UTC)
            event = Event.OPERATOR_ACTION_REQUIRED
            return Incident(incident_id, event, over_at, over_at=over_at, revision=revision_of(item))

    def save(self, incident: Incident) -> Incident:
        """See `Incidents.save`."""
        written = replace(incident, revision=incident.revision + 1)
        conditional_put(self._table, incident.revision, _item(written), lambda: self.get(incident.id) == written)
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
        "told": incident.notifications,
        "told_at": optional_to_rfc3339(incident.notified_at),
        "over_at": optional_to_rfc3339(incident.over_at),
        "again": incident.again,
        "mended": incident.mended,
        "warned": incident.warned or None,
        "named": incident.named or None,
        "claimed_by": incident.claimed_by or None,
        "claimed_at": optional_to_rfc3339(incident.claimed_at),
        "revision": incident.revision,
        "ttl": int(((incident.over_at or incident.notified_at or incident.since) + _REMEMBERED).timestamp()),
    }
    return {key: value for key, value in item.items() if value is not None}


def _incident(incident_id: str, item: Mapping[str, Any]) -> Incident:
    return Incident(
        incident_id,
        Event(item["event"]),
        from_rfc3339(item["since"]),
        affected=tuple(item["affected"]),
        members=tuple(item["members"]),
        notifications=int(item["told"]),
        notified_at=optional_from_rfc3339(item.get("told_at")),
        over_at=optional_from_rfc3339(item.get("over_at")),
        again=item["again"],
        mended=item["mended"],
        warned=item.get("warned", False),
        named=int(item.get("named", 0)),
        claimed_by=item.get("claimed_by", ""),
        claimed_at=optional_from_rfc3339(item.get("claimed_at")),
        revision=int(item["revision"]),
    )
