"""For every order of publications, clock steps and callers: never an old token, never an unneeded read."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import integers, sampled_from

from tests.client.aws import CONSUMER, FakeSecrets, ManualClock, consumer, refusal
from token_refresher_client import MissingPermissionError, Token, TokenNotFreshError, TokenReader

MARGINS = [timedelta(), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]
Published = tuple[int, datetime]
"""The generation of a publication, and when its token ends."""


class Readers(RuleBasedStateMachine):
    """One secret, one reader, and everything that happens between two calls."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.secrets = FakeSecrets(self.clock)
        self.reader = TokenReader("acme-ads", client=self.secrets, clock=self.clock)
        self.generation = 0
        self.newest_read: Published | None = None
        self.last_given: Token | None = None
        self.publish(60)

    @rule(minutes=integers(0, 90))
    def publish(self, minutes: int) -> None:
        """A refresh: some tokens have little time left, or none."""
        self.generation += 1
        self._put(self.generation, minutes)

    @rule(back=integers(1, 3))
    def show_an_older_generation(self, back: int) -> None:
        """A stale read, a late writer, or a roll-back by label."""
        self._put(max(self.generation - back, 1), 60)

    def _put(self, generation: int, minutes: int) -> None:
        self.current = generation, self.clock.now + timedelta(minutes=minutes)
        self.secrets.put(CONSUMER, consumer(f"token-{generation}", ends=self.current[1], generation=generation))

    @rule(seconds=sampled_from([1, 9, 10, 60, 600, 3000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule()
    def permission_is_taken_away(self) -> None:
        self.secrets.refusals[CONSUMER] = refusal("AccessDeniedException", "not authorized")

    @rule()
    def permission_is_given(self) -> None:
        self.secrets.refusals.clear()

    @rule(margin=sampled_from(MARGINS))
    def ask(self, margin: timedelta) -> None:
        before, known = self.secrets.reads, self.newest_read
        token = self._given(lambda: self.reader.token(margin), margin)
        if self._lasts(known, margin):
            assert self.secrets.reads == before
        if self._lasts(self.newest_read, margin):
            assert token is not None

    @rule(margin=sampled_from(MARGINS))
    def be_refused(self, margin: timedelta) -> None:
        refused = self.last_given
        if refused is not None:
            token = self._given(lambda: self.reader.renewed(refused, margin), margin)
            assert token is None or token.access_token != refused.access_token

    def _given(self, ask: Callable[[], Token | None], margin: timedelta) -> Token | None:
        """Ask, and check what holds for whatever is given."""
        before = self.secrets.reads
        try:
            token = ask()
        except (TokenNotFreshError, MissingPermissionError):
            token = None
        assert self.secrets.reads <= before + 1
        was_read = self.secrets.reads > before and not self.secrets.refusals
        if was_read and (self.newest_read is None or self.current[0] >= self.newest_read[0]):
            self.newest_read = self.current
        if token is not None:
            assert self._lasts((token.generation or 0, token.expires_at), margin)
            assert (token.generation, token.expires_at) == self.newest_read
            assert token.access_token == f"token-{token.generation}"
            assert self.last_given is None or (token.generation or 0) >= (self.last_given.generation or 0)
            self.last_given = token
        return token

    def _lasts(self, published: Published | None, margin: timedelta) -> bool:
        if published is None:
            return False
        remaining = published[1] - self.clock.now
        return remaining > timedelta() and remaining >= margin


TestReaders = Readers.TestCase
TestReaders.settings = settings(max_examples=60, stateful_step_count=40)
