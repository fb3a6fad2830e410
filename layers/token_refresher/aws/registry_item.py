"""Conversion of a registry entry to an item of DynamoDB and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from zlib import crc32

from token_refresher.aws.conditional_put import revision_of
from token_refresher.aws.registry_maps import (
    account_in,
    account_map,
    alert_in,
    alert_map,
    answer_in,
    answer_map,
    diagnosis_in,
    diagnosis_map,
    intent_in,
    intent_map,
    issuer_in,
    issuer_map,
    publication_in,
    publication_map,
)
from token_refresher.base import identifiers
from token_refresher.base.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import THE_DEFAULT
from token_refresher.registry.sent_events import SentEvents
from token_refresher.registry.summary import DueEntry, EntrySummary
from token_refresher.rotation.secret_store import NO_VERSION

DUE_SHARDS: Final = ("0", "1")
"""The partition keys of the index ``due_by_shard``. Only entries with a next action have one.

DynamoDB takes 1,000 writes a second to one partition key. A refresh writes the index twice: it moves its entry. So two
shards hold 1,000 refreshes a second, and the quota of Secrets Manager allows 25.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""


def to_item(entry: RegistryEntry) -> dict[str, Any]:
    """Return an entry as a DynamoDB item, without the attributes that have no value."""
    item = {
        "name": entry.name,
        "version_id": entry.version_id,
        "status": str(entry.status),
        "next_action_at": optional_to_rfc3339(entry.next_action_at),
        "due_shard": due_shard(entry.name) if entry.next_action_at else None,
        "expires_at": optional_to_rfc3339(entry.expires_at),
        "refreshed_at": optional_to_rfc3339(entry.refreshed_at),
        "refresh_token_issued_at": optional_to_rfc3339(entry.refresh_token_issued_at),
        "refresh_token_expires_at": optional_to_rfc3339(entry.refresh_token_expires_at),
        "failures": entry.failures,
        "lineage": list(entry.lineage) or None,
        "versions_spent_until": optional_to_rfc3339(entry.versions_spent_until),
        "revision": entry.revision,
        "meaning": entry.diagnosis.meaning if entry.diagnosis else None,  # An index can have no part of a map.
        "diagnosis": diagnosis_map(entry.diagnosis) if entry.diagnosis else None,
        "alert": alert_map(entry.alert) if entry.alert else None,
        "account": account_map(entry.account) if entry.account else None,
        "intent": intent_map(entry.intent) if entry.intent else None,
        "identity": entry.identity.to_document() if entry.identity else None,
        "untold": entry.notification_pending or None,
        "unannounced": entry.unannounced or None,
        "client_id": entry.client_id or None,
        "issuer": issuer_map(entry.issuer) if entry.issuer != THE_DEFAULT else None,
        "claims": entry.claims or None,
        "failing_since": optional_to_rfc3339(entry.failing_since),
        "attempts": entry.attempts or None,
        "risk_over_at": optional_to_rfc3339(entry.risk_over_at),
        "warned": list(entry.warned) or None,
        "answers": [answer_map(answer) for answer in entry.answers] or None,
        "publications": [publication_map(one) for one in entry.publications] or None,
        "sent_refreshed_at": optional_to_rfc3339(entry.sent_events.refreshed_at),
        "sent_needs_consent": entry.sent_events.needs_consent or None,
    }
    return {key: value for key, value in item.items() if value is not None}


def due_shard(name: str) -> str:
    """Return the shard of the index that has the entry of a credential, if it has a next action."""
    return DUE_SHARDS[crc32(name.encode()) % len(DUE_SHARDS)]


