"""Makes a grant the current version, while other writers may change the secret at the same time.

The steps are those of docs/rotation.md. The grant is first stored under the ID of the current version's successor, and
then promoted by a compare-and-swap. While the store is down, the grant goes to escrow.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from token_refresher.base.deadline import Deadline
from token_refresher.base.errors import (
    GrantKeptError,
    MalformedCredentialError,
    OvertakenError,
    PromotionRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.rotation.escrow import Escrow, EscrowedGrant
from token_refresher.rotation.intent import ExchangeIntent
from token_refresher.rotation.secret_store import SecretState, SecretStore, StoredVersion, successors
from token_refresher.rotation.token_family import TokenFamily, family_of_rival, is_earlier_consent, outranks
from token_refresher.rotation.unfinished import Unfinished

ESCROW_RESERVE: Final = timedelta(seconds=16)
"""The time for the escrow while the store is tried: two calls that hang, one to the escrow, and the registry write."""

TOKENS_RESERVE: Final = timedelta(seconds=8)
"""The time for tokens that do not exist yet: one call to the store that hangs, and one to the escrow."""

RECORD_RESERVE: Final = timedelta(seconds=4)
"""The time for recording the end of the attempt: one call that hangs."""

_NOT_CURRENT: Final = (MalformedCredentialError, OvertakenError, ServiceUnavailableError)
"""Why a grant could not be made current: the document is malformed, other writers were faster, or AWS is down."""


@dataclass(frozen=True)
class Version:
    """One version of a credential: its ID and its document."""

    version_id: str
    credential: Credential


class Rotation:
    """Stores grants in the secret store, one successor at a time.

    Args:
        store: The secret store.
        escrow: Keeps a grant while the store is down.
        patience: How long the store is tried.
    """

    def __init__(self, store: SecretStore, escrow: Escrow, patience: Deadline) -> None:
        self._store = store
        self._escrow = escrow
        self.patience = patience
        self._texts: dict[tuple[str, str], str] = {}
        """The texts that were read, by name and version: a version never changes, so none is read twice."""

    def glance(self, name: str, reserve: timedelta) -> tuple[str, Version]:
        """Return the ARN of a secret and its current version, without the state of the other versions.

        Raises:
            CredentialNotFoundError: The secret is scheduled for deletion.
            VersionNotFoundError: There is no such secret, or it has no current version.
            MalformedCredentialError: It holds no credential document.
            ServiceUnavailableError: Secrets Manager did not answer.
        """
        found = self.patience.call(reserve, self._store.current, name)
        self._texts[name, found.version_id] = found.text
        return found.arn, Version(found.version_id, Credential.parse(found.text))

    def describe(self, name: str, reserve: timedelta = ESCROW_RESERVE) -> SecretState:
        """Return the state of a credential's secret; raises as `SecretStore.describe`."""
        return self.patience.call(reserve, self._store.describe, name)

    def current(self, name: str, reserve: timedelta = ESCROW_RESERVE) -> tuple[SecretState, Version]:
        """Read the state of a secret and its current version.

        Args:
            name: The credential's name.
            reserve: The time that must be left for everything else: before an exchange, for the exchange.

        Raises:
            CredentialNotFoundError: There is no such secret.
            VersionNotFoundError: Its current version cannot be read yet.
            MalformedCredentialError: It holds no credential document, or nothing yet.
            ServiceUnavailableError: Secrets Manager did not answer.
        """
        state = self.describe(name, reserve)
        return state, self.read(state, reserve)

    def read(self, state: SecretState, reserve: timedelta = ESCROW_RESERVE) -> Version:
        """Read the current version of a state; raises as `current`."""
        version_id = state.require_current()
        return Version(version_id, Credential.parse(self.text(state.name, version_id, reserve)))

    def text(self, name: str, version_id: str, reserve: timedelta = ESCROW_RESERVE) -> str:
        """Return the text of one version; raises as `SecretStore.read`."""
        known = self._texts.get((name, version_id))
        if known is None:
            known = self._texts[name, version_id] = self.patience.call(reserve, self._store.read, name, version_id)
        return known

    def found(self, state: SecretState, version_id: str, reserve: timedelta = ESCROW_RESERVE) -> Credential | None:
        """Return the document of a version, or ``None`` if the version is no credential document.

        Raises:
            VersionNotFoundError: The version cannot be read: not yet, or not any more.
        """
        try:
            return Credential.parse(self.text(state.name, version_id, reserve))
        except MalformedCredentialError:
            return None

    def history(self, state: SecretState, reserve: timedelta = ESCROW_RESERVE) -> list[StoredVersion]:
        """Return the versions of a secret, the newest first; raises as `SecretStore.history`."""
        return self.patience.call(reserve, self._store.history, state.name)

    def keep(
        self,
        grant: Grant,
        family: TokenFamily,
        state: SecretState,
        base: Version,
        intent: ExchangeIntent,
        *,
        were_current: frozenset[str] = frozenset(),
    ) -> Version:
        """Make a grant current, or put it into escrow.

        Args:
            grant: The tokens of the exchange.
            family: Which refresh tokens they may replace.
            state: The state of the secret when the exchange began.
            base: The version that was current then.
            intent: The recorded intent of the exchange.
            were_current: Versions that are known to have been current before.

        Returns:
            The version that is current at the end: that of this grant, or one that outranks it.

        Raises:
            GrantKeptError: The grant is stored or in escrow, and not current yet.
            CredentialNotFoundError: The secret was deleted meanwhile.
            ServiceUnavailableError: Neither Secrets Manager nor the escrow took the grant.
        """
        try:
            return self.place(grant, family, state, base, Unfinished(intent.since, were_current))
        except _NOT_CURRENT as error:
            escrowed = EscrowedGrant(state.name, state.arn, intent.attempt, intent.base, grant)
            self.patience.call(RECORD_RESERVE, self._escrow.put, escrowed)
            raise GrantKeptError(state.name, "escrow") from error

    def place(
        self, grant: Grant, family: TokenFamily, state: SecretState, base: Version, unfinished: Unfinished
    ) -> Version:
        """Make a grant current on top of a version, or on top of one that another writer made current meanwhile.

        Args:
            grant: The tokens.
            family: Which refresh tokens they may replace.
            state: The state of the secret when the version was read.
            base: The version.
            unfinished: Which pending versions may be unfinished writes of other workers. Others are history.

        Returns:
            The version that is current at the end: that of this grant, or one that outranks it.

        Raises:
            GrantKeptError: The grant is stored as a pending version, and could not be promoted in time.
            OvertakenError: Other writers were faster until no time was left, and the grant is not stored.
            CredentialNotFoundError: The secret was deleted meanwhile.
            MalformedCredentialError: The document became malformed meanwhile, and the grant is not stored.
            ServiceUnavailableError: The grant could not be stored.
        """
        placement = _Placement(self, self._store, grant, family, state=state, base=base, unfinished=unfinished)
        try:
            return self.patience.call(ESCROW_RESERVE, placement.attempt)
        except _NOT_CURRENT as error:
            if placement.is_stored:
                raise GrantKeptError(state.name, "a pending version") from error
            raise


