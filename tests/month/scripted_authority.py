"""An authorization server whose answers depend on the time, the application and the credential."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.calls import Calls
from tests.fakes.failures import SECRET_EXPIRED, refused
from tests.fakes.fake_authority import FakeAuthority
from token_refresher.base.clock import Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant

WRONG_SECRET = refused(7000215, "invalid_client")
GOOD_SECRET = "planted-client-secret"


@dataclass(frozen=True)
class FailurePeriod:
    """A period in which the provider fails.

    Attributes:
        start: Its start.
        end: Its end, or ``None`` if it does not end.
        failure: The provider's answer.
        name: The credential for which it fails; empty for all.
        probability: The probability that a call fails.
    """

    start: datetime
    end: datetime | None
    failure: ProviderFailure
    name: str = ""
    probability: float = 1.0

    def is_on(self, name: str, now: datetime) -> bool:
        """Return whether the provider fails for a credential now."""
        return self.name in {"", name} and self.start <= now and (self.end is None or now < self.end)


@dataclass(frozen=True)
class Call:
    """One call of the token endpoint, and whether it returned tokens."""

    at: datetime
    name: str
    granted: bool


@dataclass
class Application:
    """An application in the directory: its client secrets, and when each expires."""

    secrets: dict[str, datetime | None] = field(default_factory=lambda: {GOOD_SECRET: None})


class ScriptedAuthority(FakeAuthority):
    """Recognizes credentials by the user in them, and applications by their id."""

    def __init__(self, clock: Clock, calls: Calls, rng: random.Random) -> None:
        super().__init__(clock, calls)
        self.failure_periods: list[FailurePeriod] = []
        self.applications: dict[str, Application] = {}
        self.never_rotated: set[str] = set()
        self.asked: list[Call] = []
        self._rng = rng
        self._now = clock
        self._asking = ""

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """See `TokenEndpoint.refresh`."""
        assert credential.identity is not None
        self._asking = credential.identity.username.partition("@")[0]
        failure = self._failure(credential)
        if failure is not None:
            self.failures.append(failure)
        try:
            grant = super().refresh(credential, refresh_token)
        except ProviderError:
            self.asked.append(Call(self._now(), self._asking, granted=False))
            raise
        self.asked.append(Call(self._now(), self._asking, granted=True))
        return grant

    def _failure(self, credential: Credential) -> ProviderFailure | None:
        now, on = self._now(), [period for period in self.failure_periods if period.is_on(self._asking, self._now())]
        general = next((period.failure for period in on if not period.name), None)
        if general is not None:
            return general
        secrets = self.applications.setdefault(credential.client_id, Application()).secrets
        secret = credential.client_secret.reveal() if credential.client_secret else ""
        if secret not in secrets:
            return WRONG_SECRET
        ends_at = secrets[secret]
        if ends_at is not None and now >= ends_at:
            return SECRET_EXPIRED
        return next((period.failure for period in on if self._rng.random() < period.probability), None)

    def _successor(self, family: object) -> str | None:
        if self._asking in self.never_rotated:
            return None
        return super()._successor(family)  # type: ignore[arg-type] # Its type is private there.
