"""What happens in a month: who is ill from when, what the weather is, who acts when. Data only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.manual_clock import START
from token_refresher.failure import ProviderFailure

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
        rotates: Whether the provider replaces its refresh token.
        refresh_token_age: How old that is at the beginning.
        secret_ends_at: When its client secret ends, as its operator wrote down.
    """

    name: str
    client_id: str
    since: datetime = START
    consented: bool = True
    rotates: bool = True
    refresh_token_age: timedelta = timedelta(0)
    secret_ends_at: datetime | None = None


@dataclass(frozen=True)
class Down:
    """Microsoft's sign-in service fails for everybody."""

    start: datetime
    end: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class Silent:
    """The topic takes no message."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Hitch:
    """The provider fails for one credential for a while, in a way that nobody has to mend."""

    name: str
    start: datetime
    end: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class Unknown:
    """The provider answers for one credential with a code that is in no table, until it stops doing so by itself."""

    name: str
    start: datetime
    end: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class Moody:
    """The provider refuses a good token now and then, all month."""

    name: str
    failure: ProviderFailure
    probability: float = 1 / 3


@dataclass(frozen=True)
class Dead:
    """A grant is at its end, until somebody signs in again.

    Attributes:
        name: The credential.
        at: When.
        failure: What the provider says from then on; ``None`` where the sign-in is revoked, so that it says so itself.
        reconnected_at: When somebody signs in; ``None`` for nobody.
    """

    name: str
    at: datetime
    failure: ProviderFailure | None
    reconnected_at: datetime | None


@dataclass(frozen=True)
class Policy:
    """A rule of the organization keeps a grant from working, until an administrator changes it."""

    name: str
    at: datetime
    lifted_at: datetime
    failure: ProviderFailure


@dataclass(frozen=True)
class SecretEnds:
    """The client secret of an application ends on the day that its documents name.

    Attributes:
        client_id: The application.
        at: When it ends.
        replaced_at: When the operator puts a new one into the first of its credentials.
        replaced_within: How long that takes for all of them.
        next_end: When the new one ends.
    """

    client_id: str
    at: datetime
    replaced_at: datetime
    replaced_within: timedelta
    next_end: datetime


@dataclass(frozen=True)
class BadPaste:
    """An operator puts a wrong client secret into one credential, and corrects it later."""

    name: str
    at: datetime
    corrected_at: datetime


@dataclass(frozen=True)
class Note:
    """An operator changes something that is of no concern."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Removed:
    """An operator deletes a secret."""

    name: str
    at: datetime


@dataclass(frozen=True)
class FirstConsent:
    """Somebody signs in for a credential that never had tokens."""

    name: str
    at: datetime


Story = Down | Silent | Hitch | Unknown | Moody | Dead | Policy | SecretEnds | BadPaste | Note | Removed | FirstConsent


@dataclass(frozen=True)
class Script:
    """A whole month.

    Attributes:
        seed: What it was drawn with.
        members: The fleet.
        stories: What happens.
    """

    seed: int
    members: tuple[Member, ...]
    stories: tuple[Story, ...]

    def of_application(self, client_id: str) -> list[Member]:
        """Return the credentials of an application."""
        return [member for member in self.members if member.client_id == client_id]
