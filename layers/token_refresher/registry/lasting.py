"""When a passing failure has lasted so long that the operator has to act. Pure policy.

While pipelines have a token, people need not know of a failure that passes by itself. If the failure is an hour old and
the token has expired, it is an incident like every other. Attempts go on, for it may still pass
(`RegistryRecord.is_tried_on`).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import readable_time
from token_refresher.diagnosis.diagnosis import LASTING, Actor, Diagnosis
from token_refresher.registry.entry import RegistryEntry

PATIENCE: Final = timedelta(hours=1)
"""How long a failure may last while pipelines have no token: most outages of a sign-in service are shorter."""


def has_lasted(entry: RegistryEntry, now: datetime) -> bool:
    """Tell whether people are to be notified of a credential that has failed for passing reasons.

    A failure in the first half of a token's life does not count: the refresh was early, after a recovery, or on demand.

    Args:
        entry: The entry of the credential, after the last attempt.
        now: The time.
    """
    has_token = entry.expires_at is not None and now < entry.expires_at
    if has_token or entry.failing_since is None:
        return False
    due_at = entry.failing_since
    if entry.refreshed_at is not None and entry.expires_at is not None:
        due_at = max(due_at, entry.refreshed_at + (entry.expires_at - entry.refreshed_at) / 2)
    return now >= due_at + PATIENCE


def lasting(diagnosis: Diagnosis, entry: RegistryEntry) -> Diagnosis:
    """Return the diagnosis of a failure that lasts, with the facts of the last attempt.

    Args:
        diagnosis: The diagnosis of the last attempt.
        entry: The entry of the credential, after that attempt.
    """
    since = readable_time(entry.failing_since) if entry.failing_since else "then"
    number = f"{entry.attempts} attempts" if entry.attempts > 1 else "one attempt"
    tried = f"{number} failed since {since}, and this is what the last one met" if entry.attempts else f"since {since}"
    return replace(
        diagnosis,
        actor=Actor.OPERATOR,
        certain=True,
        cause=f"{diagnosis.cause} That has lasted: {tried}. It is tried on, and may still pass by itself.",
        action=diagnosis.if_it_lasts(entry.issuer.words),
        meaning=LASTING,
    )
