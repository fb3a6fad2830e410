"""The JSON of `show --output json`: all that is known of a credential, without its secrets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from token_refresher.base.clock import optional_to_rfc3339, to_rfc3339
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.document import Credential
from token_refresher.credential.fields import SECRET_KEYS
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.registry.open_alert import OpenAlert
from token_refresher_cli.changes.refresh_answer import answer_document, diagnosis_document
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.redaction import PUBLIC_OPERATOR_KEYS, fingerprint, members, unknown_keys
from token_refresher_cli.installation.row import CredentialRow
from token_refresher_cli.installation.secret import Secret
from token_refresher_cli.installation.timeline import Event
from token_refresher_cli.views.list_table import minutes_left
from token_refresher_cli.views.next_action import next_action


def credential_document(row: CredentialRow, secret: Secret, events: Sequence[Event], now: datetime) -> dict[str, Any]:
    """Return what is known of a credential. Times are RFC 3339 in UTC; unknown values are ``null``."""
    entry = row.entry
    return {
        "name": row.name,
        "status": str(row.status),
        "provider": _provider(row),
        "next_action": next_action(row, now).to_document(),
        "secret": _secret(row, secret),
        "document": _document(row.current),
        "token": _token(row, now),
        "consent": row.identity.to_document() if row.identity else None,
        "account": _account(row),
        "failures": entry.failures if entry else 0,
        "failing_since": optional_to_rfc3339(entry.failing_since) if entry else None,
        "diagnosis": diagnosis_document(entry.diagnosis) if entry and entry.diagnosis else None,
        "alert": _alert(entry.alert) if entry and entry.alert else None,
        "warnings": list(entry.warned) if entry else [],
        "answer": answer_document(entry.answer) if entry and entry.answer else None,
        "lineage": list(entry.lineage) if entry else [],
        "timeline": [event.to_document() for event in events],
    }


def _provider(row: CredentialRow) -> dict[str, Any]:
    """Return the provider; its titles as the last refresh has recorded them, or as the catalogue has them."""
    name, entry = row.provider, row.entry
    words = None
    if entry is not None and entry.issuer.provider == name:
        words = entry.issuer.words
    elif name in builtin_names():
        words = builtin(name).words
    return {"name": name, "title": words.provider if words else None, "product": words.product if words else None}


def settings(current: CurrentDocument) -> dict[str, Any]:
    """Return the effective values of the operator's keys that are not secret.

    A malformed document has none: a secret may stand under the wrong key.
    """
    credential, values = current.credential, members(current) or {}
    if credential is None:
        return {}
    is_default = credential.provider == DEFAULT_PROVIDER
    return {
        key: _setting(credential, key)
        for key in PUBLIC_OPERATOR_KEYS
        # The defaults are those of Microsoft Advertising.
        if key in values or (is_default and key != "provider" and _setting(credential, key))
    }


def fingerprints(current: CurrentDocument) -> dict[str, str]:
    """Return the fingerprints of the secrets in a document, by their keys."""
    values = members(current) or {}
    found = {key: fingerprint(values[key]) for key in SECRET_KEYS if key in values}
    return {key: shown["fingerprint"] for key, shown in found.items() if shown}


def _setting(credential: Credential, key: str) -> str | None:
    value = getattr(credential, key)
    return optional_to_rfc3339(value) if isinstance(value, datetime) else value


def _secret(row: CredentialRow, secret: Secret) -> dict[str, Any]:
    state, entry = row.state, row.entry
    return {
        "arn": secret.arn,
        "description": secret.description,
        "kms_key": secret.kms_key,
        "tags": dict(secret.tags),
        "replicas": list(secret.replicas),
        "created_at": optional_to_rfc3339(secret.created_at),
        "last_read_on": f"{secret.last_read_on:%Y-%m-%d}" if secret.last_read_on else None,
        "version_id": row.current.version_id or (state.current if state else None),
        "pending_version_id": state.unfinished_successor if state else None,
        "observed_version_id": entry.version_id if entry else None,
    }


def _document(current: CurrentDocument) -> dict[str, Any]:
    return {
        "readable": current.is_readable,
        "problem": str(current.problem) if current.problem else None,
        "settings": settings(current),
        "fingerprints": fingerprints(current),
        "other_keys": unknown_keys(current),
    }


def _token(row: CredentialRow, now: datetime) -> dict[str, Any]:
    credential, issued_at = row.current.credential, row.refresh_token_issued_at
    return {
        "expires_at": optional_to_rfc3339(row.expires_at),
        "minutes_left": minutes_left(row, now),
        "refreshed_at": optional_to_rfc3339(row.refreshed_at),
        "refresh_token_issued_at": optional_to_rfc3339(issued_at),
        "refresh_token_age_days": (now - issued_at).days if issued_at else None,
        "refresh_token_expires_at": optional_to_rfc3339(row.refresh_token_expires_at),
        "refresh_token_idle_until": optional_to_rfc3339(row.refresh_token_idle_until),
        "token_type": credential.token_type if credential else None,
        "granted_scope": (credential.granted_scope or None) if credential else None,
    }


def _account(row: CredentialRow) -> dict[str, Any]:
    known = row.entry.account if row.entry else None
    if known is None or known.account_id != row.account_id:
        return {"id": row.account_id or None, "name": None, "status": None, "access": None}
    return {
        "id": known.account_id,
        "name": known.name or None,
        "status": known.status or None,
        "access": str(known.access),
    }


def _alert(alert: OpenAlert) -> dict[str, Any]:
    return {
        "event": str(alert.event),
        "since": to_rfc3339(alert.since),
        "told": alert.notifications,
        "told_at": to_rfc3339(alert.at),
        "incident": alert.incident or None,
    }
