"""Pure policy of one attempt: is an exchange due, and what follows from a refusal?"""

import hashlib
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from token_refresher.base.timing import Timing
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Diagnosis
from token_refresher.registry.entry import RegistryEntry

CONFIRMATIONS: Final = 3
"""How many attempts in a row must end with the same uncertain refusal before a person is notified."""

CONFIRMATIONS_IF_EXPLAINED: Final = 2
"""How many are enough if an earlier exchange without an answer explains the refusal."""


def is_due(credential: Credential, entry: RegistryEntry, timing: Timing, now: datetime, *, recovered: bool) -> bool:
    """Tell whether an exchange is due.

    Args:
        credential: The current credential document.
        entry: The registry entry.
        timing: When to act.
        now: The time.
        recovered: Whether this attempt has just recovered the current version from an interrupted attempt.
    """
    if credential.access_token is None or credential.expires_at is None or credential.refreshed_at is None:
        return True
    intent = entry.intent
    in_doubt = intent is not None and not intent.is_settled
    if recovered or (in_doubt and intent is not None and credential.refreshed_at >= intent.at):
        # That exchange succeeded, and only the registry entry does not say so.
        return timing.may_refresh(credential.refreshed_at, credential.expires_at, now)
    if intent is not None and intent.may_be_under_way(now, timing.lease):
        # Another exchange may be under way. This attempt must not write over its entry that all is well.
        return True
    # If AWS refused a call, and does so no longer, the tokens themselves are good.
    if not entry.is_refused and entry.status not in {Status.HEALTHY, Status.AWAITING_CONSENT}:
        # The last attempt failed. Only an exchange tells whether a change of the secret has helped.
        return True
    # After a recovery a refresh is planned earlier than others may be.
    parted_at = parted_action_at(entry.name, credential, timing)
    if parted_at is not None and parted_at == entry.next_action_at and now >= parted_at:
        return True
    return timing.may_refresh(credential.refreshed_at, credential.expires_at, now)


def is_recovery(before: RegistryEntry, issued_at: datetime) -> bool:
    """Tell whether new tokens end a failure, or a time without a token; many credentials may recover together.

    Args:
        before: The registry entry as it was with the tokens before.
        issued_at: When the new access token was issued.
    """
    had_token = before.expires_at is not None and issued_at < before.expires_at
    return not had_token or before.failing_since is not None


def parted_action_at(name: str, credential: Credential, timing: Timing) -> datetime | None:
    """Return when the next refresh after a recovery is due, or ``None`` without an access token.

    It follows from the name and the token alone, so that the next attempt recognizes the plan. An edit of the secret
    makes an attempt due at another second, and no exchange.

    Args:
        name: The credential's name.
        credential: The current credential document.
        timing: When to act.
    """
    if credential.refreshed_at is None or credential.expires_at is None:
        return None
    drawn = hashlib.sha256(f"{name} {credential.refreshed_at.isoformat()}".encode()).digest()
    share = int.from_bytes(drawn[:4]) / 2**32
    return timing.parted_action_at(credential.refreshed_at, credential.expires_at, share)


class RefusalVerdict(Enum):
    """What follows from a refusal."""

    PASSES = "retry later; nobody has to act"
    UNCONFIRMED = "ask again to confirm; nobody is notified yet"
    NEEDS_A_PERSON = "do not retry before a person has acted"
    STILL_REJECTED = "rejected, as people have been notified before"


def refusal_verdict(entry: RegistryEntry, diagnosis: Diagnosis, *, ends_soon: bool) -> RefusalVerdict:
    """Return what follows from a refusal.

    Args:
        entry: The registry entry before the refusal.
        diagnosis: What the refusal means.
        ends_soon: Whether the access token is good, and expires before the next attempt.
    """
    failures = entry.failures_with(diagnosis)
    if not diagnosis.actor.must_act:
        # If the grant is known to be rejected, the earlier diagnosis says more than this one.
        return RefusalVerdict.STILL_REJECTED if entry.is_rejected else RefusalVerdict.PASSES
    is_known = entry.is_rejected and entry.alert is not None and entry.alert.condition == diagnosis.condition
    needed = CONFIRMATIONS_IF_EXPLAINED if diagnosis.explained else CONFIRMATIONS
    confirmed = diagnosis.certain or is_known or failures >= needed
    return RefusalVerdict.NEEDS_A_PERSON if confirmed or ends_soon else RefusalVerdict.UNCONFIRMED


def before_expiry(credential: Credential, first: datetime, drawn: datetime, timing: Timing, now: datetime) -> datetime:
    """Return when to try again: as drawn, but early enough that a tick comes before a valid access token expires.

    Otherwise the pause, and not the outage, would let the access token expire.

    Args:
        credential: The current credential document.
        first: The earliest time that may be drawn.
        drawn: The time that was drawn.
        timing: When to act.
        now: The time.
    """
    expires_at = credential.expires_at
    if expires_at is None or now >= expires_at:
        return drawn
    # One second less, because a tick at the moment of expiry is too late.
    last = expires_at - timing.schedule_period - timedelta(seconds=1)
    return max(first, min(drawn, last))


def expires_before(credential: Credential, next_action_at: datetime, timing: Timing) -> bool:
    """Tell whether the access token expires before the first tick after the next action's time."""
    return credential.expires_at is not None and next_action_at + timing.schedule_period >= credential.expires_at
