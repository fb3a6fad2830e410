"""The end of a consent: store the grant, record it, and notify people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from token_refresher.alerts.alerting import Alerting
from token_refresher.base.clock import Clock
from token_refresher.base.errors import CANNOT_NOTIFY, GrantKeptError, ServiceUnavailableError, StaleObservationError
from token_refresher.base.timing import Timing
from token_refresher.base.update import update
from token_refresher.consent.result import ConsentEndedError, already_done
from token_refresher.credential.account import AccountAnswer, KnownAccount, known_name
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.status import status_for
from token_refresher.diagnosis.diagnosis import Diagnosis
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import Issuer
from token_refresher.registry.publishing import Publishing
from token_refresher.registry.registry import Registry
from token_refresher.registry.status_tags import StatusTagWriter
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.rotation import Rotation, Version
from token_refresher.rotation.secret_store import SecretState, SecretStore
from token_refresher.rotation.token_family import CONSENT


@dataclass(frozen=True)
class ConsentCompletion:
    """Makes a consent current, on top of what a slower refresh or a tick writes at the same time."""

    store: SecretStore
    registry: Registry
    alerting: Alerting
    publishing: Publishing
    timing: Timing
    clock: Clock

    @contextmanager
    def begin(
        self, rotation: Rotation, state: SecretState, version: Version, issuer: Issuer
    ) -> Iterator["ConsentAttempt"]:
        """Record the intent of a code exchange; if no grant comes of it, restore the entry as it was before.

        Args:
            rotation: Makes the grant current.
            state: The staging labels of the secret.
            version: The current version.
            issuer: Who issues the tokens.

        Raises:
            ServiceUnavailableError: The registry cannot be written. The code must not be exchanged then.
        """
        now = self.clock()
        base = Base.of(version.credential)
        intent = ExchangeIntent.begin(version.version_id, base, now, None, is_consent=True)

        def seen(entry: RegistryEntry) -> RegistryEntry:
            # An operator may have edited the secret, and no tick has seen that yet.
            return replace(entry.changed(version.version_id, now), issuer=issuer)

        def intending(entry: RegistryEntry) -> RegistryEntry:
            nonlocal intent
            entry = seen(entry)
            intent = ExchangeIntent.begin(version.version_id, base, now, entry.intent, is_consent=True)
            if entry.is_paused:
                return entry.intending(intent)
            # If this process dies, a refresh has to find out soon, and not when a refresh or a reminder is due.
            check_at = now + self.timing.lease
            return replace(entry.intending(intent), next_action_at=min(entry.next_action_at or check_at, check_at))

        before, entry = self._update(state, intending)
        attempt = ConsentAttempt(self, rotation, state, version, intent, entry)
        try:
            yield attempt
        except Exception:
            self._take_back(attempt, seen(before))
            raise
        self._take_back(attempt, seen(before))

    def _take_back(self, attempt: "ConsentAttempt", before: RegistryEntry) -> None:
        """Restore the entry. If that fails, refreshes only wait until the lease of the intent has ended."""
        if not attempt.has_grant:
            self._try_update(before.name, lambda entry: entry.taken_back(attempt.intent, before, attempt.entry))

    def record(
        self, state: SecretState, version: Version, grant: Grant, intent: ExchangeIntent, answer: AccountAnswer | None
    ) -> RegistryEntry:
        """Record a consent whose tokens are current, and notify people; return the entry."""
        notified, published = False, None

        def connected(entry: RegistryEntry) -> RegistryEntry:
            nonlocal notified, published
            # Once, although others may write the entry meanwhile: what could not be published is left to the refresh.
            published = published or self.publishing.publish(entry, version.credential, self.clock())
            entry = entry.publishing(published.entry.publications)
            next_action_at = self.timing.next_action_at(grant.issued_at, grant.expires_at or grant.issued_at, spread=0)
            after = entry.ended(intent).connected(version.version_id, version.credential, next_action_at)
            after = replace(after, account=_known(entry, version.credential, answer))
            notified = notified or self._notify(entry, after, grant)
            after = after.announced(entry.alert, self.clock()) if notified else after
            # The tokens are safe, and the page must say so. If people could not be notified, the incident stays open
            # in the entry, so that the next attempt notifies them that it is over.
            if published.missing or published.refused:
                after = after if after.is_paused else after.reminded_at(self.clock())
            still = replace(_notification_pending(entry, after), unannounced=True)
            return after if notified else still.still_notifying(entry.alert, self.clock())

        return self._update(state, connected)[1]

    def record_kept(
        self, state: SecretState, version: Version, intent: ExchangeIntent, answer: AccountAnswer | None
    ) -> None:
        """Record a consent whose tokens are safe but not current yet. The next refresh makes them current, soon."""

        def kept(entry: RegistryEntry) -> RegistryEntry:
            refresh_at = None if entry.is_paused else self.clock()
            after = replace(entry.ended(intent.ended(End.KEPT)), next_action_at=refresh_at, unannounced=True)
            return _notification_pending(entry, replace(after, account=_known(entry, version.credential, answer)))

        self._update(state, kept)

    def account_name(self, name: str, account_id: str | None) -> str:
        """Return the name of the account of a credential, if the registry has it and answers."""
        entry = self._entry_if_up(name)
        return known_name(entry.account, account_id) if entry else ""

    def _update(
        self, state: SecretState, change: Callable[[RegistryEntry], RegistryEntry]
    ) -> tuple[RegistryEntry, RegistryEntry]:
        """Change the entry by compare-and-swap against ticks and refreshes; return the entry before and after."""
        before = RegistryEntry.of_secret(state, self.clock())

        def changed(stored: RegistryEntry | None) -> RegistryEntry:
            nonlocal before
            before = stored or before
            return change(before)

        after = update(self.registry, state.name, changed)
        return before, after or before

    def challenge(self, name: str) -> str:
        """Return the claims challenge for the next sign-in, or an empty text.

        A registry that is down does not stop the sign-in. At worst the provider refuses it, with the challenge.
        """
        entry = self._entry_if_up(name)
        return entry.claims if entry else ""

    def _entry_if_up(self, name: str) -> RegistryEntry | None:
        """Return an entry if there is one and the registry answers."""
        with suppress(ServiceUnavailableError):
            return self.registry.get(name)
        return None

    def record_challenge(self, name: str, claims: str) -> None:
        """Record the claims challenge of a refused sign-in for the next one."""
        if not claims:
            return
        self._try_update(name, lambda entry: entry.challenged(claims))

    def drop_challenge(self, name: str) -> None:
        """Delete the claims challenge: the provider refused the request that had it, perhaps because of it.

        If it still wants it, the next refusal has it again.
        """
        self._try_update(name, lambda entry: replace(entry, claims=""))

    def _try_update(self, name: str, change: Callable[[RegistryEntry], RegistryEntry]) -> None:
        """Change an entry if there is one and the registry answers; nothing depends on it."""
        with suppress(ServiceUnavailableError):
            update(self.registry, name, lambda entry: change(entry) if entry else None)

    def ask_operator(self, name: str, diagnosis: Diagnosis) -> bool:
        """Notify the operator why nobody can sign in for a credential.

        A credential that works goes on being refreshed; only one that waits for a person already waits for the operator
        now. If the operator cannot be notified, nothing is recorded, so that the next sign-in notifies them.

        Returns:
            Whether the operator was notified, now or before.
        """
        try:
            entry = self.registry.get(name)
            if entry is None:
                return False  # The next tick discovers it, and the first refresh notifies the operator of the same.
            after = entry.diagnosed(diagnosis)
            if entry.status.needs_a_person:
                after = entry.needing_a_person(entry.version_id, diagnosis, status_for(diagnosis))
            notified = self.alerting.notify(after, diagnosis, None)
        except (StaleObservationError, *CANNOT_NOTIFY):
            return False
        waits = notified.status.needs_a_person
        with suppress(StaleObservationError, ServiceUnavailableError):
            self.registry.save(notified.reminded_at(self.alerting.remind_at(notified)) if waits else notified)
        return True

    def _notify(self, before: RegistryEntry, after: RegistryEntry, grant: Grant) -> bool:
        if grant.identity is None:
            return True
        try:
            self.alerting.notify_connected(before, after, grant.identity)
        except CANNOT_NOTIFY:
            return False
        return True


@dataclass
class ConsentAttempt:
    """One code exchange that has begun.

    Attributes:
        completion: The completion that records it.
        rotation: Makes the grant current.
        state: The staging labels of the secret when it began.
        version: The version that was current then.
        intent: The intent that was recorded.
        entry: The entry with that intent.
        has_grant: Whether there are tokens to store.
    """

    completion: ConsentCompletion
    rotation: Rotation
    state: SecretState
    version: Version
    intent: ExchangeIntent
    entry: RegistryEntry
    has_grant: bool = False

    @property
    def account_name(self) -> str:
        """The name of the account, if the registry has it."""
        return known_name(self.entry.account, self.version.credential.account_id)

    def store_grant(self, grant: Grant, answer: AccountAnswer | None = None) -> Version:
        """Store the grant of a consent, record it, and notify people.

        Args:
            grant: The grant that the code was exchanged for.
            answer: The answer of the provider's API about the account; ``None`` if it was not asked.

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
                self.completion.record_kept(self.state, self.version, self.intent, answer)
            raise
        if not stored.credential.holds(grant):
            self.has_grant = False  # Its tokens are not needed, so no refresh has to look for them.
            raise ConsentEndedError(already_done(self.state.name, stored.credential))
        # The tokens are current. If the registry is down, the next tick finds the new version.
        with suppress(ServiceUnavailableError):
            entry = self.completion.record(self.state, stored, grant, self.intent, answer)
            StatusTagWriter(self.completion.store, self.rotation.patience).show(self.state, entry)
        return stored


def _notification_pending(before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
    """Return the entry with trouble of the account left open as well; the next attempt notifies people of its end."""
    notified_at = before.account.notified_at if before.account else None
    return replace(after, account=after.account.still_open(notified_at) if after.account else None)


def _known(before: RegistryEntry, credential: Credential, answer: AccountAnswer | None) -> KnownAccount | None:
    """Return the state of the account after a consent."""
    if answer is None or credential.account_id is None:
        return None
    return KnownAccount.of_consent(credential.account_id, answer, before.account)
