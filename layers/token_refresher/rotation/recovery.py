"""Makes current what an interrupted attempt left behind, without another exchange.

The steps are those of docs/rotation.md. A pending successor is promoted. A grant that was stored over a version which
is no longer current, or that waits in escrow, goes on top of the current version, unless that has newer tokens.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from token_refresher.base.errors import PromotionRefusedError, ServiceUnavailableError, VersionNotFoundError
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.rotation.escrow import Escrow, EscrowedGrant
from token_refresher.rotation.intent import Base, ExchangeIntent
from token_refresher.rotation.rotation import RECORD_RESERVE, Rotation, Version
from token_refresher.rotation.secret_store import SecretState, SecretStore, successors
from token_refresher.rotation.token_family import family_of_found
from token_refresher.rotation.unfinished import Unfinished


class Recovery:
    """Finishes interrupted attempts.

    Args:
        store: The secret store.
        escrow: The escrow.
        rotation: Makes a grant current.
        reserve: The time of the invocation that must be left for everything else.
    """

    def __init__(self, store: SecretStore, escrow: Escrow, rotation: Rotation, reserve: timedelta) -> None:
        self._store = store
        self._escrow = escrow
        self._rotation = rotation
        self._patience = rotation.patience
        self._reserve = reserve

    def recover(
        self,
        state: SecretState,
        unfinished: Unfinished,
        intent: ExchangeIntent | None,
        lineage: Sequence[str],
        *,
        read_escrow: bool,
    ) -> tuple[SecretState, Version, bool]:
        """Make the newest grant current that was left behind.

        Args:
            state: The state of the secret.
            unfinished: Which versions can have been left behind.
            intent: The last exchange that is recorded.
            lineage: The fingerprints of the refresh tokens that followed each other.
            read_escrow: Whether the escrow may have a grant.

        Returns:
            The state of the secret, the current version, and whether recovery made it current.

        Raises:
            CredentialNotFoundError: The secret is gone.
            GrantKeptError: A grant was found, and could not be made current yet.
            MalformedCredentialError: The current version is no credential document.
            OvertakenError: Other writers were faster until no time was left. The grant is where it was found.
            ServiceUnavailableError: AWS did not answer.
            VersionNotFoundError: The current version cannot be read yet.
        """
        state, recovered = self._finish_pending(state, unfinished)
        unfinished = unfinished.seeing(state)
        version = self._rotation.read(state, self._reserve)
        escrowed = self._patience.call(self._reserve, self._escrow.of, state.name) if read_escrow else []
        found = [
            *self._orphans(state, unfinished, intent),
            *((one.grant, one.base) for one in escrowed if self._is_wanted(one, state, unfinished)),
        ]
        # The newest first, so that the older ones are not wanted any more.
        for grant, base in sorted(found, key=lambda one: (one[0].identity is not None, one[0].issued_at), reverse=True):
            family = family_of_found(grant, base, version.credential, lineage)
            if family is not None:
                version, recovered = self._rotation.place(grant, family, state, version, unfinished), True
                state = replace(state, current=version.version_id, pending=None)
        self._remove(escrowed)
        return state, version, recovered

    def _finish_pending(self, state: SecretState, unfinished: Unfinished) -> tuple[SecretState, bool]:
        """Promote a successor that was stored and not promoted; return the state after it, and whether it was promoted.

        If the promotion is refused, another writer moved ``AWSCURRENT`` meanwhile, and that version stands.
        """
        pending = state.unfinished_successor
        if pending is None or state.current is None or not unfinished.is_in_doubt:
            return state, False
        # Only a credential document may become current, whichever process put AWSPENDING on it.
        found = self._rotation.found(state, pending, self._reserve)
        if found is None or not unfinished.may_be(pending, found.newest_at):
            return state, False
        try:
            self._promote(state.name, pending, state.current)
        except PromotionRefusedError:
            return self._rotation.describe(state.name, self._reserve), False
        except VersionNotFoundError:
            return state, False
        return replace(state, current=pending, pending=None), True

    def _promote(self, name: str, version_id: str, replacing: str) -> None:
        """Promote a version, and try again if there is no answer.

        Raises:
            PromotionRefusedError: Another version is current, or an operator has rolled this one back meanwhile.
        """
        is_in_doubt = False

        def promote() -> None:
            nonlocal is_in_doubt
            if is_in_doubt and self._store.describe(name).previous == version_id:
                raise PromotionRefusedError
            try:
                self._store.promote(name, version_id, replacing=replacing)
            except ServiceUnavailableError:
                is_in_doubt = True  # It may be current now.
                raise

        self._patience.call(self._reserve, promote)

    def _orphans(
        self, state: SecretState, unfinished: Unfinished, intent: ExchangeIntent | None
    ) -> Iterator[tuple[Grant, Base]]:
        """Yield the grants that were stored over a version that is no longer current.

        An operator's edit can land between the two writes, and the process can die before it notices. AWSPENDING is on
        the version of the grant until another version is stored; the ID of the version follows from the intent.
        """
        if intent is None or intent.is_settled or state.current is None:
            return
        for version_id, found in self._left_behind(state, intent):
            grant = found.grant() if found else None
            # An older grant is of an exchange that came to its end: if it is not current, it was replaced on purpose.
            if grant is None or grant.issued_at < unfinished.since:
                continue
            # If a consent was current and is not any more, an operator took it back. The tokens of a refresh still
            # count: they are newer than those that it presented.
            if intent.is_consent and (version_id in unfinished.were_current or self._was_taken_back(grant, state)):
                continue
            # The document names the last person who consented. Only the intent tells whether this is their grant.
            yield grant if intent.is_consent else replace(grant, identity=None), intent.base

    def _left_behind(self, state: SecretState, intent: ExchangeIntent) -> Iterator[tuple[str, Credential | None]]:
        pending = state.own_pending or ""
        for version_id in dict.fromkeys([pending, *successors(state.arn, intent.version_id)]):
            if version_id in {state.current, ""}:
                continue
            try:
                yield version_id, self._rotation.found(state, version_id, self._reserve)
            except VersionNotFoundError:
                if version_id != pending:
                    return  # No version has a later ID before one has this ID.

    def _is_wanted(self, escrowed: EscrowedGrant, state: SecretState, unfinished: Unfinished) -> bool:
        """Tell whether a grant in escrow may still become current, for one that could not be removed stays there."""
        if escrowed.arn != state.arn:
            return False
        if escrowed.grant.identity is None:
            return True
        return unfinished.is_in_doubt and not self._was_taken_back(escrowed.grant, state)

    def _was_taken_back(self, grant: Grant, state: SecretState) -> bool:
        """Tell whether the tokens of a grant were current until another version replaced them."""
        if state.previous is None:
            return False
        try:
            before = self._rotation.found(state, state.previous, self._reserve)
        except VersionNotFoundError:
            return False
        return before is not None and before.holds(grant)

    def _remove(self, escrowed: list[EscrowedGrant]) -> None:
        # If a removal fails, the next tick finds the name again. Until then the grant is known to be current.
        for one in escrowed:
            with suppress(ServiceUnavailableError):
                self._patience.call(RECORD_RESERVE, self._escrow.remove, one)
