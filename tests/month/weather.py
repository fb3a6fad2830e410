"""An authorization server whose answers depend on the time, on the application and on the credential."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.calls import Calls
from tests.fakes.failures import SECRET_EXPIRED, refused
from tests.fakes.fake_authority import FakeAuthority
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.errors import ProviderError
from token_refresher.failure import ProviderFailure
from token_refresher.grant import Grant
from token_refresher.sensitive import Sensitive

WRONG_SECRET = refused(7000215, "invalid_client")
GOOD_SECRET = "planted-client-secret"


@dataclass(frozen=True)
class Spell:
    """A time in which the provider fails.

    Attributes:
        start: From when.
        end: Until when; ``None`` for good.
        failure: What it says.
        name: For which credential; empty for all.
        probability: How often.
    """

    start: datetime
    end: datetime | None
    failure: ProviderFailure
    name: str = ""
    probability: float = 1.0

    def is_on(self, name: str, now: datetime) -> bool:
        """Tell whether a credential is in it."""
        return self.name in {"", name} and self.start <= now and (self.end is None or now < self.end)


@dataclass(frozen=True)
class Call:
    """One call of the token endpoint, and whether it brought tokens."""

    at: datetime
    name: str
    granted: bool


@dataclass
class Application:
    """What the directory knows of an application: its client secrets, and when each ends."""

    secrets: dict[str, datetime | None] = field(default_factory=lambda: {GOOD_SECRET: None})


class WeatheredAuthority(FakeAuthority):
    """Tells credentials apart by the user that they name, and applications by their id."""

    def __init__(self, clock: Clock, calls: Calls, rng: random.Random) -> None:
        super().__init__(clock, calls)
        self.spells: list[Spell] = []
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
        now, on = self._now(), [spell for spell in self.spells if spell.is_on(self._asking, self._now())]
        general = next((spell.failure for spell in on if not spell.name), None)
        if general is not None:
            return general
        secrets = self.applications.setdefault(credential.client_id, Application()).secrets
        secret = credential.client_secret.reveal() if credential.client_secret else ""
        if secret not in secrets:
            return WRONG_SECRET
        ends_at = secrets[secret]
        if ends_at is not None and now >= ends_at:
            return SECRET_EXPIRED
        return next((spell.failure for spell in on if self._rng.random() < spell.probability), None)

    def _successor(self, family: object) -> str | None:
        if self._asking in self.never_rotated:
            return None
        return super()._successor(family)  # type: ignore[arg-type] # Its type is private there.
