"""The JSON of `list --output json`. Scripts and monitors rely on its shape."""

from datetime import datetime
from typing import Any

from token_refresher.base.clock import optional_to_rfc3339, to_rfc3339
from token_refresher_cli.installation.row import CredentialRow
from token_refresher_cli.views.list_table import minutes_left
from token_refresher_cli.views.next_action import next_action


def overview_head(now: datetime) -> dict[str, Any]:
    """Return what the object has beside ``credentials``."""
    return {"at": to_rfc3339(now)}


def overview_row(row: CredentialRow, now: datetime) -> dict[str, Any]:
    """Return one of the ``credentials``.

    Times are RFC 3339 in UTC; unknown values are ``null``. Tokens appear as fingerprints, and only if the operator may
    read the document.
    """
    identity, credential = row.identity, row.current.credential
    tokens = {"access_token": credential.access_token, "refresh_token": credential.refresh_token} if credential else {}
    return {
        "name": row.name,
        "status": str(row.status),
        "provider": row.provider,
        "account": {"id": row.account_id or None, "name": row.account_name or None},
        "expires_at": optional_to_rfc3339(row.expires_at),
        "minutes_left": minutes_left(row, now),
        "refreshed_at": optional_to_rfc3339(row.refreshed_at),
        "refresh_token_issued_at": optional_to_rfc3339(row.refresh_token_issued_at),
        "refresh_token_age_days": _days(row.refresh_token_issued_at, now),
        "refresh_token_expires_at": optional_to_rfc3339(row.refresh_token_expires_at),
        "refresh_token_idle_until": optional_to_rfc3339(row.refresh_token_idle_until),
        "consent": ({"username": identity.username, "at": to_rfc3339(identity.consented_at)} if identity else None),
        "client_secret_expires_at": optional_to_rfc3339(row.client_secret_expires_at),
        "next_action": next_action(row, now).to_document(),
        "readable": row.current.is_readable,
        "problem": str(row.current.problem) if row.current.problem else None,
        "fingerprints": {key: token.fingerprint for key, token in tokens.items() if token},
    }


def _days(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else (now - since).days
