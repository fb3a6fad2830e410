"""The script of a month: what fails when, and who acts when. Data only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.manual_clock import START
from token_refresher.base.failure import ProviderFailure

TICK = timedelta(minutes=5)
DAYS = 30
END = START + timedelta(days=DAYS)


@dataclass(frozen=True)
class Member:
    """One credential of the fleet.

    Attributes:
        name: Its name.
        client_id: Its application.
        since: When its secret is created.
        consented: Whether it has tokens from the beginning.
        rotates: Whether the provider rotates its refresh token.
        refresh_token_age: The age of the refresh token at the beginning.
        secret_ends_at: When its client secret expires, according to its document.
    """

    name: str
    client_id: str
    since: datetime = START
    consented: bool = True
    rotates: bool = True
    refresh_token_age: timedelta = timedelta(0)
    secret_ends_at: datetime | None = None


@dataclass(frozen=True)
class AuthorityDown:
    """Microsoft's sign-in service fails for all credentials."""

    start: datetime
    end: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class TopicDown:
    """The topic refuses every message."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class CredentialFails:
    """The provider fails for one credential for a while, and nobody has to act."""

    name: str
    start: datetime
    end: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class UnknownCode:
    """The provider answers for one credential with an unknown code, until it stops by itself."""

    name: str
    start: datetime
    end: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class SometimesRefused:
    """The provider sometimes refuses a valid token, all month."""

    name: str
    failure: ProviderFailure
    probability: float = 1 / 3


@dataclass(frozen=True)
class GrantRejected:
    """The provider rejects a grant until a person signs in again.

    Attributes:
        name: The credential.
        at: When it begins.
        failure: The provider's answer from then on; ``None`` if the sign-in is revoked at the provider.
        reconnected_at: When a person signs in, or ``None`` for never.
    """

    name: str
    at: datetime
    failure: ProviderFailure | None
    reconnected_at: datetime | None


@dataclass(frozen=True)
class PolicyBlocks:
    """A policy of the organization blocks a grant until an administrator changes it."""

    name: str
    at: datetime
    lifted_at: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class ClientSecretExpires:
    """The client secret of an application expires on the date in its documents.

    Attributes:
        client_id: The application.
        at: When it expires.
        replaced_at: When the operator puts a new one into the first credential.
        replaced_within: The time until all credentials have it.
        next_end: When the new one expires.
    """

    client_id: str
    at: datetime
    replaced_at: datetime
    replaced_within: timedelta
    next_end: datetime


@dataclass(frozen=True)
class WrongClientSecret:
    """An operator puts a wrong client secret into one credential, and corrects it later."""

    name: str
    at: datetime
    corrected_at: datetime


@dataclass(frozen=True)
class UnrelatedEdit:
    """An operator changes a key that does not matter."""

    name: str
    at: datetime


@dataclass(frozen=True)
class SecretDeleted:
    """An operator deletes a secret."""

    name: str
    at: datetime


@dataclass(frozen=True)
class FirstConsent:
    """A person signs in for a credential that never had tokens."""

    name: str
    at: datetime


ScriptEvent = (
    AuthorityDown
    | TopicDown
    | CredentialFails
    | UnknownCode
    | SometimesRefused
    | GrantRejected
    | PolicyBlocks
    | ClientSecretExpires
    | WrongClientSecret
    | UnrelatedEdit
    | SecretDeleted
    | FirstConsent
)


@dataclass(frozen=True)
class Script:
    """A whole month.

    Attributes:
        seed: The seed of the draw.
        members: The fleet.
        events: The events of the month.
    """

    seed: int
    members: tuple[Member, ...]
    events: tuple[ScriptEvent, ...]

    def of_application(self, client_id: str) -> list[Member]:
        """Return the credentials of an application."""
        return [member for member in self.members if member.client_id == client_id]
