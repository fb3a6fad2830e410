"""Conversion of a registry entry to an item of DynamoDB and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zlib import crc32

from token_refresher.aws.conditional_put import revision_of
from token_refresher.base import identifiers
from token_refresher.base.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Concern, Diagnosis
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher.registry.sent_events import SentEvents
from token_refresher.registry.summary import DueEntry, EntrySummary
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.publication import Publication
from token_refresher.rotation.secret_store import NO_VERSION

DUE_SHARDS: Final = ("0", "1")
"""The partition keys of the index ``due_by_shard``. Only entries with a next action have one.

DynamoDB takes 1,000 writes a second to one partition key. A refresh writes the index twice: it moves its entry. So two
shards hold 1,000 refreshes a second, and the quota of Secrets Manager allows 25.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""


def to_item(entry: RegistryEntry) -> dict[str, Any]:
    """Return an entry as a DynamoDB item, without the attributes that have no value."""
    item: dict[str, Any] = {
        "name": entry.name,
        "version_id": entry.version_id,
        "status": str(entry.status),
        "next_action_at": optional_to_rfc3339(entry.next_action_at),
        "due_shard": due_shard(entry.name) if entry.next_action_at else None,
        "expires_at": optional_to_rfc3339(entry.expires_at),
        "refreshed_at": optional_to_rfc3339(entry.refreshed_at),
        "refresh_token_issued_at": optional_to_rfc3339(entry.refresh_token_issued_at),
        "failures": entry.failures,
        "lineage": list(entry.lineage) or None,
        "versions_spent_until": optional_to_rfc3339(entry.versions_spent_until),
        "revision": entry.revision,
        "identity": entry.identity.to_document() if entry.identity else None,
        "untold": entry.notification_pending or None,
        "unannounced": entry.unannounced or None,
        "client_id": entry.client_id or None,
        "claims": entry.claims or None,
        "failing_since": optional_to_rfc3339(entry.failing_since),
        "attempts": entry.attempts or None,
        "risk_over_at": optional_to_rfc3339(entry.risk_over_at),
        "warned": list(entry.warned) or None,
        "answers": [_answer_item(answer) for answer in entry.answers] or None,
        "publications": [_publication_item(one) for one in entry.publications] or None,
        "sent_refreshed_at": optional_to_rfc3339(entry.sent_events.refreshed_at),
        "sent_needs_consent": entry.sent_events.needs_consent or None,
    }
    if entry.diagnosis is not None:
        item["meaning"] = entry.diagnosis.meaning  # An index can have no part of a map.
        item["diagnosis"] = _diagnosis_item(entry.diagnosis)
    if entry.alert is not None:
        alert = entry.alert
        item["alert"] = {
            "event": str(alert.event),
            "condition": alert.condition,
            "at": to_rfc3339(alert.at),
            "since": to_rfc3339(alert.since),
            "told": alert.notifications,
            "generation": alert.generation,
            "incident": alert.incident,
            "beside": alert.beside,
            "again": alert.again,
            "calm_since": optional_to_rfc3339(alert.calm_since),
        }
    if entry.account is not None:
        item["account"] = _account_item(entry.account)
    if entry.intent is not None:
        intent = entry.intent
        item["intent"] = {
            "version_id": intent.version_id,
            "presented": intent.base.presented,
            "refreshed_at": optional_to_rfc3339(intent.base.refreshed_at),
            "at": to_rfc3339(intent.at),
            "since": to_rfc3339(intent.since),
            "is_consent": intent.is_consent,
            "attempt": intent.attempt,
            "end": str(intent.end),
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
        failures=int(item["failures"]),
        diagnosis=_diagnosis(item["diagnosis"]) if "diagnosis" in item else None,
        alert=_alert(item.get("alert")),
        identity=Identity.from_document(item["identity"]) if "identity" in item else None,
        intent=_intent(item["intent"]) if "intent" in item else None,
        notification_pending=item.get("untold", False),
        unannounced=item.get("unannounced", False),
        client_id=identifiers.client_id(item.get("client_id", "")),
        claims=item.get("claims", ""),
        failing_since=optional_from_rfc3339(item.get("failing_since")),
        # An older version counted only the attempts that failed in the same way, in `failures`.
        attempts=int(item.get("attempts", item["failures"] if "failing_since" in item else 0)),
        risk_over_at=optional_from_rfc3339(item.get("risk_over_at")),
        warned=tuple(item.get("warned", ())),
        lineage=tuple(item.get("lineage", ())),
        versions_spent_until=optional_from_rfc3339(item.get("versions_spent_until")),
        account=_account(item["account"]) if "account" in item else None,
        answers=tuple(_answer(item["name"], answer) for answer in item.get("answers", ())),
        publications=tuple(_publication(one) for one in item.get("publications", ())),
        sent_events=SentEvents(
            optional_from_rfc3339(item.get("sent_refreshed_at")), item.get("sent_needs_consent", "")
        ),
        revision=int(item["revision"]),
    )


