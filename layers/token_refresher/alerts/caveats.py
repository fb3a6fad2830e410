"""Caveats of good news: the credential works, but something about it is still wrong.

The event stays good news, because people have done what they were asked for. But the message must not say that nobody
has to do anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from token_refresher.alerts import wording
from token_refresher.credential.account import AccountAccess
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.registry.entry import RegistryEntry

_NOBODY_FOR_NOW: Final = "Nobody, for now. You get a message if a person has to act."
_ITS_MANAGER: Final = (
    "The person who manages the advertising account, if it should be active. If that is not you, pass it on."
)


@dataclass(frozen=True)
class Caveat:
    """One thing that is still wrong.

    Attributes:
        but: What is wrong, as the end of a sentence about the credential.
        who: Who has to act.
        stopped: What has stopped.
        until: Until when pipelines keep working; empty if they go on.
    """

    but: str
    who: str
    stopped: str
    until: str = ""


def caveats_of(entry: RegistryEntry, at: datetime) -> tuple[Caveat, ...]:
    """Return the caveats of a credential, the most important first."""
    return tuple(filter(None, (_paused(entry, at), _not_reached(entry), _account_in_doubt(entry))))


def _paused(entry: RegistryEntry, at: datetime) -> Caveat | None:
    if not entry.is_paused:
        return None
    until = f"They have no access with it until the operator resumes {entry.name}."
    if entry.expires_at is not None and entry.expires_at > at:
        until = f"{wording.moment_from(at, entry.expires_at)}, unless the operator resumes {entry.name} before then."
    return Caveat(
        "it is paused: its access is not renewed until the operator resumes it",
        f"The operator, when {entry.name} should be renewed again. If that is not you, pass it on.",
        f"The renewal of {entry.name}, until the operator resumes it.",
        until,
    )


def _not_reached(entry: RegistryEntry) -> Caveat | None:
    """Return the caveat of an account that is not reached, as people were notified."""
    known = entry.account
    if known is None or known.access is AccountAccess.REACHABLE:
        return None
    account = wording.account(entry)
    if known.notified is Actor.OPERATOR:
        but = f"the operator still has to act before it is known whether it reaches {account}"
    elif known.access is AccountAccess.REFUSED:
        but = f"{entry.issuer.words.product} refused it for {account} when it was last asked"
    else:
        return None
    actor = known.notified or Actor.USER
    return Caveat(but, wording.who(entry, actor), wording.account_stopped(entry, actor), wording.account_until(actor))


def _account_in_doubt(entry: RegistryEntry) -> Caveat | None:
    """Return the caveat of an account that is not verified, or was not active when it was last checked."""
    known = entry.account
    if known is None or _not_reached(entry):
        return None
    if known.access is AccountAccess.UNVERIFIED:
        return Caveat(
            f"it is not known yet whether it reaches {wording.account(entry)}; each refresh checks it again",
            _NOBODY_FOR_NOW,
            "Nothing, as far as is known.",
        )
    if known.trouble:
        product = entry.issuer.words.product
        return Caveat(
            f"reports may be empty: when {product} was last asked, the account was {known.trouble}",
            _ITS_MANAGER,
            f"Nothing. But {wording.account(entry)} was {known.trouble} when {product} was last asked.",
        )
    return None
