"""How a grant becomes the current version, whatever else happens at the same time.

The steps are those of "A refresh, step by step" in docs/architecture.md. A grant is first stored under the one id
that a successor of the current version can have, and only then promoted, by a compare-and-swap. Whoever finds a stored
successor that was not promoted finishes that, instead of asking the authorization server again.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from token_refresher.credential import Credential
from token_refresher.errors import PromotionRefusedError, RotationContendedError, SuccessorExistsError
from token_refresher.grant import Grant
from token_refresher.intent import Intent
from token_refresher.secret_store import SecretState, SecretStore, successor

_ATTEMPTS: Final = 5
"""Each further round means that one more writer was faster within the last second. Five is a fight, not a race."""


@dataclass(frozen=True)
class Version:
    """One version of a credential: its id and what it holds."""

    version_id: str
    credential: Credential


@dataclass(frozen=True)
class Lineage:
    """Which refresh tokens a grant may replace.

    A refresh may replace the token that it presented, and what a rival made of that same token before it. It may not
    replace a token that an operator or a consent put there meanwhile. A consent (``None``) replaces any.
    """

    fingerprints: frozenset[str] | None

    @classmethod
    def of_refresh(cls, presented: str) -> "Lineage":
        """The lineage of a refresh that presented the token with this fingerprint."""
        return cls(frozenset({presented}))

    def may_replace(self, credential: Credential) -> bool:
        """Tell whether the refresh token in this document is one that the grant supersedes."""
        if self.fingerprints is None:
            return True
        return credential.refresh_token is not None and credential.refresh_token.fingerprint in self.fingerprints

    def joined_by(self, rival: Credential, grant: Grant) -> "Lineage":
        """Include a rival's token when ours was issued after it: the newest issued token wins."""
        older = rival.refresh_token_issued_at is None or rival.refresh_token_issued_at <= grant.issued_at
        if self.fingerprints is None or rival.refresh_token is None or not older:
            return self
        return Lineage(self.fingerprints | {rival.refresh_token.fingerprint})


CONSENT: Final = Lineage(None)
"""A consent outranks whatever is there."""


class Rotation:
    """Puts grants into the secret store, one successor at a time."""

    def __init__(self, store: SecretStore) -> None:
        self._store = store

    def place(self, grant: Grant, base: Version, state: SecretState, lineage: Lineage) -> Version:
        """Make a grant current on top of a version, or on top of whatever was faster.

        Returns:
            The version that is current at the end: ours, or the one that outranks it.

        Raises:
            RotationContendedError: Others were faster too many times. The grant is stored as a pending successor of
                the version it was last tried on.
            CredentialNotFoundError: The secret was deleted meanwhile.
        """
        for _ in range(_ATTEMPTS):
            if not lineage.may_replace(base.credential):
                return base
            ours = Version(successor(state.arn, base.version_id), base.credential.with_grant(grant))
            try:
                self._store.put_pending(state.name, ours.version_id, ours.credential.dump())
                self._store.promote(state.name, ours.version_id, replacing=base.version_id)
            except SuccessorExistsError:
                rival = self._finish_rival(state, ours.version_id, base.version_id)
                # A consent that was faster outranks a refresh, whenever its answer came.
                if rival.consent_generation == base.credential.consent_generation:
                    lineage = lineage.joined_by(rival, grant)
            except PromotionRefusedError:
                pass
            else:
                return ours
            state, base = self.current(state.name)
        raise RotationContendedError(state.name)

    def current(self, name: str) -> tuple[SecretState, Version]:
        """Read what is current.

        Raises:
            CredentialNotFoundError: There is no such secret.
            VersionNotFoundError: Its current version cannot be seen yet.
            MalformedCredentialError: It holds no credential document, or nothing yet.
        """
        state = self._store.describe(name)
        return state, self.read(state)

    def read(self, state: SecretState) -> Version:
        """Read the current version of a state; raises as `current`."""
        version_id = state.require_current()
        return Version(version_id, Credential.parse(self._store.read(state.name, version_id)))

    def finish_pending(self, state: SecretState) -> bool:
        """Promote a successor that was stored and not promoted; tell whether there was one.

        Refused means that somebody else moved ``AWSCURRENT`` meanwhile, and then it is theirs.
        """
        pending = state.unfinished_successor
        if pending is None or state.current is None:
            return False
        # Nothing but a credential document may become current, whoever labelled it AWSPENDING.
        Credential.parse(self._store.read(state.name, pending))
        try:
            self._store.promote(state.name, pending, replacing=state.current)
        except PromotionRefusedError:
            return False
        return True

    def adopt_orphan(self, state: SecretState, base: Version, intent: Intent) -> Version | None:
        """Carry a stored grant over to an edit that was faster than its promotion.

        An operator's edit of other keys can land between the two writes of a refresh, and the refresh can die before
        it notices. The refresh token that it stored is then the newest one issued, while the edit still holds the
        one that was presented. More edits and more deaths may follow, so the pending version is known by when its
        grant was issued, and not by its id.

        Args:
            state: The labels now.
            base: The current version, the edit.
            intent: What the interrupted refresh recorded before it began.

        Returns:
            The version that is current at the end, or ``None`` where there is nothing to carry over.
        """
        lineage = Lineage.of_refresh(intent.presented)
        if state.pending is None or not lineage.may_replace(base.credential):
            return None
        grant = Credential.parse(self._store.read(state.name, state.pending)).grant()
        if grant is None or grant.issued_at < intent.at:
            return None
        return self.place(grant, base, state, lineage)

    def _finish_rival(self, state: SecretState, rival_id: str, replacing: str) -> Credential:
        rival = Credential.parse(self._store.read(state.name, rival_id))
        # Refused: it was promoted already, or an edit was faster; the next round reads which.
        with suppress(PromotionRefusedError):
            self._store.promote(state.name, rival_id, replacing=replacing)
        return rival
