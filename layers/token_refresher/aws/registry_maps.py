"""Conversion of the records within a registry entry to maps of DynamoDB and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from token_refresher.base import identifiers
from token_refresher.base.clock import from_rfc3339, optional_from_rfc3339, optional_to_rfc3339, to_rfc3339
from token_refresher.base.words import Words
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.diagnosis.diagnosis import Actor, Concern, Diagnosis
from token_refresher.registry.issuer import Issuer
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.publication import Publication


def diagnosis_map(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the map of a diagnosis."""
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


def diagnosis_in(item: Mapping[str, Any]) -> Diagnosis:
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


def alert_map(alert: OpenAlert) -> dict[str, Any]:
    """Return the map of an open alert."""
    return {
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


def alert_in(item: Mapping[str, Any] | None) -> OpenAlert | None:
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


def intent_map(intent: ExchangeIntent) -> dict[str, Any]:
    """Return the map of an exchange intent."""
    return {
        "version_id": intent.version_id,
        "presented": intent.base.presented,
        "refreshed_at": optional_to_rfc3339(intent.base.refreshed_at),
        "at": to_rfc3339(intent.at),
        "since": to_rfc3339(intent.since),
        "is_consent": intent.is_consent,
        "attempt": intent.attempt,
        "end": str(intent.end),
    }


def intent_in(item: Mapping[str, Any]) -> ExchangeIntent:
    """Return the exchange intent in a map."""
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


def issuer_map(issuer: Issuer) -> dict[str, Any]:
    """Return the map of an issuer."""
    return asdict(issuer)


def issuer_in(item: Mapping[str, Any]) -> Issuer:
    """Return the issuer in a map."""
    return Issuer(item["provider"], item["authority"], Words(**item["words"]))


def account_map(account: KnownAccount) -> dict[str, Any]:
    """Return the map of what is known of an account."""
    return {
        "account_id": account.account_id,
        "access": str(account.access),
        "name": account.name,
        "status": account.status,
        "told": str(account.notified) if account.notified else None,
        "told_at": optional_to_rfc3339(account.notified_at),
    }


def account_in(item: Mapping[str, Any]) -> KnownAccount:
    """Return what is known of an account."""
    return KnownAccount(
        identifiers.number(item["account_id"]),
        AccountAccess(item["access"]),
        name=item["name"],
        status=item["status"],
        notified=Actor(item["told"]) if item["told"] else None,
        notified_at=optional_from_rfc3339(item["told_at"]),
    )


def publication_map(publication: Publication) -> dict[str, Any]:
    """Return the map of a publication."""
    return {
        "secret": publication.secret,
        "version_id": publication.version_id,
        "generation": publication.generation,
        "refreshed_at": publication.refreshed_at,
        "digest": publication.digest,
        "until": optional_to_rfc3339(publication.until),
    }


def publication_in(item: Mapping[str, Any]) -> Publication:
    """Return the publication in a map."""
    return Publication(
        item["secret"],
        item["version_id"],
        int(item["generation"]),
        item["refreshed_at"],
        item["digest"],
        optional_from_rfc3339(item["until"]),
    )


def answer_map(answer: LastRequest) -> dict[str, Any]:
    """Return the map of the answer to a request."""
    outcome = answer.outcome
    return {
        "request_id": outcome.request_id,
        "at": to_rfc3339(answer.at),
        "result": str(outcome.result),
        "diagnosis": diagnosis_map(outcome.diagnosis) if outcome.diagnosis else None,
        "expires_at": optional_to_rfc3339(outcome.expires_at),
        "presented": outcome.presented,
        "issued": outcome.issued,
        "used_previous_client_secret": outcome.used_previous_client_secret,
    }


def answer_in(credential: str, item: Mapping[str, Any]) -> LastRequest:
    """Return the answer to a request of a credential."""
    outcome = Outcome(
        credential,
        Result(item["result"]),
        diagnosis=diagnosis_in(item["diagnosis"]) if item["diagnosis"] else None,
        expires_at=optional_from_rfc3339(item["expires_at"]),
        presented=item["presented"],
        issued=item["issued"],
        used_previous_client_secret=item["used_previous_client_secret"],
        request_id=item["request_id"],
    )
    return LastRequest(from_rfc3339(item["at"]), outcome)
