"""One credential: what its secret, its registry entry and its document say, combined."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.providers.refresh_token_life import idle_end
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.refresh_token_facts import refresh_token_facts


class Unrecorded(StrEnum):
    """What is the matter with a credential whose `Status` the registry does not have, or not any more."""

    UNSEEN = "unseen"
    """No tick has seen the secret yet."""

    MALFORMED = "malformed"
    """The secret is no credential document, and no refresh has noticed yet."""

    GONE = "gone"
    """The secret is deleted, and no tick has noticed yet."""

    @property
    def needs_a_person(self) -> bool:
        """Whether nothing will change until a person acts."""
        return self is Unrecorded.MALFORMED


_UNUSED: Final = frozenset({Status.PAUSED, Status.NEEDS_OPERATOR})
"""The statuses in which nobody may use a refresh token that still works."""

STATUSES: Final = (*Status, *Unrecorded)
"""Every status that a row can have."""


@dataclass(frozen=True)
class CredentialRow:
    """One credential.

    Attributes:
        name: Its name.
        state: The versions and status tags of its secret; ``None`` if that is deleted.
        entry: Its registry entry; ``None`` before the first tick has seen it.
        current: Its document.
    """

    name: str
    state: SecretState | None
    entry: RegistryEntry | None = None
    current: CurrentDocument = field(default_factory=CurrentDocument)

    @property
    def status(self) -> Status | Unrecorded:
        """The status in the registry, unless the secret contradicts it."""
        if self.state is None:
            return Unrecorded.GONE
        if self._is_paused:
            return Status.PAUSED
        status = self.entry.status if self.entry else None
        if self.current.problem is not None and status is not Status.NEEDS_OPERATOR:
            return Unrecorded.MALFORMED
        return Unrecorded.UNSEEN if status is None else status

    @property
    def _is_paused(self) -> bool:
        if self.entry is not None:
            return self.entry.is_paused
        return self.state is not None and self.state.shows_paused

    @property
    def is_changed(self) -> bool:
        """Whether the secret has a newer version than the version in the registry entry."""
        version_id = self.current.version_id or (self.state.current if self.state else None)
        return self.entry is not None and version_id not in {None, self.entry.version_id}

    @property
    def expires_at(self) -> datetime | None:
        """When the access token expires."""
        source = self.current.credential or self.entry
        return source.expires_at if source else None

    @property
    def refreshed_at(self) -> datetime | None:
        """When the access token was issued."""
        source = self.current.credential or self.entry
        return source.refreshed_at if source else None

    @property
    def refresh_token_issued_at(self) -> datetime | None:
        """When the refresh token was issued."""
        source = self.current.credential or self.entry
        return source.refresh_token_issued_at if source else None

    @property
    def refresh_token_expires_at(self) -> datetime | None:
        """When the refresh token ends, if no refresh moves that."""
        source = self.current.credential or self.entry
        return source.refresh_token_expires_at if source else None

    @property
    def refresh_token_idle_until(self) -> datetime | None:
        """When the refresh token ends if it is not used any more, if that is known."""
        credential, entry = self.current.credential, self.entry
        provider = credential.provider if credential else entry.issuer.provider if entry else ""
        return idle_end(refresh_token_facts(provider), self.refresh_token_issued_at, self.refreshed_at)

    @property
    def refresh_token_ends_at(self) -> datetime | None:
        """When the refresh token ends if things stay as they are, if that is known."""
        idle_until = self.refresh_token_idle_until if self.status in _UNUSED else None
        return min(filter(None, (self.refresh_token_expires_at, idle_until)), default=None)

    @property
    def identity(self) -> Identity | None:
        """Who consented."""
        source = self.current.credential or self.entry
        return source.identity if source else None

    @property
    def client_secret_expires_at(self) -> datetime | None:
        """When the client secret expires. Only the document says so."""
        return self.current.credential.client_secret_expires_at if self.current.credential else None

    @property
    def provider(self) -> str:
        """The name of its provider."""
        credential, entry = self.current.credential, self.entry
        if credential is not None:
            return credential.provider
        return entry.issuer.provider if entry else DEFAULT_PROVIDER

    @property
    def account_id(self) -> str:
        """The id of its advertising account; empty if none is known."""
        credential, entry = self.current.credential, self.entry
        if credential is not None:
            return credential.account_id or ""
        return entry.account.account_id if entry and entry.account else ""

    @property
    def account_name(self) -> str:
        """The name of that account; empty if it is not known."""
        account = self.entry.account if self.entry else None
        return account.name if account and account.account_id == self.account_id else ""
