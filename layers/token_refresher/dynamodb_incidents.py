"""Amazon DynamoDB as the place of incidents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from token_refresher.alert import Event
from token_refresher.aws_errors import translated
from token_refresher.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.errors import StaleObservationError
from token_refresher.incident import Incident

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
        return None if item is None else _incident(incident_id, item)

    def save(self, incident: Incident) -> Incident:
        """See `Incidents.save`."""
        written = replace(incident, revision=incident.revision + 1)
        condition = Attr("revision").eq(incident.revision) if incident.revision else Attr("id").not_exists()
        try:
            with translated("dynamodb"):
                self._table.put_item(Item=_item(written), ConditionExpression=condition)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # A write that took effect and went unanswered was repeated by the client, and met itself.
            if self.get(incident.id) != written:
                raise StaleObservationError(incident.id) from error
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