def from_item(item: Mapping[str, Any]) -> RegistryEntry:
    """Return the entry in an item.

    The registry is only an index. An item that cannot be read (another version of this software wrote it, or a person
    edited it) counts as newly discovered: it is due now, unless it is paused, and it does not stop the other entries.
    """
    try:
        return _entry(item)
    except (KeyError, TypeError, ValueError, AttributeError):
        version_id = item.get("version_id")
        discovered = RegistryEntry.discovered(
            item["name"],
            str(version_id or NO_VERSION),
            datetime.fromtimestamp(0, UTC),
            is_paused=item.get("status") == Status.PAUSED,
        )
        return replace(discovered, revision=revision_of(item))


def _entry(item: Mapping[str, Any]) -> RegistryEntry:
    return RegistryEntry(
        name=item["name"],
        version_id=item["version_id"],
        status=Status(item["status"]),
        next_action_at=optional_from_rfc3339(item.get("next_action_at")),
        expires_at=optional_from_rfc3339(item.get("expires_at")),
        refreshed_at=optional_from_rfc3339(item.get("refreshed_at")),
        refresh_token_issued_at=optional_from_rfc3339(item.get("refresh_token_issued_at")),
        refresh_token_expires_at=optional_from_rfc3339(item.get("refresh_token_expires_at")),
        failures=int(item["failures"]),
        diagnosis=diagnosis_in(item["diagnosis"]) if "diagnosis" in item else None,
        alert=alert_in(item.get("alert")),
        identity=Identity.from_document(item["identity"]) if "identity" in item else None,
        intent=intent_in(item["intent"]) if "intent" in item else None,
        notification_pending=item.get("untold", False),
        unannounced=item.get("unannounced", False),
        client_id=identifiers.client_id(item.get("client_id", "")),
        issuer=issuer_in(item["issuer"]) if "issuer" in item else THE_DEFAULT,
        claims=item.get("claims", ""),
        failing_since=optional_from_rfc3339(item.get("failing_since")),
        # An older version counted only the attempts that failed in the same way, in `failures`.
        attempts=int(item.get("attempts", item["failures"] if "failing_since" in item else 0)),
        risk_over_at=optional_from_rfc3339(item.get("risk_over_at")),
        warned=tuple(item.get("warned", ())),
        lineage=tuple(item.get("lineage", ())),
        versions_spent_until=optional_from_rfc3339(item.get("versions_spent_until")),
        account=account_in(item["account"]) if "account" in item else None,
        answers=tuple(answer_in(item["name"], answer) for answer in item.get("answers", ())),
        publications=tuple(publication_in(one) for one in item.get("publications", ())),
        sent_events=SentEvents(
            optional_from_rfc3339(item.get("sent_refreshed_at")), item.get("sent_needs_consent", "")
        ),
        revision=int(item["revision"]),
    )


def summary_of(item: Mapping[str, Any]) -> EntrySummary:
    """Return the summary in a projected item; one that cannot be read counts as newly discovered, as in `from_item`."""
    name, version_id = str(item["name"]), str(item.get("version_id", NO_VERSION))
    try:
        issued_at, ends_at = (
            optional_from_rfc3339(item.get(key)) for key in ("refresh_token_issued_at", "refresh_token_expires_at")
        )
        return EntrySummary(name, version_id, Status(item["status"]), issued_at, ends_at)
    except (KeyError, TypeError, ValueError, AttributeError):
        return EntrySummary(name, version_id, Status.AWAITING_CONSENT)


def due_entry_of(item: Mapping[str, Any]) -> DueEntry:
    """Return the entry in an item of the index; one that cannot be read has been due for ever."""
    name, version_id = str(item["name"]), str(item.get("version_id", NO_VERSION))
    try:
        return DueEntry(
            name,
            version_id,
            Status(item["status"]),
            from_rfc3339(item["next_action_at"]),
            expires_at=optional_from_rfc3339(item.get("expires_at")),
            failing_since=optional_from_rfc3339(item.get("failing_since")),
            meaning=str(item.get("meaning", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return DueEntry(name, version_id, Status.AWAITING_CONSENT, datetime.fromtimestamp(0, UTC))
