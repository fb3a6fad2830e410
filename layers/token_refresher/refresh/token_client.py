"""The calls to the token endpoint that one attempt makes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from token_refresher.base.backoff import CALLS_PER_ATTEMPT, CONFIRMATION_PAUSE
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timing import Timing
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.provider import Providers

ASK_AGAIN_AFTER: Final = timedelta(seconds=2)
"""How long to wait after an uncertain refusal before the next call (BingAds-Python-SDK issue 279: "rerun" helps)."""

_OF_CLIENT_SECRET: Final = frozenset({"client_secret_wrong", "client_secret_expired", "client_refused"})
"""The meanings of a refusal after which the previous client secret may work."""


class TokenClient:
    """Calls the token endpoint up to a few times, and counts the calls.

    Attributes:
        used_previous_client_secret: Whether the token endpoint accepted only the previous client secret.
    """

    def __init__(self, providers: Providers, timing: Timing, time_left: Callable[[], timedelta]) -> None:
        self.used_previous_client_secret = False
        self._providers = providers
        self._timing = timing
        self._time_left = time_left
        self._calls = 0

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """Redeem a refresh token; if the client secret is refused, redeem it with the previous one.

        The token endpoint refuses a client before it checks the refresh token, so the first call has spent no token.

        Raises:
            ProviderError: There is no grant. If the second call fails, too, this is the refusal of the current client
                secret, unless the second failure may pass by itself or may have spent the token.
        """
        provider = self._providers.of(credential)
        try:
            return self._call(credential, refresh_token)
        except ProviderError as refusal:
            before = credential.with_previous_client_secret()
            if (
                before is None
                or provider.diagnose(refusal.failure).meaning not in _OF_CLIENT_SECRET
                or not self.may_call_again
            ):
                raise
            newer = refusal
        try:
            grant = self._call(before, refresh_token)
        except ProviderError as error:
            # A failure that may pass by itself, or may have spent the token, decides what follows from this attempt.
            is_clear = provider.diagnose(error.failure).actor.must_act and not error.failure.may_have_been_granted
            raise (newer if is_clear else error) from None
        self.used_previous_client_secret = True
        return grant

    def _call(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        self._calls += 1
        return self._providers.of(credential).refresh(credential, refresh_token)

    @property
    def may_call_again(self) -> bool:
        """Whether there is time for one more call and its writes, and the provider does not take it for a loop."""
        return self._calls < CALLS_PER_ATTEMPT and self._time_left() >= self._timing.exchange + ASK_AGAIN_AFTER

    def pause(self, failure: ProviderFailure) -> timedelta | None:
        """Return how long to send the provider no request; after several calls never less than `CONFIRMATION_PAUSE`."""
        return (
            failure.retry_after
            if self._calls == 1
            else max(failure.retry_after or CONFIRMATION_PAUSE, CONFIRMATION_PAUSE)
        )
