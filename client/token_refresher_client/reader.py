"""The reader: a token with enough time left, from as few reads of Secrets Manager as possible."""

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from token_refresher_client.document import Token
from token_refresher_client.errors import Condition, TokenNotFreshError
from token_refresher_client.flight import Flights
from token_refresher_client.reading import Reading, SecretLocator
from token_refresher_client.secrets_manager import SecretsManager, SecretsManagerClient

CONSUMER_PREFIX: Final = "token-refresher-consumers"
"""The default of the stack's parameter ConsumerPrefix."""

PREFIX_VARIABLE: Final = "TOKEN_REFRESHER_PREFIX"
"""The environment variable with another prefix, such as ``token-refresher`` for the secrets of the operator."""

MIN_REMAINING: Final = timedelta(minutes=5)
"""Enough for one call. A token that is read anew has three times as much, by the default of the stack."""

_PAUSE: Final = timedelta(seconds=10)
"""If a read brought nothing new, nobody reads again for so long, however often a token is asked for."""


def _system_clock() -> datetime:
    return datetime.now(UTC)


class TokenReader:
    """Gives the access token of one credential to a pipeline.

    One reader serves all threads, tasks and event loops of a process, so make it once. It keeps the token until the
    margin is reached. Then one of those who ask reads the secret, and all others wait for that read. Nothing is read
    before a token is asked for.

    Args:
        name: The name of the secret behind the prefix, or its whole ARN, for a secret of another account.
        prefix: What the name begins with. By default the environment variable ``TOKEN_REFRESHER_PREFIX``, otherwise
            ``token-refresher-consumers``.
        min_remaining: How much time the token has to have left, where the caller does not say.
        client: The client ``secretsmanager`` of boto3, for another session, Region or endpoint.
        clock: Returns the current time as an aware datetime.

    Raises:
        ValueError: The name is empty, or the margin negative.
    """

    def __init__(
        self,
        name: str,
        *,
        prefix: str | None = None,
        min_remaining: timedelta = MIN_REMAINING,
        client: SecretsManagerClient | None = None,
        clock: Callable[[], datetime] = _system_clock,
    ) -> None:
        if not name:
            raise ValueError("a reader needs the name of a credential")
        self._locator = SecretLocator(_secret_id(name, prefix), SecretsManager(client))
        self._min_remaining = _margin(min_remaining)
        self._clock = clock
        self._flights = Flights(self._read)
        self._lock = threading.Lock()
        self._latest: Reading | None = None
        self._nothing_new_at: datetime | None = None
        self._explaining = threading.Lock()
        self._explained: tuple[Reading, Condition] | None = None

    def __repr__(self) -> str:
        return f"TokenReader({self._locator.name!r})"

    @property
    def secret_id(self) -> str:
        """The name or the ARN of the secret that it reads."""
        return self._locator.name

    def remaining(self, token: Token) -> timedelta:
        """Return how much time a token has left now."""
        return token.remaining(self._clock())

    def token(self, min_remaining: timedelta | None = None) -> Token:
        """Return a token that has at least so much time left.

        Raises:
            TokenNotFreshError: There is none, also after the secret was read again.
            TokenReaderError: The secret cannot be read. Its subclasses say why.
        """
        margin = self._margin(min_remaining)
        reading = self._flights.result(lambda: self._known(margin))
        return self._checked(reading, margin)

    async def token_async(self, min_remaining: timedelta | None = None) -> Token:
        """Do the same as `token` without blocking the event loop. boto3 runs in a thread."""
        margin = self._margin(min_remaining)
        reading = await self._flights.result_async(lambda: self._known(margin))
        return await self._checked_async(reading, margin)

    def renewed(self, refused: Token, min_remaining: timedelta | None = None) -> Token | None:
        """Return another token than one that was refused with 401, or ``None`` if the secret has no other.

        It reads the secret once, unless another thread has done that since.

        Raises:
            TokenReaderError: As `token` does.
        """
        margin = self._margin(min_remaining)
        reading = self._flights.result(lambda: self._known(margin, refused))
        return _other_than(refused, self._checked(reading, margin))

    async def renewed_async(self, refused: Token, min_remaining: timedelta | None = None) -> Token | None:
        """Do the same as `renewed` without blocking the event loop. boto3 runs in a thread."""
        margin = self._margin(min_remaining)
        reading = await self._flights.result_async(lambda: self._known(margin, refused))
        return _other_than(refused, await self._checked_async(reading, margin))

    def _margin(self, min_remaining: timedelta | None) -> timedelta:
        return self._min_remaining if min_remaining is None else _margin(min_remaining)

    def _known(self, margin: timedelta, refused: Token | None = None) -> Reading | None:
        """Return the latest reading if it will do, or if reading again so soon would bring nothing."""
        with self._lock:
            latest, now = self._latest, self._clock()
            if latest is None:
                return None
            token = latest.fresh(now, margin)
            if token is not None and (refused is None or _other_than(refused, token)):
                return latest
            pausing = self._nothing_new_at is not None and timedelta() <= now - self._nothing_new_at < _PAUSE
            return latest if pausing else None

    def _read(self) -> Reading:
        """Read the secret, and return the newest that was ever read."""
        reading = self._locator.read()
        with self._lock:
            if self._latest is None or reading.replaces(self._latest):
                self._latest, self._nothing_new_at = reading, None
            else:
                # The same version again, or an older one: Secrets Manager is eventually consistent.
                self._latest, self._nothing_new_at = replace(self._latest, denied=reading.denied), self._clock()
            return self._latest

    def _checked(self, reading: Reading, margin: timedelta) -> Token:
        now = self._clock()
        token = reading.fresh(now, margin)
        if token is not None:
            return token
        if reading.denied is not None:
            raise reading.denied
        held = reading.document.token
        remaining = held.remaining(now) if held else None
        raise TokenNotFreshError(reading.secret_id, self._condition(reading, now), remaining, margin)

    def _condition(self, reading: Reading, now: datetime) -> Condition:
        """Return how the credential was at the latest reading. It makes one call for each reading."""
        with self._explaining:
            latest = self._latest or reading
            if self._explained is None or self._explained[0] is not latest:
                self._explained = latest, self._locator.condition(latest, now)
            return self._explained[1]

    async def _checked_async(self, reading: Reading, margin: timedelta) -> Token:
        token = reading.fresh(self._clock(), margin)
        return token if token is not None else await asyncio.to_thread(self._checked, reading, margin)


def _secret_id(name: str, prefix: str | None) -> str:
    if name.startswith("arn:"):
        return name
    chosen = os.environ.get(PREFIX_VARIABLE, CONSUMER_PREFIX) if prefix is None else prefix
    return "/".join(part for part in (chosen.strip("/"), name) if part)


def _margin(min_remaining: timedelta) -> timedelta:
    if min_remaining < timedelta():
        raise ValueError("a token that has ended is no token: min_remaining must not be negative")
    return min_remaining


def _other_than(refused: Token, token: Token) -> Token | None:
    return None if token.access_token == refused.access_token else token
