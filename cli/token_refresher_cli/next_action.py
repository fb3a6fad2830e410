"""Who has to do what next for a credential, in few words. Pure policy; `show` has the whole remedy."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.diagnosis import Actor, Diagnosis
from token_refresher.phrases import span
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status
from token_refresher_cli.overview_row import Row, Standing

_NEXT_TICK = "looked at with the next tick"


@dataclass(frozen=True)
class NextAction:
    """What happens next.

    Attributes:
        actor: Who does it; nobody where it happens by itself.
        what: What, in few words.
        at: When, where that is known.
        who: The person, where one is known.
    """

    actor: Actor
    what: str
    at: datetime | None = None
    who: str = ""

    def __str__(self) -> str:
        """Say who and what."""
        if not self.actor.is_somebody:
            return self.what
        return f"{self.who or _WHO[self.actor]}: {self.what}"


_WHO = {Actor.USER: "somebody with access", Actor.OPERATOR: "operator", Actor.ADMINISTRATOR: "administrator"}


def next_action(row: Row, now: datetime) -> NextAction:
    """Say what happens next, and who does it."""
    match row.standing:
        case Standing.GONE:
            return NextAction(Actor.NOBODY, "forgotten with the next tick")
        case Standing.PAUSED:
            return NextAction(Actor.OPERATOR, f"token-refresher resume {row.name}")
        case Standing.MALFORMED:
            field = row.current.problem.field if row.current.problem else None
            return NextAction(Actor.OPERATOR, f"correct {field or 'the secret'}")
    if row.entry is None or row.is_changed:
        return NextAction(Actor.NOBODY, _NEXT_TICK)
    return _of_entry(row, row.entry, now)


def _of_entry(row: Row, entry: RegistryEntry, now: datetime) -> NextAction:
    diagnosis = entry.diagnosis
    if entry.status is Status.RETRYING:
        # Whoever may have to act: an uncertain refusal is confirmed first, and until then it is nobody's.
        code = f" ({diagnosis.code})" if diagnosis else ""
        return NextAction(Actor.NOBODY, f"tried again {_when(entry, now)}{code}", entry.next_action_at)
    if diagnosis is not None and diagnosis.actor.is_somebody:
        return _of_diagnosis(row, diagnosis)
    if entry.status is Status.AWAITING_CONSENT:
        return _of_discovered(row)
    if entry.status.needs_a_person:
        return NextAction(Actor.OPERATOR, f"token-refresher show {row.name}")
    account = entry.account
    if account is not None and account.is_in_trouble and account.account_id == row.account_id:
        return NextAction(account.told or Actor.OPERATOR, f"token-refresher verify {row.name}")
    return NextAction(Actor.NOBODY, f"refreshed {_when(entry, now)}", entry.next_action_at)


def _of_discovered(row: Row) -> NextAction:
    """Say what happens to a credential that no refresh has looked at: an imported refresh token is tried."""
    credential = row.current.credential
    needs_consent = credential is not None and credential.refresh_token is None
    return _sign_in(row, "") if needs_consent else NextAction(Actor.NOBODY, _NEXT_TICK)


def _of_diagnosis(row: Row, diagnosis: Diagnosis) -> NextAction:
    if diagnosis.actor is Actor.USER:
        return _sign_in(row, row.identity.username if row.identity else "")
    # The first sentence of a remedy is what to do; the others are what follows from it.
    what = diagnosis.action.split(". ")[0].rstrip(".")
    return NextAction(diagnosis.actor, f"{what[:1].lower()}{what[1:]} ({diagnosis.code})")


def _sign_in(row: Row, who: str) -> NextAction:
    return NextAction(Actor.USER, f"sign in with token-refresher link {row.name}", who=who)


def _when(entry: RegistryEntry, now: datetime) -> str:
    at = entry.next_action_at
    if at is None:
        return "when the secret changes"
    return "with the next tick" if at <= now else f"in {span(at - now)}"
