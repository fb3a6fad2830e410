"""One credential at a glance: what its secret, the registry and its document say, put together."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from token_refresher.grant import Identity
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import SecretState
from token_refresher.status import Status
from token_refresher_cli.current_document import CurrentDocument


class Standing(StrEnum):
    """How a credential stands: its `Status`, or what there is to say where it has none that is true."""

    AWAITING_CONSENT = "awaiting_consent"
    HEALTHY = "healthy"
    RETRYING = "retrying"
    NEEDS_CONSENT = "needs_consent"
    NEEDS_OPERATOR = "needs_operator"
    PAUSED = "paused"

    UNSEEN = "unseen"
    """No tick has seen its secret yet."""

    MALFORMED = "malformed"
    """Its secret is no credential document, and no refresh has met that yet."""

    GONE = "gone"
    """Its secret is gone, and no tick has met that yet."""

    @property
    def needs_a_person(self) -> bool:
        """Whether nothing will change until a person acts."""
        return self is Standing.MALFORMED or (self.value in set(Status) and Status(self.value).needs_a_person)


@dataclass(frozen=True)
class Row:
    """One credential.

    Attributes:
        name: Its name.
        state: The labels of its secret; ``None`` where that is gone.
        entry: What the registry knows; ``None`` before the first tick has seen it.
        current: What its document says.
    """

    name: str
    state: SecretState | None
    entry: RegistryEntry | None = None
    current: CurrentDocument = field(default_factory=CurrentDocument)

    @property
    def standing(self) -> Standing:
        """How it stands."""
        if self.state is None:
            return Standing.GONE
        if self._is_paused:
            return Standing.PAUSED
        status = self.entry.status if self.entry else None
        if self.current.problem is not None and status is not Status.NEEDS_OPERATOR:
            return Standing.MALFORMED
        return Standing.UNSEEN if status is None else Standing(status)

    @property
    def _is_paused(self) -> bool:
        if self.entry is not None:
            return self.entry.is_paused
        label = self.state.label if self.state else None
        return label is not None and label.status == Status.PAUSED

    @property
    def is_changed(self) -> bool:
        """Whether the secret was written since the registry looked at it."""
        version_id = self.current.version_id or (self.state.current if self.state else None)
        return self.entry is not None and version_id not in {None, self.entry.version_id}

    @property
    def expires_at(self) -> datetime | None:
        """When the access token ends."""
        source = self.current.credential or self.entry
        return source.expires_at if source else None

    @property
    def refreshed_at(self) -> datetime | None:
        """When it was issued."""
        source = self.current.credential or self.entry
        return source.refreshed_at if source else None

    @property
    def refresh_token_issued_at(self) -> datetime | None:
        """When the refresh token was issued."""
        source = self.current.credential or self.entry
        return source.refresh_token_issued_at if source else None

    @property
    def identity(self) -> Identity | None:
        """Who consented."""
        source = self.current.credential or self.entry
        return source.identity if source else None

    @property
    def client_secret_expires_at(self) -> datetime | None:
        """When the client secret ends; only the document knows."""
        return self.current.credential.client_secret_expires_at if self.current.credential else None

    @property
    def account_id(self) -> str:
        """The id of its advertising account; empty where none is known."""
        credential, entry = self.current.credential, self.entry
        if credential is not None:
            return credential.account_id or ""
        return entry.account.account_id if entry and entry.account else ""

    @property
    def account_name(self) -> str:
        """What that account is called; empty where that is not known of this very account."""
        account = self.entry.account if self.entry else None
        return account.name if account and account.account_id == self.account_id else ""
