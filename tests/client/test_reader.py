"""A reader gives a token with enough time left, and reads no more than it has to."""

import logging
import pickle
from datetime import timedelta

import pytest

from tests.client.aws import CONSUMER, NOON, OPERATOR, FakeSecrets, ManualClock, arn, consumer, operator, refusal
from token_refresher_client import MissingPermissionError, RenameLoopError, TokenNotFreshError, TokenReader

HOUR = timedelta(hours=1)


def test_a_token_comes_with_its_account_and_scope(reader: TokenReader) -> None:
    token = reader.token()
    assert token.authorization == "Bearer token-1"
    assert token.expires_at == NOON + HOUR
    assert token.scope == "https://ads.microsoft.com/msads.manage"
    assert token.generation == 1
    assert (token.account.account_id, token.account.customer_id) == ("123456789", "987654321")
    assert token.account.developer_token == "developer-token-1"


def test_neither_a_token_nor_a_reader_prints_a_secret(reader: TokenReader) -> None:
    shown = f"{reader.token()!r} {reader!r} {reader.token().account!r}"
    assert "token-1" not in shown


def test_nothing_is_read_before_a_token_is_asked_for(reader: TokenReader, secrets: FakeSecrets) -> None:
    assert secrets.reads == 0


class TestCache:
    def test_a_token_is_kept_until_the_margin(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        reader.token()
        clock.advance(minutes=55)
        assert reader.token().access_token == "token-1"
        assert secrets.reads == 1

    def test_at_the_margin_the_secret_is_read_again(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        reader.token()
        secrets.put(CONSUMER, consumer("token-2", ends=NOON + 2 * HOUR, generation=2))
        clock.advance(minutes=55, seconds=1)
        assert reader.token().access_token == "token-2"
        assert secrets.reads == 2

    def test_each_caller_has_a_margin_of_its_own(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        reader.token()
        secrets.put(CONSUMER, consumer("token-2", ends=NOON + 2 * HOUR, generation=2))
        clock.advance(minutes=30)
        assert reader.token(timedelta(minutes=30)).access_token == "token-1"
        assert reader.token(timedelta(minutes=31)).access_token == "token-2"

    def test_a_read_that_brought_nothing_new_is_not_repeated_for_ten_seconds(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        for _ in range(100):
            with pytest.raises(TokenNotFreshError):
                reader.token(2 * HOUR)
        assert secrets.calls == {"GetSecretValue": 2, "DescribeSecret": 2}
        secrets.put(CONSUMER, consumer("token-2", ends=NOON + 3 * HOUR, generation=2))
        clock.advance(seconds=10)
        assert reader.token(2 * HOUR).access_token == "token-2"

    def test_a_clock_that_was_set_back_does_not_stop_the_reading(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        for _ in range(2):
            with pytest.raises(TokenNotFreshError):
                reader.token(2 * HOUR)
        secrets.put(CONSUMER, consumer("token-2", ends=NOON + 3 * HOUR, generation=2))
        clock.advance(minutes=-5)
        assert reader.token(2 * HOUR).access_token == "token-2"

    def test_a_negative_margin_is_refused(self, reader: TokenReader) -> None:
        with pytest.raises(ValueError, match="must not be negative"):
            reader.token(timedelta(seconds=-1))


class TestGenerations:
    def test_an_older_generation_never_replaces_a_newer_one(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        secrets.put(CONSUMER, consumer("token-7", generation=7))
        held = reader.token()
        secrets.put(CONSUMER, consumer("token-6", generation=6))
        assert reader.renewed(held) is None
        assert reader.token().access_token == "token-7"

    def test_an_older_generation_with_more_time_left_is_not_taken_either(
        self, reader: TokenReader, secrets: FakeSecrets
    ) -> None:
        secrets.put(CONSUMER, consumer("token-7", generation=7))
        reader.token()
        secrets.put(CONSUMER, consumer("token-6", generation=6, ends=NOON + 5 * HOUR))
        with pytest.raises(TokenNotFreshError):
            reader.token(2 * HOUR)

    def test_a_secret_that_was_made_again_counts_anew(
        self, reader: TokenReader, secrets: FakeSecrets, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secrets.put(CONSUMER, consumer("token-7", generation=7))
        held = reader.token()
        secrets.put(CONSUMER, consumer("token-new", generation=1))
        monkeypatch.setattr("tests.client.aws.arn", lambda name: f"{arn(name)}-made-again")
        renewed = reader.renewed(held)
        assert renewed
        assert renewed.access_token == "token-new"

    def test_the_secret_of_the_operator_is_ordered_by_its_last_refresh(self, clock: ManualClock) -> None:
        secrets = FakeSecrets(clock)
        secrets.put(OPERATOR, operator("token-2", ends=NOON + 2 * HOUR))
        reader = TokenReader("acme-ads", prefix="token-refresher", client=secrets, clock=clock)
        held = reader.token()
        secrets.put(OPERATOR, operator("token-1"))
        assert reader.renewed(held) is None
        assert reader.token().access_token == "token-2"


class TestRefusedTokens:
    def test_after_a_401_the_secret_is_read_once_more(self, reader: TokenReader, secrets: FakeSecrets) -> None:
        held = reader.token()
        secrets.put(CONSUMER, consumer("token-2", generation=2))
        renewed = reader.renewed(held)
        assert renewed
        assert renewed.access_token == "token-2"
        assert secrets.reads == 2

    def test_there_is_none_if_the_secret_holds_the_refused_one(self, reader: TokenReader, secrets: FakeSecrets) -> None:
        held = reader.token()
        assert [reader.renewed(held) for _ in range(50)] == [None] * 50
        assert secrets.reads == 2

    def test_nothing_is_read_if_somebody_else_has_read_since(self, reader: TokenReader, secrets: FakeSecrets) -> None:
        held = reader.token()
        secrets.put(CONSUMER, consumer("token-2", generation=2))
        reader.renewed(held)
        assert reader.renewed(held) == reader.token()
        assert secrets.reads == 2


class TestTokensThatAreNotFresh:
    def test_an_ended_token_is_never_given(self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock) -> None:
        reader.token()
        clock.advance(hours=1)
        secrets.tag(CONSUMER, status="needs_consent", reason="AADSTS50173: The password was changed")
        with pytest.raises(TokenNotFreshError) as caught:
            reader.token(timedelta())
        error = caught.value
        assert (error.status, error.reason) == ("needs_consent", "AADSTS50173: The password was changed")
        assert (error.since, error.remaining) == (NOON, timedelta())
        assert error.ask == "the operator of Token Refresher"
        assert str(error) == (
            f"The access token in {CONSUMER} ended 0 seconds ago. acme-bing-ads got no other since 2026-03-01 12:00"
            " UTC; its status is needs_consent (AADSTS50173: The password was changed). A person has to sign in: ask"
            " the operator of Token Refresher for the connect link (token-refresher link acme-bing-ads)."
        )

    def test_a_living_token_that_is_too_short_says_how_much_is_left(self, reader: TokenReader) -> None:
        with pytest.raises(TokenNotFreshError) as caught:
            reader.token(timedelta(minutes=90))
        assert (caught.value.remaining, caught.value.min_remaining) == (HOUR, timedelta(minutes=90))
        assert "has 60 minutes left, and 90 minutes were asked for" in str(caught.value)
        assert "its status is healthy" in str(caught.value)
        assert "Ask for less with min_remaining" in str(caught.value)

    def test_without_the_tags_the_status_of_an_ended_token_is_not_what_was_published_with_it(
        self, reader: TokenReader, clock: ManualClock
    ) -> None:
        reader.token()
        clock.advance(hours=2)
        with pytest.raises(TokenNotFreshError) as caught:
            reader.token()
        assert caught.value.status == "unknown"
        assert "secretsmanager:DescribeSecret" in str(caught.value)

    def test_a_document_that_was_published_with_bad_news_says_them(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        secrets.put(CONSUMER, consumer(status="needs_consent"))
        clock.advance(hours=2)
        with pytest.raises(TokenNotFreshError) as caught:
            reader.token()
        assert caught.value.status == "needs_consent"

    @pytest.mark.parametrize(
        ("status", "step"),
        [
            ("awaiting_consent", "token-refresher link acme-ads"),
            ("needs_operator", "token-refresher show acme-ads says what to do"),
            ("paused", "token-refresher resume acme-ads"),
            ("healthy", "token-refresher show acme-ads says why"),
        ],
    )
    def test_a_credential_without_a_token_says_who_has_to_act(self, clock: ManualClock, status: str, step: str) -> None:
        secrets = FakeSecrets(clock)
        secrets.put(OPERATOR, operator(None), status=status, reason="-")
        with pytest.raises(TokenNotFreshError, match="holds no access token yet") as caught:
            TokenReader("acme-ads", prefix="token-refresher", client=secrets, clock=clock).token()
        assert (caught.value.status, caught.value.reason, caught.value.remaining) == (status, None, None)
        assert step in caught.value.next_step

    def test_a_paused_credential_gives_its_token_while_that_is_fresh(self, clock: ManualClock) -> None:
        secrets = FakeSecrets(clock)
        secrets.put(OPERATOR, operator(), status="paused")
        reader = TokenReader("acme-ads", prefix="token-refresher", client=secrets, clock=clock)
        assert reader.token().access_token == "token-1"

    def test_the_error_reaches_another_process_whole(self, reader: TokenReader) -> None:
        """Schedulers send the errors of their workers through pickle."""
        with pytest.raises(TokenNotFreshError) as caught:
            reader.token(2 * HOUR)
        copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - It was made in the line above.
        assert (str(copy), copy.status, copy.remaining) == (str(caught.value), "healthy", HOUR)


class TestNames:
    @pytest.mark.parametrize(
        ("prefix", "secret_id"),
        [
            (None, "token-refresher-consumers/acme/ads"),
            ("token-refresher", "token-refresher/acme/ads"),
            ("token-refresher/", "token-refresher/acme/ads"),
            ("", "acme/ads"),
        ],
    )
    def test_a_name_is_behind_a_prefix(self, prefix: str | None, secret_id: str) -> None:
        assert TokenReader("acme/ads", prefix=prefix).secret_id == secret_id

    def test_the_environment_can_have_the_prefix(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOKEN_REFRESHER_PREFIX", "others")
        assert TokenReader("acme-ads").secret_id == "others/acme-ads"
        assert TokenReader("acme-ads", prefix="mine").secret_id == "mine/acme-ads"

    def test_an_arn_is_taken_as_it_is(self, clock: ManualClock) -> None:
        secrets = FakeSecrets(clock)
        secrets.put(arn(CONSUMER), consumer())
        assert TokenReader(arn(CONSUMER), client=secrets, clock=clock).token().access_token == "token-1"

    def test_a_reader_without_a_name_is_refused(self) -> None:
        with pytest.raises(ValueError, match="needs the name"):
            TokenReader("")


class TestRenames:
    NEW = "token-refresher/acme-search"

    @pytest.fixture
    def secrets(self, clock: ManualClock) -> FakeSecrets:
        secrets = FakeSecrets(clock)
        secrets.put(OPERATOR, consumer("token-of-the-pointer", moved_to=self.NEW))
        secrets.put(self.NEW, operator("token-1"))
        return secrets

    @pytest.fixture
    def reader(self, secrets: FakeSecrets, clock: ManualClock) -> TokenReader:
        return TokenReader("acme-ads", prefix="token-refresher", client=secrets, clock=clock)

    def test_a_pointer_is_followed(self, reader: TokenReader, secrets: FakeSecrets) -> None:
        assert reader.token().access_token == "token-1"
        assert secrets.reads == 2

    def test_a_rename_of_a_renamed_credential_is_followed(self, reader: TokenReader, secrets: FakeSecrets) -> None:
        secrets.put(self.NEW, consumer(moved_to="token-refresher/acme-3"))
        secrets.put("token-refresher/acme-3", operator("token-3"))
        assert reader.token().access_token == "token-3"

    def test_a_rename_between_two_reads_is_followed(self, secrets: FakeSecrets, clock: ManualClock) -> None:
        secrets.put("token-refresher/other", operator("token-1"))
        reader = TokenReader("other", prefix="token-refresher", client=secrets, clock=clock)
        reader.token()
        secrets.put("token-refresher/other", consumer(moved_to=self.NEW))
        secrets.put(self.NEW, operator("token-2", ends=NOON + 2 * HOUR))
        clock.advance(minutes=58)
        assert reader.token().access_token == "token-2"

    def test_pointers_in_a_circle_end_in_an_error(self, reader: TokenReader, secrets: FakeSecrets) -> None:
        secrets.put(self.NEW, consumer(moved_to=OPERATOR))
        with pytest.raises(RenameLoopError, match=OPERATOR):
            reader.token()
        assert secrets.reads <= 7

    def test_the_pointer_in_another_account_names_a_secret_of_that_account(self, clock: ManualClock) -> None:
        account = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
        secrets = FakeSecrets(clock)
        secrets.put(arn(OPERATOR), consumer(moved_to=self.NEW))
        secrets.put(f"{account}{self.NEW}", operator("token-2"))
        assert TokenReader(arn(OPERATOR), client=secrets, clock=clock).token().access_token == "token-2"

    def test_a_reader_that_may_not_read_the_new_secret_lives_on_the_pointer_and_says_so(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        secrets.refusals[self.NEW] = refusal("AccessDeniedException", "not authorized")
        with caplog.at_level(logging.WARNING):
            assert reader.token().access_token == "token-of-the-pointer"
        assert f"{OPERATOR} was renamed to {self.NEW}" in caplog.text
        clock.advance(hours=1)
        with pytest.raises(MissingPermissionError, match=self.NEW) as caught:
            reader.token()
        assert caught.value.secret_id == self.NEW

    def test_the_token_of_a_pointer_never_replaces_one_of_the_new_secret(
        self, reader: TokenReader, secrets: FakeSecrets, clock: ManualClock
    ) -> None:
        held = reader.token()
        secrets.refusals[self.NEW] = refusal("AccessDeniedException", "not authorized")
        assert reader.renewed(held) is None
        assert reader.token().access_token == "token-1"
        clock.advance(hours=1)
        with pytest.raises(MissingPermissionError):
            reader.token()
