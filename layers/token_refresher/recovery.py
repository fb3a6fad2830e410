"""What an unclean end left behind is made current, without another exchange.

The steps are those of docs/rotation.md: a pending successor is promoted; a grant that was stored over a version which
is no longer current, or that waits in escrow, goes on top of what is current, unless something newer is.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from token_refresher.errors import PromotionRefusedError, ServiceUnavailableError, VersionNotFoundError
from token_refresher.escrow import Escrow, EscrowedGrant
from token_refresher.grant import Grant
from token_refresher.intent import Base, Intent
from token_refresher.lineage import lineage_of_found
from token_refresher.rotation import RECORD_RESERVE, Rotation, Version, parse_pending
from token_refresher.secret_store import SecretState, SecretStore, successor


class Recovery:
    """Finishes what others began.

    Args:
        store: Where the credentials are.
        escrow: Where grants wait.
        rotation: How a grant becomes current.
        reserve: What else the invocation is needed for.
    """

    def __init__(self, store: SecretStore, escrow: Escrow, rotation: Rotation, reserve: timedelta) -> None:
        self._store = store
        self._escrow = escrow
        self._rotation = rotation
        self._patience = rotation.patience
        self._reserve = reserve

    def recover(
        self, state: SecretState, intent: Intent | None, lineage: Sequence[str], *, look_into_escrow: bool
    ) -> tuple[SecretState, Version, bool]:
        """Make current what was left behind.

        Args:
            state: The labels now.
            intent: The exchange that was last begun.
            lineage: The fingerprints of the refresh tokens that followed each other.
            look_into_escrow: Whether something may be there.

        Returns:
            The labels, the current version, and whether it is one that was left behind.

        Raises:
            CredentialNotFoundError: The secret is gone.
            GrantKeptError: Something was found, and could not be made current yet.
            MalformedCredentialError: What is current, or pending, is no credential document.
            OvertakenError: Others were faster until no time was left; what was found is where it was.
            ServiceUnavailableError: AWS did not answer.
            VersionNotFoundError: What is current cannot be seen yet.
        """
        promoted = self._finish_pending(state)
        if promoted is not None:
            state = replace(state, current=promoted, pending=None)
        version = self._rotation.read(state, self._reserve)
        escrowed = self._patience.call(self._reserve, self._escrow.of, state.name) if look_into_escrow else []
        found = [
            *self._orphans(state, version, intent, lineage),
            *((one.grant, one.base) for one in escrowed if one.arn == state.arn),
        ]
        # The newest first: an older one is then no longer wanted.
        recovered = promoted is not None
        for grant, base in sorted(found, key=lambda one: (one[0].identity is not None, one[0].issued_at), reverse=True):
            wanted = lineage_of_found(grant, base, version.credential, lineage)
            if wanted is not None:
                version, recovered = self._rotation.place(grant, wanted, state, version), True
                state = replace(state, current=version.version_id, pending=None)
        self._remove(escrowed)
        return state, version, recovered

    def _finish_pending(self, state: SecretState) -> str | None:
        """Promote a successor that was stored and not promoted; return its id.

        Refused means that somebody else moved ``AWSCURRENT`` meanwhile, and then it is theirs.
        """
        pending = state.unfinished_successor
        if pending is None or state.current is None:
            return None
        # Nothing but a credential document may become current, whoever labelled it AWSPENDING.
        parse_pending(self._rotation.text(state.name, pending, self._reserve))
        try:
            self._patience.call(self._reserve, self._store.promote, state.name, pending, replacing=state.current)
        except (PromotionRefusedError, VersionNotFoundError):
            return None
        return pending

    def _orphans(
        self, state: SecretState, version: Version, intent: Intent | None, lineage: Sequence[str]
    ) -> Iterator[tuple[Grant, Base]]:
        """Yield the grants that were stored over a version that is no longer current.

        An edit can land between the two writes, and whoever wrote can die before they notice. The label AWSPENDING
        says where the grant is, as long as nobody else has stored anything; its id follows from the intent.

        An edit can also be made from an old copy, and put a spent refresh token back. What followed that token is where
        AWSPENDING still is. To bring back another sign-in is a decision, and stands.
        """
        if intent is None or state.current is None:
            return
        if intent.is_settled:
            if version.credential.fingerprint in lineage[:-1] and state.pending is not None:
                newest = parse_pending(self._rotation.text(state.name, state.pending, self._reserve))
                grant = newest.grant()
                if grant is not None and newest.fingerprint == lineage[-1]:
                    yield replace(grant, identity=None), Base.of(version.credential)
            return
        expected = successor(state.arn, intent.version_id)
        candidates = {state.pending, expected}
        for version_id in sorted(candidates - {state.current, None}, key=str):
            try:
                grant = parse_pending(self._rotation.text(state.name, str(version_id), self._reserve)).grant()
            except VersionNotFoundError:
                continue
            # What was pending before is of an exchange that came to its end, and is not current by decision.
            if grant is not None and (version_id == expected or grant.issued_at >= intent.since):
                # The document names whoever consented last; that this grant is their consent only the intent tells.
                yield grant if intent.is_consent else replace(grant, identity=None), intent.base

    def _remove(self, escrowed: list[EscrowedGrant]) -> None:
        # What cannot be removed is seen by the next tick, and does no harm meanwhile: it is known to be current.
        for one in escrowed:
            with suppress(ServiceUnavailableError):
                self._patience.call(RECORD_RESERVE, self._escrow.remove, one)
