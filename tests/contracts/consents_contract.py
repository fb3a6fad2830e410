"""The contract of every store of consents, in memory and on AWS."""

from datetime import timedelta

import pytest

from tests.fakes.invites import invite
from tests.fakes.manual_clock import START
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.pending import (
    LIFETIME,
    RESULT_LIFETIME,
    ForeignBrowserError,
    PendingConsent,
    PendingConsents,
    digest,
)
from token_refresher.consent.result import ConsentOutcome, ConsentResult

SECOND = timedelta(seconds=1)
RESULT = ConsentResult(
    ConsentOutcome.OTHER_PERSON,
    "team/search-ads",
    invite=invite("team/search-ads", "2026-01-01T09:00:00Z"),
    username="ads-deputy@example.com",
    person="tenant/deputy",
    previous_username="ads-owner@example.com",
    at="2026-01-01T09:00:00Z",
    verified=False,
    words=MICROSOFT,
)


class ConsentsContract:
    """Inherited by the test class of each store, which has the fixture ``consents``."""

    @pytest.fixture
    def started(self, consents: PendingConsents) -> PendingConsent:
        consent, _, _ = PendingConsent.begin(
            invite("team/search-ads", "generation"),
            "tenant/deputy",
            START,
            "https://connect.example.com/callback",
            MICROSOFT,
        )
        consents.start(consent)
        return consent

    def test_a_consent_is_taken_as_it_was_started(self, consents: PendingConsents, started: PendingConsent) -> None:
        assert consents.take(started.state_digest, started.cookie_digest, START) == started

    def test_a_consent_is_taken_once(self, consents: PendingConsents, started: PendingConsent) -> None:
        consents.take(started.state_digest, started.cookie_digest, START)
        assert consents.take(started.state_digest, started.cookie_digest, START) is None

    def test_a_consent_that_was_not_started_is_none(self, consents: PendingConsents, started: PendingConsent) -> None:
        assert consents.take("0" * 64, started.cookie_digest, START) is None

    def test_a_consent_of_another_browser_is_refused(self, consents: PendingConsents, started: PendingConsent) -> None:
        with pytest.raises(ForeignBrowserError):
            consents.take(started.state_digest, "0" * 64, START)

    def test_a_consent_that_another_browser_tried_to_take_stays_for_its_own(
        self, consents: PendingConsents, started: PendingConsent
    ) -> None:
        with pytest.raises(ForeignBrowserError):
            consents.take(started.state_digest, "0" * 64, START)
        assert consents.take(started.state_digest, started.cookie_digest, START) == started

    def test_a_consent_works_to_its_last_second(self, consents: PendingConsents, started: PendingConsent) -> None:
        last = START + LIFETIME - SECOND
        assert consents.take(started.state_digest, started.cookie_digest, last) == started

    def test_an_expired_consent_is_none(self, consents: PendingConsents, started: PendingConsent) -> None:
        assert consents.take(started.state_digest, started.cookie_digest, START + LIFETIME) is None

    def test_consents_are_independent(self, consents: PendingConsents, started: PendingConsent) -> None:
        other, _, _ = PendingConsent.begin(invite("other"), "", START)
        consents.start(other)
        consents.take(started.state_digest, started.cookie_digest, START)
        assert consents.take(other.state_digest, other.cookie_digest, START) == other

    def test_a_result_is_read_as_it_was_written(self, consents: PendingConsents, started: PendingConsent) -> None:
        consents.remember(started, RESULT, START)
        assert consents.result(started.state_digest, started.cookie_digest, START) == RESULT

    def test_a_result_can_be_read_again(self, consents: PendingConsents, started: PendingConsent) -> None:
        consents.remember(started, RESULT, START)
        consents.result(started.state_digest, started.cookie_digest, START)
        assert consents.result(started.state_digest, started.cookie_digest, START) == RESULT

    def test_a_consent_that_has_not_ended_has_no_result(
        self, consents: PendingConsents, started: PendingConsent
    ) -> None:
        assert consents.result(started.state_digest, started.cookie_digest, START) is None

    def test_a_result_is_for_the_browser_that_started_it(
        self, consents: PendingConsents, started: PendingConsent
    ) -> None:
        consents.remember(started, RESULT, START)
        with pytest.raises(ForeignBrowserError):
            consents.result(started.state_digest, digest(started.verifier), START)

    def test_a_result_is_none_after_an_hour(self, consents: PendingConsents, started: PendingConsent) -> None:
        consents.remember(started, RESULT, START)
        assert consents.result(started.state_digest, started.cookie_digest, START + RESULT_LIFETIME) is None

    def test_a_result_can_be_read_until_the_last_second_of_the_hour(
        self, consents: PendingConsents, started: PendingConsent
    ) -> None:
        consents.remember(started, RESULT, START)
        last = START + RESULT_LIFETIME - SECOND
        assert consents.result(started.state_digest, started.cookie_digest, last) == RESULT
