"""Reads from the versions of a secret which refresh token followed which: they go back further than the registry.

If a refresh or a consent wrote a version, its ID follows from the version before it: the two versions hold a token and
its successor. An edit has a random ID, and says nothing about the order of tokens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.rotation.secret_store import successors

_UNKNOWN: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Newest:
    """The newest tokens of a sign-in.

    Attributes:
        grant: The tokens.
        ancestors: The fingerprints of the refresh tokens before them, the oldest first.
    """

    grant: Grant
    ancestors: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the refresh token."""
        return self.grant.refresh_token.fingerprint if self.grant.refresh_token else ""


@dataclass
class TokenSuccession:
    """The refresh tokens that follow each other, as far as the versions were read.

    Attributes:
        arn: The ARN of the secret.
        version_ids: The IDs of all its versions.
    """

    arn: str
    version_ids: frozenset[str]
    _read: dict[str, Credential] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)
    """The ID of the version before each version."""
    _known: list[tuple[str, str]] = field(default_factory=list)
    """Fingerprints of refresh tokens that followed each other, from the registry."""

    def add(self, version_id: str, credential: Credential) -> None:
        """Add the document of a version."""
        self._read[version_id] = credential
        self._before |= {after: version_id for after in successors(self.arn, version_id) if after in self.version_ids}

    def follows_another(self, version_id: str) -> bool:
        """Tell whether a refresh or a consent wrote a version on top of one that still exists."""
        return any(version_id in successors(self.arn, before) for before in self.version_ids)

    def know(self, lineage: Sequence[str]) -> None:
        """Add the fingerprints of refresh tokens that followed each other, from the registry."""
        self._known = [*self._known, *pairwise(lineage)]

    def newest_after(self, fingerprint: str) -> Newest | None:
        """Return the newest tokens that followed a refresh token, or ``None`` if no token followed it."""
        line = self._line_of(fingerprint)
        holders = [one for one in self._read.values() if one.fingerprint in line[1:]]
        if not holders:
            return None
        newest = max(holders, key=_age)
        ancestors = tuple(one for one in line if one != newest.fingerprint)
        return Newest(_grant_of(newest), ancestors)

    def _line_of(self, fingerprint: str) -> list[str]:
        """Return a refresh token and all that followed it, itself first."""
        followers = self._followers()
        line, rest = [fingerprint], [fingerprint]
        while rest:
            found = [one for one in followers.get(rest.pop(0), ()) if one not in line]
            line += found
            rest += found
        return line

    def _followers(self) -> Mapping[str, Iterable[str]]:
        found: dict[str, list[str]] = {}
        for older_token, newer_token in self._known:
            found.setdefault(older_token, []).append(newer_token)
        for after, before in self._before.items():
            if after not in self._read or before not in self._read:
                continue
            newer, older = self._read[after], self._read[before]
            # Another generation is another consent, so its token is no successor.
            is_same = newer.consent_generation == older.consent_generation and newer.fingerprint != older.fingerprint
            if is_same and newer.fingerprint and older.fingerprint:
                found.setdefault(older.fingerprint, []).append(newer.fingerprint)
        return found


def _age(credential: Credential) -> tuple[datetime, datetime]:
    """Return the sort key of a document: when its refresh token was issued, then its access token."""
    return credential.refresh_token_issued_at or _UNKNOWN, credential.refreshed_at or _UNKNOWN


def _grant_of(credential: Credential) -> Grant:
    """Return the tokens of a document, without the identity: the document that gets them has it."""
    grant = credential.grant()
    if grant is not None and grant.refresh_token is not None:
        return replace(grant, identity=None)
    # The access token came later, in an answer without a refresh token. The next refresh gets a new one.
    issued_at = credential.refresh_token_issued_at or credential.newest_at
    ends_at = credential.refresh_token_expires_at
    return Grant(None, "", None, "", credential.refresh_token, issued_at, refresh_token_expires_at=ends_at)
