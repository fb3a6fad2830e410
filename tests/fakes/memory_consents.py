"""The pending consents and their results, in memory."""

from datetime import datetime

from tests.fakes.calls import Calls
from token_refresher.consent.pending import RESULT_LIFETIME, ForeignBrowserError, PendingConsent
from token_refresher.consent.result import ConsentResult


class MemoryConsents:
    """A `PendingConsents`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.started: dict[str, PendingConsent] = {}
        self.ended: dict[str, tuple[str, ConsentResult, datetime]] = {}

    def start(self, consent: PendingConsent) -> None:
        """See `PendingConsents.start`."""
        with self.calls.boundary("consents.start"):
            assert consent.state_digest not in self.started, "each state is random, so none comes twice"
            self.started[consent.state_digest] = consent

    def take(self, state_digest: str, cookie_digest: str, now: datetime) -> PendingConsent | None:
        """See `PendingConsents.take`."""
        with self.calls.boundary("consents.take"):
            consent = self.started.get(state_digest)
            if consent is None:
                return None
            if consent.cookie_digest != cookie_digest:
                raise ForeignBrowserError
            del self.started[state_digest]
            return consent if now < consent.expires_at else None

    def remember(self, consent: PendingConsent, result: ConsentResult, now: datetime) -> None:
        """See `PendingConsents.remember`."""
        with self.calls.boundary("consents.remember"):
            self.ended[consent.state_digest] = (consent.cookie_digest, result, now + RESULT_LIFETIME)

    def result(self, state_digest: str, cookie_digest: str, now: datetime) -> ConsentResult | None:
        """See `PendingConsents.result`."""
        with self.calls.boundary("consents.result"):
            cookie, result, expires_at = self.ended.get(state_digest, ("", None, now))
            if result is None or now >= expires_at:
                return None
            if cookie != cookie_digest:
                raise ForeignBrowserError
            return result
