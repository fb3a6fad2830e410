"""The document of `list --output json`; scripts and monitors rely on its shape."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from token_refresher.clock import optional_to_rfc3339, to_rfc3339
from token_refresher_cli.next_action import next_action
from token_refresher_cli.overview_row import Row
from token_refresher_cli.overview_table import minutes_left


def overview_document(rows: Iterable[Row], now: datetime) -> dict[str, Any]:
    """Return what is known of the credentials, in their order, as one JSON object: ``at`` and ``credentials``.

    Times are RFC 3339 in UTC. What is not known is ``null``. Tokens are there as fingerprints, and only where the
    document may be read.
    """
    return {"at": to_rfc3339(now), "credentials": [_row(row, now) for row in rows]}


def _row(row: Row, now: datetime) -> dict[str, Any]:
    action, identity, credential = next_action(row, now), row.identity, row.current.credential
    tokens = {"access_token": credential.access_token, "refresh_token": credential.refresh_token} if credential else {}
    return {
        "name": row.name,
        "status": str(row.standing),
        "account": {"id": row.account_id or None, "name": row.account_name or None},
        "expires_at": optional_to_rfc3339(row.expires_at),
        "minutes_left": minutes_left(row, now),
        "refreshed_at": optional_to_rfc3339(row.refreshed_at),
        "refresh_token_issued_at": optional_to_rfc3339(row.refresh_token_issued_at),
        "refresh_token_age_days": _days(row.refresh_token_issued_at, now),
        "consent": ({"username": identity.username, "at": to_rfc3339(identity.consented_at)} if identity else None),
        "client_secret_expires_at": optional_to_rfc3339(row.client_secret_expires_at),
        "next_action": {
            "actor": str(action.actor),
            "who": action.who or None,
            "what": action.what,
            "at": optional_to_rfc3339(action.at),
        },
        "readable": row.current.is_readable,
        "problem": str(row.current.problem) if row.current.problem else None,
        "fingerprints": {key: token.fingerprint for key, token in tokens.items() if token},
    }


def _days(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else (now - since).days
