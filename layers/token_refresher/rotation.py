"""How a grant becomes the current version, whatever else happens at the same time.

The steps are those of docs/rotation.md. A grant is first stored under the one id that a successor of the current
version can have, and only then promoted, by a compare-and-swap. While the store is down it goes to escrow.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from token_refresher.credential import Credential
from token_refresher.errors import (
    GrantKeptError,
    MalformedCredentialError,
    OvertakenError,
    PromotionRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.escrow import Escrow, EscrowedGrant
from token_refresher.grant import Grant
from token_refresher.intent import Intent
from token_refresher.lineage import Lineage, is_earlier_consent, lineage_of_rival, outranks
from token_refresher.patience import Patience
from token_refresher.secret_store import SecretState, SecretStore, successor

ESCROW_RESERVE: Final = timedelta(seconds=16)
"""What is kept for the escrow while the store is tried: two more calls that hang, one to the escrow, the record."""

TOKENS_RESERVE: Final = timedelta(seconds=8)
"""What is kept for tokens that do not exist yet: one call to the store that hangs, and one to the escrow."""

RECORD_RESERVE: Final = timedelta(seconds=4)
"""What is kept for the record of how it ended: one call that hangs."""

_NOT_CURRENT: Final = (MalformedCredentialError, OvertakenError, ServiceUnavailableError)
"""How it ends where a grant could not be made current: the document is broken, others were faster, AWS is down."""


@dataclass(frozen=True)
class Version:
    """One version of a credential: its id and what it holds."""

    version_id: str
    credential: Credential


class Rotation:
    """Puts grants into the secret store, one successor at a time.

    Args:
        store: Where the credentials are.
        escrow: Where a grant waits while the store is down.
        patience: For how long the store is tried.
    """

    def __init__(self, store: SecretStore, escrow: Escrow, patience: Patience) -> None:
        self._store = store
        self._escrow = escrow
        self.patience = patience

    def describe(self, name: str, reserve: timedelta = ESCROW_RESERVE) -> SecretState:
        """Return the labels of a credential's secret; raises as `SecretStore.describe`."""
        return self.patience.call(reserve, self._store.describe, name)

    def current(self, name: str, reserve: timedelta = ESCROW_RESERVE) -> tuple[SecretState, Version]:
        """Read what is current.

        Args:
            name: The credential's name.
            reserve: What else the invocation is needed for: before an exchange that is the exchange.

        Raises:
            CredentialNotFoundError: There is no such secret.
            VersionNotFoundError: Its current version cannot be seen yet.
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
        return self.patience.call(reserve, self._store.read, name, version_id)

    def keep(self, grant: Grant, lineage: Lineage, state: SecretState, base: Version, intent: Intent) -> Version:
        """Make a grant current, or put it into escrow for as long as that cannot be done.

        Returns:
            The version that is current at the end: ours, or the one that outranks it.

        Raises:
            GrantKeptError: The grant is stored or in escrow, and not current yet.
            CredentialNotFoundError: The secret was deleted meanwhile.
            ServiceUnavailableError: Neither Secrets Manager nor the escrow took the grant.
        """
        try:
            return self.place(grant, lineage, state, base)
        except _NOT_CURRENT as error:
            escrowed = EscrowedGrant(state.name, state.arn, intent.attempt, intent.base, grant)
            self.patience.call(RECORD_RESERVE, self._escrow.put, escrowed)
            raise GrantKeptError(state.name, "escrow") from error

    def place(self, grant: Grant, lineage: Lineage, state: SecretState, base: Version) -> Version:
        """Make a grant current on top of a version, or on top of whatever was faster.

        Returns:
            The version that is current at the end: ours, or the one that outranks it.

        Raises:
            GrantKeptError: The grant is stored as a pending version, and could not be promoted in time.
            OvertakenError: Others were faster until no time was left, and the grant is not stored.
            CredentialNotFoundError: The secret was deleted meanwhile.
            MalformedCredentialError: Somebody broke the document meanwhile, and the grant is not stored.
            ServiceUnavailableError: The grant could not be stored.
        """
        placement = _Placement(self, self._store, grant, lineage, state=state, base=base)
        try:
            return self.patience.call(ESCROW_RESERVE, placement.attempt)
        except _NOT_CURRENT as error:
            if placement.is_stored:
                raise GrantKeptError(state.name, "a pending version") from error
            raise


class _Placement:
    """One grant on its way to be current; each attempt is a round on top of what is current then."""

    def __init__(
        self,
        rotation: Rotation,
        store: SecretStore,
        grant: Grant,
        lineage: Lineage,
        *,
        state: SecretState,
        base: Version,
    ) -> None:
        self._rotation = rotation
        self._store = store
        self._grant, self._lineage = grant, lineage
        self._state, self._base = state, base
        self._must_look = False
        self._stored: set[str] = set()

    @property
    def is_stored(self) -> bool:
        """Whether the grant is in a version already."""
        return bool(self._stored)

    def attempt(self) -> Version:
        """Do one round.

        Raises:
            OvertakenError: Somebody was faster, or what they wrote cannot be seen yet.
        """
        try:
            if self._must_look:
                self._look_again()
                if self._rotation.patience.time_left() <= ESCROW_RESERVE:
                    raise OvertakenError  # Looking was slow, and what is left of the time belongs to the escrow.
            return self._round()
        except (PromotionRefusedError, SuccessorExistsError, VersionNotFoundError) as error:
            self._must_look = True
            raise OvertakenError from error

    def _round(self) -> Version:
        base = self._base
        if base.credential.holds(self._grant) or not self._lineage.may_replace(base.credential):
            return base
        if self._lineage.is_consent and is_earlier_consent(self._grant, base.credential):
            return base
        ours = Version(successor(self._state.arn, base.version_id), base.credential.with_grant(self._grant))
        if ours.version_id not in self._stored:
            self._put(ours)
        self._store.promote(self._state.name, ours.version_id, replacing=base.version_id)
        return ours

    def _put(self, ours: Version) -> None:
        try:
            self._store.put_pending(self._state.name, ours.version_id, ours.credential.dump())
        except SuccessorExistsError:
            self._finish_rival(ours.version_id)
            raise
        self._stored.add(ours.version_id)

    def _look_again(self) -> None:
        self._state, self._base = self._rotation.current(self._state.name)
        pending = self._state.pending
        if pending is None or pending in self._stored:
            return
        # Somebody left it on the way. A consent that was stored and not promoted outranks a refresh.
        rival = self._parse(pending)
        if rival.consent_generation > self._base.credential.consent_generation:
            self._yield_to(rival)

    def _finish_rival(self, rival_id: str) -> None:
        """Finish what somebody else stored on top of the same version; then the one that outranks goes on."""
        rival = self._parse(rival_id)
        self._yield_to(rival)
        # Refused: it was promoted already, or an edit was faster; the next round reads which.
        with suppress(PromotionRefusedError):
            self._store.promote(self._state.name, rival_id, replacing=self._base.version_id)

    def _yield_to(self, rival: Credential) -> None:
        theirs, others = rival.grant(), lineage_of_rival(rival, self._base.credential)
        if theirs is not None and outranks(theirs, others, self._grant, self._lineage):
            self._grant, self._lineage = theirs, others
        else:
            self._lineage = self._lineage.over(rival)

    def _parse(self, version_id: str) -> Credential:
        return parse_pending(self._rotation.text(self._state.name, version_id))


def parse_pending(text: str) -> Credential:
    """Read a version under ``AWSPENDING``.

    Raises:
        MalformedCredentialError: It is no credential document, although what is current may well be one.
    """
    try:
        return Credential.parse(text)
    except MalformedCredentialError as error:
        problem = f"has a version under AWSPENDING in which {error}; remove that label"
        raise MalformedCredentialError(None, problem) from None
