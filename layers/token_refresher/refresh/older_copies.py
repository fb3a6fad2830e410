"""Search the versions of the secret for newer tokens before using a refresh token that the last refresh did not issue.

An operator moves ``AWSCURRENT`` back, or saves a document that was open in an editor since yesterday, or an
infrastructure tool restores the first document. Their choice of keys and of the sign-in stands. But a refresh token
that was replaced long ago is spent, and a strict provider revokes the sign-in if it is presented (RFC 9700, section
4.14.2).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import readable_time
from token_refresher.base.errors import NotEnoughTimeError, VersionNotFoundError
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis, first_consent
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.rotation import Rotation, Version
from token_refresher.rotation.secret_store import SecretState, StoredVersion
from token_refresher.rotation.token_family import TokenFamily
from token_refresher.rotation.token_succession import Newest, TokenSuccession
from token_refresher.rotation.unfinished import Unfinished

_REMOVED: Final = "refresh_token_removed"


@dataclass(frozen=True)
class Removed:
    """An edit that took the refresh token out of a document.

    Attributes:
        at: When the version without a refresh token was written.
        by: That version.
        still_in: The newest version that has one.
    """

    at: datetime
    by: str
    still_in: str


@dataclass(frozen=True)
class Rejoined:
    """The current version, with the newest tokens of its sign-in.

    Attributes:
        state: The staging labels.
        version: The current version.
        entry: The registry entry with the order of the refresh tokens in the versions; not written yet.
        is_renewed: Whether newer tokens were put on top of the current version.
        were_current: The versions that the secret had when they were listed: recovery must make none of them current.
    """

    state: SecretState
    version: Version
    entry: RegistryEntry
    is_renewed: bool = False
    were_current: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OlderCopies:
    """Finds out from the versions of a secret whether its current refresh token was replaced before.

    Attributes:
        rotation: Reads the versions, and makes tokens current.
        reserve: How much time the invocation needs for the steps that follow.
    """

    rotation: Rotation
    reserve: timedelta

    def rejoin(self, state: SecretState, version: Version, entry: RegistryEntry, unfinished: Unfinished) -> Rejoined:
        """Put the newest tokens of the current sign-in on top of it, if it has older ones.

        The versions are listed only if the entry names another refresh token as the last one, or if a successor is
        pending that the entry does not explain: an operator moved staging labels, or the registry was lost.

        Raises:
            NotEnoughTimeError: There is too little time to read the versions.
            GrantKeptError: As `Rotation.place`, which raises other errors, too.
        """
        fingerprint = version.credential.fingerprint
        is_the_last = entry.lineage[-1:] == (fingerprint,) and state.unfinished_successor is None
        if not fingerprint or is_the_last or _is_new(state, entry):
            return Rejoined(state, version, entry)
        versions = self.rotation.history(state, self.reserve)
        # This includes the version under AWSPENDING: without an open intent, it may have been current before.
        were_current = frozenset(one.version_id for one in versions)
        newest = self._newest_after(state, version, entry, versions)
        if newest is not None and newest.fingerprint in entry.spent:
            # The newest token is spent, too, and no version has its successor any more.
            return Rejoined(state, version, entry, were_current=were_current)
        if newest is None:
            return Rejoined(state, version, entry.led_by((fingerprint,)), were_current=were_current)
        family = TokenFamily(frozenset(newest.ancestors))
        known = Unfinished(unfinished.since, unfinished.were_current | were_current)
        placed = self.rotation.place(newest.grant, family, state, version, known)
        if placed.credential.fingerprint == newest.fingerprint:
            entry = entry.led_by((*newest.ancestors, newest.fingerprint))
        state = replace(state, current=placed.version_id, pending=None)
        return Rejoined(state, placed, entry, is_renewed=True, were_current=were_current)

    def without_refresh_token(self, state: SecretState, version: Version, entry: RegistryEntry) -> Diagnosis:
        """Return why a document has no refresh token: the user has not signed in yet, or an edit removed it."""
        removed = None if _is_new(state, entry) else self._removal(state, version)
        words = entry.issuer.words
        return first_consent(words) if removed is None else refresh_token_removed(removed, state.arn)

    def _newest_after(
        self, state: SecretState, version: Version, entry: RegistryEntry, versions: list[StoredVersion]
    ) -> Newest | None:
        family = TokenSuccession(state.arn, frozenset(one.version_id for one in versions))
        is_the_last = bool(versions) and versions[0].version_id == version.version_id
        if is_the_last and family.follows_another(version.version_id):
            return None  # The refresher wrote the newest version.
        family.know(entry.lineage)
        family.add(version.version_id, version.credential)
        for version_id, credential in self._documents(state, versions, version):
            family.add(version_id, credential)
            newest = family.newest_after(version.credential.fingerprint)
            # Versions come newest first, so each successor of this token has been read already.
            if newest is not None and credential.fingerprint == version.credential.fingerprint:
                return newest
        return family.newest_after(version.credential.fingerprint)

    def _removal(self, state: SecretState, version: Version) -> Removed | None:
        versions = self.rotation.history(state, self.reserve)
        written_at = next((one.created_at for one in versions if one.version_id == version.version_id), None)
        for version_id, credential in self._documents(state, versions, version):
            if credential.refresh_token is not None and written_at is not None:
                return Removed(written_at, version.version_id, version_id)
        return None

    def _documents(
        self, state: SecretState, versions: list[StoredVersion], current: Version
    ) -> Iterator[tuple[str, Credential]]:
        """Yield the other versions that are credential documents, newest first; Secrets Manager keeps up to 100."""
        for one in versions:
            if one.version_id in {current.version_id, state.foreign_pending}:
                continue
            if self.rotation.patience.time_left() < self.reserve:
                raise NotEnoughTimeError(state.name)
            try:
                found = self.rotation.found(state, one.version_id, self.reserve)
            except VersionNotFoundError:
                continue  # Secrets Manager has removed it meanwhile.
            if found is not None:
                yield one.version_id, found


def _is_new(state: SecretState, entry: RegistryEntry) -> bool:
    """Tell whether a secret has only the version that it was created with."""
    return state.previous is None and state.pending is None and not entry.lineage


def refresh_token_removed(removed: Removed, arn: str) -> Diagnosis:
    """Return the diagnosis of an edit that removed the refresh token, with the command that restores it."""
    cause = (
        f"An edit at {readable_time(removed.at)} took refresh_token out of the document (version {removed.by})."
        f" Version {removed.still_in} still has it."
    )
    # The command is last, so that nobody copies a full stop with it.
    action = (
        "Put refresh_token back into the document, or let the user sign in again with a new link, or restore the whole"
        " document of that version, which undoes everything else that the edit changed:"
        f" aws secretsmanager update-secret-version-stage --secret-id {arn} --version-stage AWSCURRENT"
        f" --move-to-version-id {removed.still_in} --remove-from-version-id {removed.by}"
    )
    return Diagnosis(_REMOVED, Actor.OPERATOR, certain=True, cause=cause, action=action, meaning=_REMOVED)
