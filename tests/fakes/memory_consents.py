"""The consents under way, in memory."""

from datetime import datetime

from tests.fakes.calls import Calls
from token_refresher.consent_result import ConsentResult
from token_refresher.consents import RESULT_LIFETIME, ForeignBrowserError, StartedConsent


class MemoryConsents:
    """A `Consents`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.started: dict[str, StartedConsent] = {}
        self.ended: dict[str, tuple[str, ConsentResult, datetime]] = {}

    def start(self, consent: StartedConsent) -> None:
        """See `Consents.start`."""
        with self.calls.boundary("consents.start"):
            assert consent.state_digest not in self.started, "a state is drawn once"
            self.started[consent.state_digest] = consent

    def take(self, state_digest: str, cookie_digest: str, now: datetime) -> StartedConsent | None:
        """See `Consents.take`."""
        with self.calls.boundary("consents.take"):
            consent = self.started.get(state_digest)
            if consent is None:
                return None
            if consent.cookie_digest != cookie_digest:
                raise ForeignBrowserError
            del self.started[state_digest]
            return consent if now < consent.expires_at else None

    def remember(self, consent: StartedConsent, result: ConsentResult, now: datetime) -> None:
        """See `Consents.remember`."""
        with self.calls.boundary("consents.remember"):
            self.ended[consent.state_digest] = (consent.cookie_digest, result, now + RESULT_LIFETIME)

    def result(self, state_digest: str, cookie_digest: str, now: datetime) -> ConsentResult | None:
        """See `Consents.result`."""
        with self.calls.boundary("consents.result"):
            cookie, result, expires_at = self.ended.get(state_digest, ("", None, now))
            if result is None or now >= expires_at:
                return None
            if cookie != cookie_digest:
                raise ForeignBrowserError
            return result
