"""The result of a step of a consent: its outcome and the facts for its page, and no token, code or state."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from token_refresher.base.clock import to_rfc3339
from token_refresher.base.words import Words
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import UNKNOWN, Actor, Diagnosis
from token_refresher.invites.invite import Invite

NOT_THE_VISITOR: Final = frozenset({Actor.OPERATOR, Actor.ADMINISTRATOR})
"""The actors of a failure that the person who signs in cannot correct."""

_CONSENT_MISSING: Final = "consent_missing"

_CODE_IS_OLD: Final = frozenset({"code_expired", "code_used", "grant_ended"})
"""The meanings of a code that came too late, or twice. Microsoft has one number for code and sign-in (70008)."""

_FORMER_NAMES: Final = {"refused_by_microsoft": "refused_by_provider"}
"""The outcomes in documents of an earlier version."""


class ConsentOutcome(StrEnum):
    """The outcomes of a step of a consent. Each has its own page."""

    CONNECTED = "connected"
    CONNECTED_SOON = "connected_soon"
    UNDER_WAY = "under_way"
    ALREADY_DONE = "already_done"
    INVALID_INVITE = "invalid_invite"
    EXPIRED_INVITE = "expired_invite"
    WITHDRAWN_INVITE = "withdrawn_invite"
    UNKNOWN_STATE = "unknown_state"
    FOREIGN_BROWSER = "foreign_browser"
    REFUSED_BY_PROVIDER = "refused_by_provider"
    CODE_EXPIRED = "code_expired"
    OPERATOR_NEEDED = "operator_needed"
    TRY_AGAIN_LATER = "try_again_later"
    STORE_DOWN = "store_down"
    UNAVAILABLE = "unavailable"
    NO_REFRESH_TOKEN = "no_refresh_token"
    MISSING_SCOPE = "missing_scope"
    UNKNOWN_PERSON = "unknown_person"
    NO_IDENTITY = "no_identity"
    OTHER_PERSON = "other_person"
    NO_ACCOUNT_ACCESS = "no_account_access"
    ADMIN_CONSENTED = "admin_consented"
    ADMIN_REFUSED = "admin_refused"

    @property
    def http_status(self) -> int:
        """The status of the page."""
        return _STATUS.get(self, 400)


_STATUS: Final = {
    ConsentOutcome.CONNECTED: 200,
    ConsentOutcome.ADMIN_CONSENTED: 200,
    ConsentOutcome.CONNECTED_SOON: 202,
    ConsentOutcome.UNDER_WAY: 202,
    ConsentOutcome.INVALID_INVITE: 403,
    ConsentOutcome.FOREIGN_BROWSER: 403,
    ConsentOutcome.NO_ACCOUNT_ACCESS: 403,
    ConsentOutcome.OTHER_PERSON: 409,
    ConsentOutcome.OPERATOR_NEEDED: 409,
    ConsentOutcome.NO_IDENTITY: 409,
    ConsentOutcome.EXPIRED_INVITE: 410,
    ConsentOutcome.WITHDRAWN_INVITE: 410,
    ConsentOutcome.ALREADY_DONE: 410,
    ConsentOutcome.TRY_AGAIN_LATER: 503,
    ConsentOutcome.STORE_DOWN: 503,
    ConsentOutcome.UNAVAILABLE: 503,
}
"""The status of each page; every other page is a 400."""


@dataclass(frozen=True)
class ConsentResult:
    """One outcome, with the facts for its page.

    Attributes:
        ending: The outcome.
        credential: The credential's name; empty if the visitor has not proved that they may know it.
        invite: The invite for a new start, which lasts as long as the opened link; ``None`` if the page offers none.
        prompt: The ``prompt`` of a new start, such as ``consent``; empty for the usual one.
        username: The person who signed in.
        person: The same person, as `Identity.person`.
        previous_username: The person who consented before.
        at: When they did, or when the new access token expires, as RFC 3339.
        account_id: The advertising account.
        account_name: The name of the account, if it is known.
        account_status: The status of an account that is not active, such as ``Suspended``.
        customer_id: The customer of the account, if the secret names another one.
        is_sandbox: Whether the credential is for the sandbox of Microsoft Advertising.
        is_paused: Whether the operator has paused the credential, so that nothing is renewed for now.
        verified: Whether Microsoft Advertising confirmed the access to the account.
        cause: Why, in plain words.
        action: What to do, in plain words.
        code: The code to search for.
        http_status: The status of the provider's answer to the exchange, as a text; empty if unknown.
        operator_notified: Whether the operator, who has to act, was notified.
        words: How the page names the provider; ``None`` if it is not known which one is meant, or if the visitor has
            not proved that they may know it.
    """

    ending: ConsentOutcome
    credential: str = ""
    invite: Invite | None = None
    prompt: str = ""
    username: str = ""
    person: str = ""
    previous_username: str = ""
    at: str = ""
    account_id: str = ""
    account_name: str = ""
    account_status: str = ""
    customer_id: str = ""
    is_sandbox: bool = False
    is_paused: bool = False
    verified: bool = True
    cause: str = ""
    action: str = ""
    code: str = ""
    http_status: str = ""
    operator_notified: bool = False
    words: Words | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the result as a flat document."""
        invite = self.invite.to_document() if self.invite else None
        return {**asdict(self), "ending": str(self.ending), "invite": invite}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Return the result that a document holds."""
        invite, words, ending = document.get("invite"), document.get("words"), document["ending"]
        return cls(
            **{
                **document,
                "ending": ConsentOutcome(_FORMER_NAMES.get(ending, ending)),
                "invite": Invite.from_document(invite) if invite else None,
                "words": Words(**words) if words else None,
            }
        )


class ConsentEndedError(Exception):
    """The consent cannot go on. The result says why, and its page is the answer to the person."""

    def __init__(self, result: ConsentResult) -> None:
        super().__init__(str(result.ending))
        self.result = result


def about(result: ConsentResult, credential: Credential) -> ConsentResult:
    """Return a result with the facts of its credential that every page names."""
    account_id = result.account_id or credential.account_id or ""
    return replace(result, account_id=account_id, is_sandbox=credential.is_sandbox)


def check_invite(invite: Invite, credential: Credential, now: datetime | None = None) -> None:
    """Refuse an invite that was withdrawn, has expired, or has been used.

    It checks them in this order, because only the visitor whose link would work otherwise may read who connected the
    credential.

    Args:
        invite: The invite.
        credential: The credential that it is for.
        now: The time; ``None`` to let a sign-in finish that began in time.

    Raises:
        ConsentEndedError: With the reason.
    """
    if credential.invites_valid_from is not None and invite.made_at < credential.invites_valid_from:
        raise ConsentEndedError(about(ConsentResult(ConsentOutcome.WITHDRAWN_INVITE, invite.credential), credential))
    if now is not None and invite.has_expired(now):
        raise ConsentEndedError(about(ConsentResult(ConsentOutcome.EXPIRED_INVITE, invite.credential), credential))
    if invite.consent_generation != credential.consent_generation:
        raise ConsentEndedError(already_done(invite.credential, credential))


def already_done(name: str, credential: Credential) -> ConsentResult:
    """Return the result for a credential that is connected already: by whom, and when."""
    identity = credential.identity
    result = ConsentResult(
        ConsentOutcome.ALREADY_DONE,
        name,
        previous_username=identity.username if identity else "",
        at=to_rfc3339(identity.consented_at) if identity else "",
    )
    return about(result, credential)


def operator_needed(
    name: str, diagnosis: Diagnosis, invite: Invite | None = None, *, notified: bool = False
) -> ConsentResult:
    """Return the result if the operator has to act, and the person who signs in cannot.

    Args:
        name: The credential's name.
        diagnosis: What is wrong.
        invite: The invite for a new start after the operator has acted.
        notified: Whether the operator was notified.
    """
    return ConsentResult(
        ConsentOutcome.OPERATOR_NEEDED,
        name,
        invite,
        cause=diagnosis.cause,
        action=diagnosis.action,
        code=diagnosis.code,
        http_status=str(diagnosis.http_status or ""),
        operator_notified=notified,
    )


def refused(invite: Invite, diagnosis: Diagnosis, words: Words, *, notified: bool = False) -> ConsentResult:
    """Return the result of a sign-in that the provider refused.

    Args:
        invite: The invite for a new start.
        diagnosis: Why the provider refused it.
        words: How texts name the provider.
        notified: Whether the operator was notified, if they have to act.
    """
    if diagnosis.actor in NOT_THE_VISITOR:
        return operator_needed(invite.credential, diagnosis, invite, notified=notified)
    ending = ConsentOutcome.REFUSED_BY_PROVIDER
    if diagnosis.meaning in _CODE_IS_OLD:
        ending = ConsentOutcome.CODE_EXPIRED
    elif diagnosis.actor is Actor.NOBODY and diagnosis.meaning != UNKNOWN:
        ending = ConsentOutcome.TRY_AGAIN_LATER
    return ConsentResult(
        ending,
        invite.credential,
        invite,
        prompt="consent" if diagnosis.meaning == _CONSENT_MISSING else "",
        cause=diagnosis.what_happened(words),
        action=diagnosis.next_step(words),
        code=diagnosis.code,
        http_status=str(diagnosis.http_status or ""),
    )
