"""A registry entry as an item of DynamoDB, and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.account import AccountAccess, KnownAccount
from token_refresher.alert import Event
from token_refresher.answer import Answer
from token_refresher.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.diagnosis import Actor, Concern, Diagnosis
from token_refresher.grant import Identity
from token_refresher.intent import Base, End, Intent
from token_refresher.open_alert import OpenAlert
from token_refresher.outcome import Result
from token_refresher.overview import Overview
from token_refresher.registry_entry import RegistryEntry
from token_refresher.revisions import revision_of
from token_refresher.secret_store import NO_VERSION
from token_refresher.status import Status

SCHEDULED: Final = "yes"
"""The partition of the index ``due``. Only entries with a next action have it, so the index holds only those."""


def to_item(entry: RegistryEntry) -> dict[str, Any]:
    """Return an entry as a DynamoDB item; what is unknown is left out."""
    item: dict[str, Any] = {
        "name": entry.name,
        "version_id": entry.version_id,
        "status": str(entry.status),
        "next_action_at": optional_to_rfc3339(entry.next_action_at),
        "scheduled": SCHEDULED if entry.next_action_at else None,
        "expires_at": optional_to_rfc3339(entry.expires_at),
        "refreshed_at": optional_to_rfc3339(entry.refreshed_at),
        "refresh_token_issued_at": optional_to_rfc3339(entry.refresh_token_issued_at),
        "failures": entry.failures,
        "lineage": list(entry.lineage) or None,
        "versions_spent_until": optional_to_rfc3339(entry.versions_spent_until),
        "revision": entry.revision,
        "identity": entry.identity.to_document() if entry.identity else None,
        "untold": entry.untold or None,
        "unannounced": entry.unannounced or None,
        "client_id": entry.client_id or None,
        "claims": entry.claims or None,
        "failing_since": optional_to_rfc3339(entry.failing_since),
        "risk_over_at": optional_to_rfc3339(entry.risk_over_at),
        "warned": list(entry.warned) or None,
    }
    if entry.diagnosis is not None:
        item["diagnosis"] = _diagnosis_item(entry.diagnosis)
    if entry.alert is not None:
        alert = entry.alert
        item["alert"] = {
            "event": str(alert.event),
            "condition": alert.condition,
            "at": to_rfc3339(alert.at),
            "since": to_rfc3339(alert.since),
            "told": alert.told,
            "generation": alert.generation,
            "incident": alert.incident,
            "beside": alert.beside,
            "again": alert.again,
            "calm_since": optional_to_rfc3339(alert.calm_since),
        }
    if entry.answer is not None:
        item["answer"] = _answer_item(entry.answer)
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


def from_item(item: Mapping[str, Any]) -> RegistryEntry:
    """Return the entry that an item holds.

    The registry is an index. A row of another version of this software, or one that somebody edited, is as good as
    none: it is looked at now, unless it is paused, and must not stand in the way of the others.
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
        untold=item.get("untold", False),
        unannounced=item.get("unannounced", False),
        client_id=item.get("client_id", ""),
        claims=item.get("claims", ""),
        failing_since=optional_from_rfc3339(item.get("failing_since")),
        risk_over_at=optional_from_rfc3339(item.get("risk_over_at")),
        warned=tuple(item.get("warned", ())),
        lineage=tuple(item.get("lineage", ())),
        versions_spent_until=optional_from_rfc3339(item.get("versions_spent_until")),
        account=_account(item["account"]) if "account" in item else None,
        answer=_answer(item["answer"]) if "answer" in item else None,
        revision=int(item["revision"]),
    )


def _account_item(account: KnownAccount) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "access": str(account.access),
        "name": account.name,
        "status": account.status,
        "told": str(account.told) if account.told else None,
        "told_at": optional_to_rfc3339(account.told_at),
    }


def _account(item: Mapping[str, Any]) -> KnownAccount:
    return KnownAccount(
        item["account_id"],
        AccountAccess(item["access"]),
        name=item["name"],
        status=item["status"],
        told=Actor(item["told"]) if item["told"] else None,
        told_at=optional_from_rfc3339(item["told_at"]),
    )


def _answer_item(answer: Answer) -> dict[str, Any]:
    return {
        "request_id": answer.request_id,
        "at": to_rfc3339(answer.at),
        "result": str(answer.result),
        "diagnosis": _diagnosis_item(answer.diagnosis) if answer.diagnosis else None,
        "expires_at": optional_to_rfc3339(answer.expires_at),
        "presented": answer.presented,
        "issued": answer.issued,
        "used_previous_client_secret": answer.used_previous_client_secret,
    }


def _answer(item: Mapping[str, Any]) -> Answer:
    return Answer(
        item["request_id"],
        from_rfc3339(item["at"]),
        Result(item["result"]),
        diagnosis=_diagnosis(item["diagnosis"]) if item["diagnosis"] else None,
        expires_at=optional_from_rfc3339(item["expires_at"]),
        presented=item["presented"],
        issued=item["issued"],
        used_previous_client_secret=item["used_previous_client_secret"],
    )


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
        "help_url": diagnosis.help_url,
        "concerns": str(diagnosis.concerns),
        "outage": diagnosis.outage,
        "pause_seconds": int(diagnosis.pause.total_seconds()),
    }


def overview_of(item: Mapping[str, Any]) -> Overview:
    """Return a projected item in short; one that cannot be read is a name and a version, as `from_item` has it."""
    name, version_id = str(item["name"]), str(item.get("version_id", NO_VERSION))
    try:
        return Overview(
            name,
            version_id,
            status=Status(item["status"]),
            expires_at=optional_from_rfc3339(item.get("expires_at")),
            refresh_token_issued_at=optional_from_rfc3339(item.get("refresh_token_issued_at")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Overview(name, version_id, Status.AWAITING_CONSENT)


def _diagnosis(item: Mapping[str, Any]) -> Diagnosis:
    """Read a diagnosis; one of an older version ends with ``correlation_id``, and its code was its meaning."""
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
        help_url=item.get("help_url", ""),
        concerns=Concern(item.get("concerns", Concern.CREDENTIAL)),
        outage=bool(item.get("outage", False)),
        pause=timedelta(seconds=int(item.get("pause_seconds", 0))),
    )


def _alert(item: Mapping[str, Any] | None) -> OpenAlert | None:
    """Return what people know; what an older version wrote of it is forgotten, and they are told once more."""
    if item is None or "condition" not in item:
        return None
    return OpenAlert(
        Event(item["event"]),
        item["condition"],
        from_rfc3339(item["at"]),
        from_rfc3339(item["since"]),
        told=int(item["told"]),
        generation=item["generation"],
        incident=item["incident"],
        beside=item["beside"],
        again=item["again"],
        calm_since=optional_from_rfc3339(item.get("calm_since")),
    )


def _intent(item: Mapping[str, Any]) -> Intent:
    base = Base(item["presented"], optional_from_rfc3339(item.get("refreshed_at")))
    return Intent(
        item["version_id"],
        base,
        from_rfc3339(item["at"]),
        from_rfc3339(item["since"]),
        is_consent=item["is_consent"],
        attempt=item["attempt"],
        end=End(item["end"]),
    )
