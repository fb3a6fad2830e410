"""Whether the tokens of a credential are to be exchanged now, or good for a while. Pure policy."""

from datetime import datetime

from token_refresher.credential import Credential
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status
from token_refresher.timing import Timing


def is_due(credential: Credential, entry: RegistryEntry, timing: Timing, now: datetime, *, recovered: bool) -> bool:
    """Tell whether an exchange is due.

    Args:
        credential: What is current.
        entry: What is known of it.
        timing: When to act.
        now: The time.
        recovered: Whether what is current was left behind by an unclean end, and has just been found.
    """
    if credential.access_token is None or credential.expires_at is None or credential.refreshed_at is None:
        return True
    intent = entry.intent
    in_doubt = intent is not None and not intent.is_settled
    if recovered or (in_doubt and intent is not None and credential.refreshed_at >= intent.at):
        # That exchange came to a good end, and only the record of it is missing.
        return timing.is_due(credential.refreshed_at, credential.expires_at, now)
    if intent is not None and intent.may_be_under_way(now, timing.lease):
        # Another exchange has begun and is not seen to have ended: that all is well is not to be recorded over it.
        return True
    if entry.status not in {Status.HEALTHY, Status.AWAITING_CONSENT}:
        # Something was wrong. Whether the secret changed or a reminder is due: only an attempt tells.
        return True
    return timing.is_due(credential.refreshed_at, credential.expires_at, now)
