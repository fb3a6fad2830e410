"""What good news of a credential does not mean: it works, and something about it is still not as it should be.

The event stays good news, for what was asked of people is done. It does not tell them that nobody has to do anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from token_refresher import phrases
from token_refresher.account import AccountAccess
from token_refresher.diagnosis import Actor
from token_refresher.registry_entry import RegistryEntry

_NOBODY_FOR_NOW: Final = "Nobody, for now. You get a message if somebody has to."
_ITS_MANAGER: Final = "Whoever manages the advertising account, if it is to be active. If that is not you, pass it on."


@dataclass(frozen=True)
class Reservation:
    """One thing that is not as it should be.

    Attributes:
        but: What it is, as the end of a sentence about the credential.
        who: Who has to act.
        stopped: What has stopped.
        until: Until when pipelines keep working, or empty where they go on.
    """

    but: str
    who: str
    stopped: str
    until: str = ""


def reservations(entry: RegistryEntry, at: datetime) -> tuple[Reservation, ...]:
    """Return what good news of a credential has to say beside itself, the weightiest first."""
    return tuple(filter(None, (_paused(entry, at), _not_reached(entry), _account_in_doubt(entry))))


def _paused(entry: RegistryEntry, at: datetime) -> Reservation | None:
    if not entry.is_paused:
        return None
    until = f"They have no access with it until the operator resumes {entry.name}."
    if entry.expires_at is not None and entry.expires_at > at:
        until = f"{phrases.moment_from(at, entry.expires_at)}, unless the operator resumes {entry.name} before."
    return Reservation(
        "it is paused: its access is not renewed until the operator resumes it",
        f"The operator, once {entry.name} is to be renewed again. If that is not you, pass it on.",
        f"The renewal of {entry.name}, until the operator resumes it.",
        until,
    )


def _not_reached(entry: RegistryEntry) -> Reservation | None:
    """Return what people were told of the account, and what is not over."""
    known = entry.account
    if known is None or known.access is AccountAccess.REACHABLE:
        return None
    account = phrases.account(entry)
    if known.told is Actor.OPERATOR:
        but = f"the operator still has to act before it is known whether it reaches {account}"
    elif known.access is AccountAccess.REFUSED:
        but = f"Microsoft Advertising refused it for {account} when it was last asked"
    else:
        return None
    actor = known.told or Actor.USER
    return Reservation(
        but, phrases.who(entry, actor), phrases.account_stopped(entry, actor), phrases.account_until(actor)
    )


def _account_in_doubt(entry: RegistryEntry) -> Reservation | None:
    """Return what is not known of the account, or what may be wrong with it; the status is that of the last answer."""
    known = entry.account
    if known is None or _not_reached(entry):
        return None
    if known.access is AccountAccess.UNVERIFIED:
        return Reservation(
            f"it is not known yet whether it reaches {phrases.account(entry)}; that is asked with every refresh",
            _NOBODY_FOR_NOW,
            "Nothing, as far as is known.",
        )
    if known.trouble:
        return Reservation(
            f"reports may be empty: when Microsoft Advertising was last asked, the account was {known.trouble}",
            _ITS_MANAGER,
            f"Nothing. But {phrases.account(entry)} was {known.trouble} when Microsoft Advertising was last asked.",
        )
    return None
