"""The endings of a consent that needs no look at a grant: a link that does not hold, a sign-in that failed."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from token_refresher.clock import to_rfc3339
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending
from token_refresher.credential import Credential
from token_refresher.diagnosis import UNKNOWN, Actor, Diagnosis
from token_refresher.invite import Invite

NOT_THE_VISITOR: Final = frozenset({Actor.OPERATOR, Actor.ADMINISTRATOR})
"""Who has to act where nobody who signs in can mend it."""

_CONSENT_MISSING: Final = "consent_missing"

_CODE_IS_OLD: Final = frozenset({"code_expired", "code_used", "grant_ended"})
"""What is said of a code that comes too late, or again. Microsoft has one number for a code and a sign-in (70008)."""


def about(result: ConsentResult, credential: Credential) -> ConsentResult:
    """Return a result with what its page can say of the credential, whatever the ending."""
    account_id = result.account_id or credential.account_id or ""
    return replace(result, account_id=account_id, is_sandbox=credential.is_sandbox)


def check_purpose(invite: Invite, credential: Credential, now: datetime | None = None) -> None:
    """Refuse an invite that was withdrawn, is too old, or has done its work.

    In this order: who connected a credential is told to those alone whose link would work otherwise.

    Args:
        invite: The invite.
        credential: What it is for.
        now: The time, or ``None`` where a sign-in that began in time is to be finished.

    Raises:
        ConsentEndedError: It says which.
    """
    if credential.invites_valid_from is not None and invite.made_at < credential.invites_valid_from:
        raise ConsentEndedError(about(ConsentResult(Ending.WITHDRAWN_INVITE, invite.credential), credential))
    if now is not None and invite.has_expired(now):
        raise ConsentEndedError(about(ConsentResult(Ending.EXPIRED_INVITE, invite.credential), credential))
    if invite.consent_generation != credential.consent_generation:
        raise ConsentEndedError(already_done(invite.credential, credential))


def already_done(name: str, credential: Credential) -> ConsentResult:
    """Return the result for a credential that somebody has connected: by whom, and when."""
    identity = credential.identity
    result = ConsentResult(
        Ending.ALREADY_DONE,
        name,
        previous_username=identity.username if identity else "",
        at=to_rfc3339(identity.consented_at) if identity else "",
    )
    return about(result, credential)


def operator_needed(
    name: str, diagnosis: Diagnosis, invite: Invite | None = None, *, told: bool = False
) -> ConsentResult:
    """Return the result where nobody who signs in can mend it.

    Args:
        name: The credential's name.
        diagnosis: What is wrong.
        invite: What a fresh start goes on with once it is mended.
        told: Whether the operator knows.
    """
    return ConsentResult(
        Ending.OPERATOR_NEEDED,
        name,
        invite,
        cause=diagnosis.cause,
        action=diagnosis.action,
        code=diagnosis.code,
        operator_told=told,
    )


def refused(invite: Invite, diagnosis: Diagnosis, *, told: bool = False) -> ConsentResult:
    """Return the result of a sign-in that Microsoft did not let pass: for the visitor, or for who has to mend it.

    Args:
        invite: What a fresh start goes on with.
        diagnosis: Why.
        told: Whether the operator knows, if they have to act.
    """
    if diagnosis.actor in NOT_THE_VISITOR:
        return operator_needed(invite.credential, diagnosis, invite, told=told)
    ending = Ending.REFUSED_BY_MICROSOFT
    if diagnosis.meaning in _CODE_IS_OLD:
        ending = Ending.CODE_EXPIRED
    elif diagnosis.actor is Actor.NOBODY and diagnosis.meaning != UNKNOWN:
        ending = Ending.TRY_AGAIN_LATER
    return ConsentResult(
        ending,
        invite.credential,
        invite,
        prompt="consent" if diagnosis.meaning == _CONSENT_MISSING else "",
        cause=diagnosis.what_happened,
        action=diagnosis.next_step,
        code=diagnosis.code,
    )
