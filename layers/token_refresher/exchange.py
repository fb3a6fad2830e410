"""The calls to the token endpoint that one look at a credential makes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from token_refresher.credential import Credential
from token_refresher.diagnosis import diagnose
from token_refresher.errors import ProviderError
from token_refresher.failure import ProviderFailure
from token_refresher.grant import Grant
from token_refresher.retry import ASKS, CONFIRMATION
from token_refresher.sensitive import Sensitive
from token_refresher.timing import Timing
from token_refresher.token_endpoint import TokenEndpoint

A_MOMENT: Final = timedelta(seconds=2)
"""After which an uncertain refusal is asked about again (BingAds-Python-SDK issue 279: "rerun" helps)."""

_ANOTHER_MAY_DO: Final = frozenset({"client_secret_wrong", "client_secret_expired", "client_refused"})
"""The meanings of a refusal after which another client secret may do. Where none was sent, there is none to try."""


class Exchange:
    """Asks for tokens, up to a few times, and knows how often it did.

    Attributes:
        used_previous_client_secret: Whether the last grant came with the client secret before the present one.
    """

    def __init__(self, endpoint: TokenEndpoint, timing: Timing, time_left: Callable[[], timedelta]) -> None:
        self.used_previous_client_secret = False
        self._endpoint = endpoint
        self._timing = timing
        self._time_left = time_left
        self._asks = 0

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """Redeem a refresh token; where the client secret is refused, once more with the one before it.

        An application is refused before its refresh token is looked at, so the first call has spent nothing.

        Raises:
            ProviderError: No grant came of it. Where both client secrets are refused, or whatever else is wrong beside
                the newer one, it is the refusal of the newer one; only what passes by itself is asked about again as
                if that had been all.
        """
        try:
            return self._ask(credential, refresh_token)
        except ProviderError as refusal:
            before = credential.with_previous_client_secret()
            if before is None or diagnose(refusal.failure).meaning not in _ANOTHER_MAY_DO or not self.may_ask_again:
                raise
            newer = refusal
        try:
            grant = self._ask(before, refresh_token)
        except ProviderError as error:
            # What passes by itself, and what may have spent the token, is what is to be said of this attempt.
            is_clear = diagnose(error.failure).actor.is_somebody and not error.failure.may_have_been_granted
            raise (newer if is_clear else error) from None
        self.used_previous_client_secret = True
        return grant

    def _ask(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        self._asks += 1
        return self._endpoint.refresh(credential, refresh_token)

    @property
    def may_ask_again(self) -> bool:
        """Whether one more call and its writes fit into this look, and into what Microsoft does not take for a loop."""
        return self._asks < ASKS and self._time_left() >= self._timing.exchange + A_MOMENT

    def pause(self, failure: ProviderFailure) -> timedelta | None:
        """Return how long to leave the provider alone: after several calls for a while, whatever the last answer."""
        return failure.retry_after if self._asks == 1 else max(failure.retry_after or CONFIRMATION, CONFIRMATION)