def _publication_item(publication: Publication) -> dict[str, Any]:
    return {
        "secret": publication.secret,
        "version_id": publication.version_id,
        "generation": publication.generation,
        "refreshed_at": publication.refreshed_at,
        "digest": publication.digest,
        "until": optional_to_rfc3339(publication.until),
    }


def _publication(item: Mapping[str, Any]) -> Publication:
    return Publication(
        item["secret"],
        item["version_id"],
        int(item["generation"]),
        item["refreshed_at"],
        item["digest"],
        optional_from_rfc3339(item["until"]),
    )


def _account_item(account: KnownAccount) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "access": str(account.access),
        "name": account.name,
        "status": account.status,
        "told": str(account.notified) if account.notified else None,
        "told_at": optional_to_rfc3339(account.notified_at),
    }


def _account(item: Mapping[str, Any]) -> KnownAccount:
    return KnownAccount(
        identifiers.number(item["account_id"]),
        AccountAccess(item["access"]),
        name=item["name"],
        status=item["status"],
        notified=Actor(item["told"]) if item["told"] else None,
        notified_at=optional_from_rfc3339(item["told_at"]),
    )


def _answer_item(answer: LastRequest) -> dict[str, Any]:
    outcome = answer.outcome
    return {
        "request_id": outcome.request_id,
        "at": to_rfc3339(answer.at),
        "result": str(outcome.result),
        "diagnosis": _diagnosis_item(outcome.diagnosis) if outcome.diagnosis else None,
        "expires_at": optional_to_rfc3339(outcome.expires_at),
        "presented": outcome.presented,
        "issued": outcome.issued,
        "used_previous_client_secret": outcome.used_previous_client_secret,
    }


def _answer(credential: str, item: Mapping[str, Any]) -> LastRequest:
    outcome = Outcome(
        credential,
        Result(item["result"]),
        diagnosis=_diagnosis(item["diagnosis"]) if item["diagnosis"] else None,
        expires_at=optional_from_rfc3339(item["expires_at"]),
        presented=item["presented"],
        issued=item["issued"],
        used_previous_client_secret=item["used_previous_client_secret"],
        request_id=item["request_id"],
    )
    return LastRequest(from_rfc3339(item["at"]), outcome)


def _diagnosis_item(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "code": diagnosis.code,
        "actor": str(diagnosis.actor),
        "certain": diagnosis.certain,
        "cause": diagnosis.cause,
        "action": diagnosis.action,
        "correlation_id": diagnosis.correlation_id,
        "meaning": diagnosis.meaning,
        "error": diagnosis.error,
        "suberror": diagnosis.suberror,
        "http_status": diagnosis.http_status,
        "reason": diagnosis.reason,
        "help_url": diagnosis.help_url,
        "concerns": str(diagnosis.concerns),
        "outage": diagnosis.outage,
        "pause_seconds": int(diagnosis.pause.total_seconds()),
    }


def summary_of(item: Mapping[str, Any]) -> EntrySummary:
    """Return the summary in a projected item; one that cannot be read counts as newly discovered, as in `from_item`."""
    name, version_id = str(item["name"]), str(item.get("version_id", NO_VERSION))
    try:
        issued_at = optional_from_rfc3339(item.get("refresh_token_issued_at"))
        return EntrySummary(name, version_id, Status(item["status"]), issued_at)
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


def _diagnosis(item: Mapping[str, Any]) -> Diagnosis:
    """Return a diagnosis; one that an older version wrote ends with ``correlation_id``, and its code is its meaning."""
    status = item.get("http_status")
    return Diagnosis(
        item["code"],
        Actor(item["actor"]),
        certain=bool(item["certain"]),
        cause=item["cause"],
        action=item["action"],
        correlation_id=item["correlation_id"],
        meaning=item.get("meaning", item["code"]),
        error=item.get("error", ""),
        suberror=item.get("suberror", ""),
        http_status=None if status is None else int(status),
        reason=item.get("reason", ""),
        help_url=item.get("help_url", ""),
        concerns=Concern(item.get("concerns", Concern.CREDENTIAL)),
        outage=bool(item.get("outage", False)),
        pause=timedelta(seconds=int(item.get("pause_seconds", 0))),
    )


def _alert(item: Mapping[str, Any] | None) -> OpenAlert | None:
    """Return the open alert; one that an older version wrote is ignored, so people are notified once more."""
    if item is None or "condition" not in item:
        return None
    return OpenAlert(
        Event(item["event"]),
        item["condition"],
        from_rfc3339(item["at"]),
        from_rfc3339(item["since"]),
        notifications=int(item["told"]),
        generation=item["generation"],
        incident=item["incident"],
        beside=item["beside"],
        again=item["again"],
        calm_since=optional_from_rfc3339(item.get("calm_since")),
    )


def _intent(item: Mapping[str, Any]) -> ExchangeIntent:
    base = Base(item["presented"], optional_from_rfc3339(item.get("refreshed_at")))
    return ExchangeIntent(
        item["version_id"],
        base,
        from_rfc3339(item["at"]),
        from_rfc3339(item["since"]),
        is_consent=item["is_consent"],
        attempt=item["attempt"],
        end=End(item["end"]),
    )
