"""Who has to do what next for a credential, in few words. Pure policy. `show` prints the whole remedy."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.base.clock import optional_to_rfc3339
from token_refresher.base.text import span
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.installation.row import CredentialRow, Unrecorded

_NEXT_TICK = "checked with the next tick"


@dataclass(frozen=True)
class NextAction:
    """The next action for a credential.

    Attributes:
        actor: Who has to act; nobody if it happens by itself.
        what: The action, in few words.
        at: When, if that is known.
        who: The person, if one is known.
    """

    actor: Actor
    what: str
    at: datetime | None = None
    who: str = ""

    def __str__(self) -> str:
        """Return who has to do what."""
        if not self.actor.must_act:
            return self.what
        return f"{self.who or _WHO[self.actor]}: {self.what}"

    def to_document(self) -> dict[str, str | None]:
        """Return the action as ``--output json`` has it."""
        return {
            "actor": str(self.actor),
            "who": self.who or None,
            "what": self.what,
            "at": optional_to_rfc3339(self.at),
        }


_WHO = {Actor.USER: "a person with access", Actor.OPERATOR: "operator", Actor.ADMINISTRATOR: "administrator"}


def next_action(row: CredentialRow, now: datetime) -> NextAction:
    """Return what happens next, and who does it."""
    match row.status:
        case Unrecorded.GONE:
            return NextAction(Actor.NOBODY, "removed from the registry with the next tick")
        case Status.PAUSED:
            return NextAction(Actor.OPERATOR, f"token-refresher resume {row.name}")
        case Unrecorded.MALFORMED:
            field = row.current.problem.field if row.current.problem else None
            return NextAction(Actor.OPERATOR, f"correct {field or 'the secret'}")
    if row.entry is None or row.is_changed:
        return NextAction(Actor.NOBODY, _NEXT_TICK)
    return _of_entry(row, row.entry, now)


def _of_entry(row: CredentialRow, entry: RegistryEntry, now: datetime) -> NextAction:
    diagnosis = entry.diagnosis
    if entry.status is Status.RETRYING:
        # Whatever the diagnosis says: an uncertain refusal is confirmed first, and until then nobody has to act.
        code = f" ({diagnosis.code})" if diagnosis else ""
        return NextAction(Actor.NOBODY, f"tried again {_when(entry, now)}{code}", entry.next_action_at)
    if diagnosis is not None and diagnosis.actor.must_act:
        return _of_diagnosis(row, diagnosis)
    if entry.status is Status.AWAITING_CONSENT:
        return _of_discovered(row)
    if entry.status.needs_a_person:
        return NextAction(Actor.OPERATOR, f"token-refresher show {row.name}")
    account = entry.account
    if account is not None and account.is_in_trouble and account.account_id == row.account_id:
        return NextAction(account.notified or Actor.OPERATOR, f"token-refresher verify {row.name}")
    return NextAction(Actor.NOBODY, f"refreshed {_when(entry, now)}", entry.next_action_at)


def _of_discovered(row: CredentialRow) -> NextAction:
    """Return the next action before the first attempt: a refresh tries a refresh token that was imported."""
    credential = row.current.credential
    needs_consent = credential is not None and credential.refresh_token is None
    return _sign_in(row, "") if needs_consent else NextAction(Actor.NOBODY, _NEXT_TICK)


def _of_diagnosis(row: CredentialRow, diagnosis: Diagnosis) -> NextAction:
    if diagnosis.actor is Actor.USER:
        return _sign_in(row, row.identity.username if row.identity else "")
    # The first sentence of a remedy says what to do, and the others add to it.
    what = diagnosis.action.split(". ")[0].rstrip(".")
    return NextAction(diagnosis.actor, f"{what[:1].lower()}{what[1:]} ({diagnosis.code})")


def _sign_in(row: CredentialRow, who: str) -> NextAction:
    return NextAction(Actor.USER, f"sign in with token-refresher link {row.name}", who=who)


def _when(entry: RegistryEntry, now: datetime) -> str:
    at = entry.next_action_at
    if at is None:
        return "when the secret changes"
    return "with the next tick" if at <= now else f"in {span(at - now)}"
