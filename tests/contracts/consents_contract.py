"""What every memory of consents does, in memory or at AWS."""

from datetime import timedelta

import pytest

from tests.fakes.invites import invite
from tests.fakes.manual_clock import START
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.consents import LIFETIME, RESULT_LIFETIME, Consents, ForeignBrowserError, StartedConsent, digest

SECOND = timedelta(seconds=1)
RESULT = ConsentResult(
    Ending.OTHER_PERSON,
    "team/search-ads",
    invite=invite("team/search-ads", "2026-01-01T09:00:00Z"),
    username="ads-deputy@example.com",
    person="tenant/deputy",
    previous_username="ads-owner@example.com",
    at="2026-01-01T09:00:00Z",
    verified=False,
)


class ConsentsContract:
    """Inherited by one test class a memory; it brings the fixture ``consents``."""

    @pytest.fixture
    def started(self, consents: Consents) -> StartedConsent:
        consent, _, _ = StartedConsent.begin(invite("team/search-ads", "generation"), "tenant/deputy", START)
        consents.start(consent)
        return consent

    def test_a_consent_is_taken_as_it_was_started(self, consents: Consents, started: StartedConsent) -> None:
        assert consents.take(started.state_digest, started.cookie_digest, START) == started

    def test_a_consent_is_taken_once(self, consents: Consents, started: StartedConsent) -> None:
        consents.take(started.state_digest, started.cookie_digest, START)
        assert consents.take(started.state_digest, started.cookie_digest, START) is None

    def test_a_state_that_nobody_started_is_none(self, consents: Consents, started: StartedConsent) -> None:
        assert consents.take("0" * 64, started.cookie_digest, START) is None

    def test_a_consent_of_another_browser_is_refused(self, consents: Consents, started: StartedConsent) -> None:
        with pytest.raises(ForeignBrowserError):
            consents.take(started.state_digest, "0" * 64, START)

    def test_a_refused_consent_stays_for_its_own_browser(self, consents: Consents, started: StartedConsent) -> None:
        with pytest.raises(ForeignBrowserError):
            consents.take(started.state_digest, "0" * 64, START)
        assert consents.take(started.state_digest, started.cookie_digest, START) == started

    def test_a_consent_works_to_its_last_second(self, consents: Consents, started: StartedConsent) -> None:
        last = START + LIFETIME - SECOND
        assert consents.take(started.state_digest, started.cookie_digest, last) == started

    def test_an_expired_consent_is_none(self, consents: Consents, started: StartedConsent) -> None:
        assert consents.take(started.state_digest, started.cookie_digest, START + LIFETIME) is None

    def test_one_consent_knows_nothing_of_another(self, consents: Consents, started: StartedConsent) -> None:
        other, _, _ = StartedConsent.begin(invite("other"), "", START)
        consents.start(other)
        consents.take(started.state_digest, started.cookie_digest, START)
        assert consents.take(other.state_digest, other.cookie_digest, START) == other

    def test_a_result_is_read_as_it_was_written(self, consents: Consents, started: StartedConsent) -> None:
        consents.remember(started, RESULT, START)
        assert consents.result(started.state_digest, started.cookie_digest, START) == RESULT

    def test_a_result_can_be_read_again(self, consents: Consents, started: StartedConsent) -> None:
        consents.remember(started, RESULT, START)
        consents.result(started.state_digest, started.cookie_digest, START)
        assert consents.result(started.state_digest, started.cookie_digest, START) == RESULT

    def test_a_consent_that_has_not_ended_has_no_result(self, consents: Consents, started: StartedConsent) -> None:
        assert consents.result(started.state_digest, started.cookie_digest, START) is None

    def test_a_result_is_for_the_browser_that_started_it(self, consents: Consents, started: StartedConsent) -> None:
        consents.remember(started, RESULT, START)
        with pytest.raises(ForeignBrowserError):
            consents.result(started.state_digest, digest(started.verifier), START)

    def test_a_result_is_forgotten_after_an_hour(self, consents: Consents, started: StartedConsent) -> None:
        consents.remember(started, RESULT, START)
        assert consents.result(started.state_digest, started.cookie_digest, START + RESULT_LIFETIME) is None

    def test_a_result_is_known_to_the_last_second_of_the_hour(
        self, consents: Consents, started: StartedConsent
    ) -> None:
        consents.remember(started, RESULT, START)
        last = START + RESULT_LIFETIME - SECOND
        assert consents.result(started.state_digest, started.cookie_digest, last) == RESULT
