"""The end of a consent: the grant is stored, recorded and announced."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from token_refresher.account import AccountAnswer, KnownAccount, known_name
from token_refresher.alerting import Alerting
from token_refresher.clock import Clock
from token_refresher.consent_result import ConsentEndedError
from token_refresher.credential import Credential
from token_refresher.diagnosis import Diagnosis
from token_refresher.discovery import discovered
from token_refresher.endings import already_done
from token_refresher.errors import (
    CANNOT_TELL,
    GrantKeptError,
    ServiceUnavailableError,
    StaleObservationError,
)
from token_refresher.grant import Grant
from token_refresher.intent import Base, End, Intent
from token_refresher.labels import Labels
from token_refresher.lineage import CONSENT
from token_refresher.registry import Registry
from token_refresher.registry_entry import RegistryEntry
from token_refresher.rotation import Rotation, Version
from token_refresher.secret_store import SecretState, SecretStore
from token_refresher.status import status_for
from token_refresher.timing import Timing


@dataclass(frozen=True)
class Connection:
    """Makes a consent current, over whatever a slower refresh or a tick says."""

    store: SecretStore
    registry: Registry
    alerting: Alerting
    timing: Timing
    clock: Clock

    @contextmanager
    def begin(self, rotation: Rotation, state: SecretState, version: Version) -> Iterator["ConnectionAttempt"]:
        """Record that a code is about to be exchanged; where nothing comes of it, put back what was recorded before.

        Args:
            rotation: How the grant becomes current.
            state: The labels of the secret.
            version: What is current.

        Raises:
            ServiceUnavailableError: The registry cannot be written, so that the code is better not used up.
        """
        now = self.clock()
        base = Base.of(version.credential)
        intent = Intent.begin(version.version_id, base, now, None, is_consent=True)

        def seen(entry: RegistryEntry) -> RegistryEntry:
            # Somebody may have edited the secret, and no tick have seen it yet.
            return entry.changed(version.version_id, now)

        def intending(entry: RegistryEntry) -> RegistryEntry:
            nonlocal intent
            entry = seen(entry)
            intent = Intent.begin(version.version_id, base, now, entry.intent, is_consent=True)
            if entry.is_paused:
                return entry.intending(intent)
            # If this dies half-way, a refresh is to look soon, and not when it is due or a reminder is.
            look_at = now + self.timing.lease
            return replace(entry.intending(intent), next_action_at=min(entry.next_action_at or look_at, look_at))

        before, entry = self._save(state, intending)
        attempt = ConnectionAttempt(self, rotation, state, version, intent, entry)
        try:
            yield attempt
        except Exception:
            self._take_back(attempt, seen(before))
            raise
        self._take_back(attempt, seen(before))

    def _take_back(self, attempt: "ConnectionAttempt", before: RegistryEntry) -> None:
        """Where this fails, refreshes wait until the intent has aged, and that is all."""
        if not attempt.has_grant:
            self._change(before.name, lambda entry: entry.taken_back(attempt.intent, before, attempt.entry))

    def record(
        self, state: SecretState, version: Version, grant: Grant, intent: Intent, answer: AccountAnswer | None
    ) -> RegistryEntry:
        """Record a consent whose tokens are current, and tell people; return what is recorded."""
        told = False

        def connected(entry: RegistryEntry) -> RegistryEntry:
            nonlocal told
            next_action_at = self.timing.next_action_at(grant.issued_at, grant.expires_at or grant.issued_at, spread=0)
            after = entry.ended(intent).connected(version.version_id, version.credential, next_action_at)
            after = replace(after, account=_known(entry, version.credential, answer))
            told = told or self._announced(entry, after, grant)
            after = after.announced(entry.alert, self.clock()) if told else after
            # The tokens are safe, and the page must say so. Where people could not be told, the incident stays open
            # in the entry, so that the next look tells them that it is over.
            still = replace(_untold(entry, after), unannounced=True)
            return after if told else still.still_telling(entry.alert, self.clock())

        return self._save(state, connected)[1]

    def record_kept(self, state: SecretState, version: Version, intent: Intent, answer: AccountAnswer | None) -> None:
        """Record a consent whose tokens are safe and not current yet: the next refresh sees to that, soon."""

        def kept(entry: RegistryEntry) -> RegistryEntry:
            look_at = None if entry.is_paused else self.clock()
            after = replace(entry.ended(intent.ended(End.KEPT)), next_action_at=look_at, unannounced=True)
            return _untold(entry, replace(after, account=_known(entry, version.credential, answer)))

        self._save(state, kept)

    def account_name(self, name: str, account_id: str | None) -> str:
        """Return what the account of a credential is called, where that is remembered and can be read."""
        entry = self._readable(name)
        return known_name(entry.account, account_id) if entry else ""

    def _save(
        self, state: SecretState, change: Callable[[RegistryEntry], RegistryEntry]
    ) -> tuple[RegistryEntry, RegistryEntry]:
        """Change the entry on top of whatever a tick or a refresh records at the same time; return what was before."""
        while True:
            before = self.registry.get(state.name) or discovered(state, self.clock())
            try:
                return before, self.registry.save(change(before))
            except StaleObservationError:
                continue

    def challenge(self, name: str) -> str:
        """Return what the next sign-in for a credential has to prove, or empty.

        A registry that is down does not stand in the way: at the worst the sign-in is refused, and says what it lacks.
        """
        entry = self._readable(name)
        return entry.claims if entry else ""

    def _readable(self, name: str) -> RegistryEntry | None:
        """Return an entry if there is one and the registry answers."""
        with suppress(ServiceUnavailableError):
            return self.registry.get(name)
        return None

    def record_challenge(self, name: str, claims: str) -> None:
        """Record what a refused sign-in should have proved, so that the next one does."""
        if not claims:
            return
        self._change(name, lambda entry: entry.challenged(claims))

    def drop_challenge(self, name: str) -> None:
        """Forget what the next sign-in has to prove: Microsoft refused the request that asked for it, perhaps for it.

        Where it is wanted all the same, the next refusal says so again.
        """
        self._change(name, lambda entry: replace(entry, claims=""))

    def _change(self, name: str, change: Callable[[RegistryEntry], RegistryEntry]) -> None:
        """Change an entry if that can be done at once; nothing depends on it."""
        with suppress(StaleObservationError, ServiceUnavailableError):
            entry = self.registry.get(name)
            after = change(entry) if entry else None
            if after is not None and after != entry:
                self.registry.save(after)

    def ask_operator(self, name: str, diagnosis: Diagnosis) -> bool:
        """Tell the operator of a credential why nobody can connect it.

        Only what stands still already is parked: a credential that works goes on being refreshed. Where the operator
        cannot be told, the next attempt does, for nothing of it is recorded then.

        Returns:
            Whether the operator was told, now or before.
        """
        try:
            entry = self.registry.get(name)
            if entry is None:
                return False  # The next tick discovers it, and the first refresh says the same.
            after = entry.diagnosed(diagnosis)
            if entry.status.needs_a_person:
                after = entry.needing_a_person(entry.version_id, diagnosis, status_for(diagnosis))
            told = self.alerting.tell(after, diagnosis, None)
        except (StaleObservationError, *CANNOT_TELL):
            return False
        parked = told.status.needs_a_person
        with suppress(StaleObservationError, ServiceUnavailableError):
            self.registry.save(told.reminded_at(self.alerting.remind_at(told)) if parked else told)
        return True

    def _announced(self, before: RegistryEntry, after: RegistryEntry, grant: Grant) -> bool:
        if grant.identity is None:
            return True
        try:
            self.alerting.tell_connected(before, after, grant.identity)
        except CANNOT_TELL:
            return False
        return True


@dataclass
class ConnectionAttempt:
    """One exchange of a code that has begun.

    Attributes:
        connection: What it is part of.
        rotation: How the grant becomes current.
        state: The labels of the secret when it began.
        version: What was current then.
        intent: What was recorded of it.
        entry: What else was recorded.
        has_grant: Whether tokens came that are to be stored.
    """

    connection: Connection
    rotation: Rotation
    state: SecretState
    version: Version
    intent: Intent
    entry: RegistryEntry
    has_grant: bool = False

    @property
    def account_name(self) -> str:
        """What the account is called, where that is remembered."""
        return known_name(self.entry.account, self.version.credential.account_id)

    def connect(self, grant: Grant, answer: AccountAnswer | None = None) -> Version:
        """Store the grant of a consent, record it, and tell people.

        Args:
            grant: What came of the consent.
            answer: What Microsoft Advertising says of it; ``None`` where it was not asked.

        Returns:
            The version that is current at the end.

        Raises:
            ConsentEndedError: A later consent stands.
            GrantKeptError: The grant is safe, and not current yet.
            ServiceUnavailableError: Neither Secrets Manager nor the escrow took the grant.
        """
        self.has_grant = True
        try:
            stored = self.rotation.keep(grant, CONSENT, self.state, self.version, self.intent)
        except GrantKeptError:
            with suppress(ServiceUnavailableError):
                self.connection.record_kept(self.state, self.version, self.intent, answer)
            raise
        if not stored.credential.holds(grant):
            self.has_grant = False  # There is nothing of it to be looked for.
            raise ConsentEndedError(already_done(self.state.name, stored.credential))
        # The tokens are current, and dispatch notices that by itself.
        with suppress(ServiceUnavailableError):
            entry = self.connection.record(self.state, stored, grant, self.intent, answer)
            Labels(self.connection.store, self.rotation.patience).show(self.state, entry)
        return stored


def _untold(before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
    """Return the entry with trouble of the account left open, too, for the next look to tell that it is over."""
    told_at = before.account.told_at if before.account else None
    return replace(after, account=after.account.still_open(told_at) if after.account else None)


def _known(before: RegistryEntry, credential: Credential, answer: AccountAnswer | None) -> KnownAccount | None:
    """Return what is known of the account after a consent."""
    if answer is None or credential.account_id is None:
        return None
    return KnownAccount.of_consent(credential.account_id, answer, before.account)