class _Placement:
    """One grant that is to become current. Each round puts it on top of the version that is current then."""

    def __init__(
        self,
        rotation: Rotation,
        store: SecretStore,
        grant: Grant,
        family: TokenFamily,
        *,
        state: SecretState,
        base: Version,
        unfinished: Unfinished,
    ) -> None:
        self._rotation = rotation
        self._store = store
        self._grant, self._family = grant, family
        self._state, self._base = state, base
        self._unfinished = unfinished.seeing(state)
        self._must_read_again = False
        self._stored: set[str] = set()
        self._taken = set(self._unfinished.were_current)
        """IDs of versions that are history: a version that was current once is not promoted again."""

    @property
    def is_stored(self) -> bool:
        """Whether the grant is in a version already."""
        return bool(self._stored)

    def attempt(self) -> Version:
        """Do one round.

        Raises:
            OvertakenError: Another writer was faster, or its version cannot be read yet.
        """
        try:
            if self._must_read_again:
                self._read_again()
                if self._rotation.patience.time_left() <= ESCROW_RESERVE:
                    raise OvertakenError  # The reads were slow: the time that is left is for the escrow.
            return self._round()
        except (PromotionRefusedError, SuccessorExistsError, VersionNotFoundError) as error:
            self._must_read_again = True
            raise OvertakenError from error

    def _round(self) -> Version:
        base = self._base
        if base.credential.holds(self._grant) or not self._family.may_replace(base.credential):
            return base
        if self._family.is_consent and is_earlier_consent(self._grant, base.credential):
            return base
        free = next((one for one in successors(self._state.arn, base.version_id) if one not in self._taken), None)
        if free is None:
            raise OvertakenError  # An operator moves AWSCURRENT back to one version again and again.
        ours = Version(free, base.credential.with_grant(self._grant))
        if ours.version_id not in self._stored:
            self._put(ours)
        self._promote(ours.version_id, base.version_id)
        return ours

    def _promote(self, version_id: str, replacing: str) -> None:
        try:
            self._store.promote(self._state.name, version_id, replacing=replacing)
        except ServiceUnavailableError:
            # It may be current now. If an operator has rolled it back by the time of the next round, that stands.
            self._must_read_again = True
            raise

    def _put(self, ours: Version) -> None:
        try:
            self._store.put_pending(self._state.name, ours.version_id, ours.credential.dump())
        except SuccessorExistsError:
            self._resolve_collision(ours.version_id)
            raise
        self._stored.add(ours.version_id)

    def _read_again(self) -> None:
        self._state, self._base = self._rotation.current(self._state.name)
        self._unfinished = self._unfinished.seeing(self._state)
        self._taken |= self._unfinished.were_current
        pending = self._state.own_pending
        if pending is None or pending in self._stored or pending == self._state.previous:
            return
        # Another worker stored it and did not promote it. If it is a consent, it outranks a refresh.
        rival = self._rotation.found(self._state, pending)
        if rival is None or not self._unfinished.may_be(pending, rival.newest_at):
            return
        if rival.consent_generation > self._base.credential.consent_generation:
            self._resolve_rival(rival)

    def _resolve_collision(self, version_id: str) -> None:
        """Find out what has the ID already: the version of a rival, or one that an operator took back."""
        versions = {one.version_id: one for one in self._rotation.history(self._state)}
        existing = versions.get(version_id)
        if existing is None:
            return  # It was written just now, and is not visible yet.
        base = versions.get(self._base.version_id)
        if base is not None and base.is_current and (existing.is_previous or not existing.is_pending):
            # It followed the base before, and is not pending any more: an operator moved AWSCURRENT back to the base.
            self._taken |= versions.keys() - self._stored
            return
        rival = self._rotation.found(self._state, version_id)
        # If it is current now, its worker has promoted it, or an operator has moved AWSCURRENT to it: it stands.
        is_rival = rival is not None and (existing.is_current or self._unfinished.may_be(version_id, rival.newest_at))
        if rival is None or not is_rival:
            self._taken.add(version_id)
            return
        # Promote the version that the rival stored on top of the same base; then the higher grant goes on top.
        self._resolve_rival(rival)
        # If it is refused, the version was promoted already or an edit was faster. The next round reads which.
        with suppress(PromotionRefusedError):
            self._store.promote(self._state.name, version_id, replacing=self._base.version_id)

    def _resolve_rival(self, rival: Credential) -> None:
        """Go on with the grant that outranks the other: that of the rival, or this one on top of the rival."""
        theirs, their_family = rival.grant(), family_of_rival(rival, self._base.credential)
        if theirs is not None and outranks(theirs, their_family, self._grant, self._family):
            self._grant, self._family = theirs, their_family
        else:
            self._family = self._family.over(rival)
