"""What a secret may hold, and what it must not."""

import json
from datetime import UTC, datetime

import pytest

from tests.client.aws import NOON, OPERATOR, FakeSecrets, ManualClock, consumer, operator
from token_refresher_client import MalformedSecretError, TokenReader
from token_refresher_client.document import Document

MALFORMED = {
    "no JSON": ("token-canary", "no JSON"),
    "a JSON that never ends": ("[" * 100_000, "no JSON"),
    "no object": ('["token-canary"]', "no JSON object"),
    "another secret": ('{"username": "admin", "password": "token-canary"}', "has no access_token"),
    "a token that is a number": (consumer(access_token=1), "access_token is not a text"),  # type: ignore[arg-type]
    "a token with a line break": (consumer("token-canary\r\nX: y"), "characters that no token has"),
    "a token with a letter of another script": (consumer("token-canaryß"), "characters that no token has"),
    "a type with a line break": (consumer(token_type="Bearer\r\nX:"), "token_type has characters"),
    "no time": (consumer(expires_at=None), "has no expires_at"),
    "a time without an offset": (consumer(expires_at="2026-03-01T13:00:00"), "expires_at has no offset"),
    "another text than a time": (consumer(expires_at="tomorrow"), "expires_at is not a time"),
    "a time as a number": (consumer(expires_at=1772366400), "expires_at is not a text"),
    "a pointer to no name": (consumer(moved_to=["token-canary"]), "moved_to is not a text"),
}


@pytest.mark.parametrize(("text", "why"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_secret_is_named_without_its_value(text: str, why: str) -> None:
    secrets = FakeSecrets()
    secrets.put(OPERATOR, text)
    with pytest.raises(MalformedSecretError) as caught:
        TokenReader("acme-ads", prefix="token-refresher", client=secrets, clock=ManualClock()).token()
    assert caught.value.secret_id == OPERATOR
    assert why in str(caught.value)
    assert OPERATOR in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_consumer_secret_needs_neither_a_developer_token_nor_an_account() -> None:
    token = Document.parse(consumer(developer_token=None, account_id=None, customer_id=None, scope=None)).token
    assert token
    assert (token.account.developer_token, token.account.account_id, token.scope) == (None, None, None)


def test_an_id_that_a_person_wrote_as_a_number_is_a_text() -> None:
    token = Document.parse(operator(account_id=123456789)).token
    assert token
    assert token.account.account_id == "123456789"


def test_a_time_may_have_another_offset() -> None:
    token = Document.parse(consumer(expires_at="2026-03-01T14:00:00+01:00")).token
    assert token
    assert token.expires_at == datetime(2026, 3, 1, 13, tzinfo=UTC)


def test_a_key_that_the_reader_does_not_know_changes_nothing() -> None:
    assert Document.parse(consumer(colour="blue")) == Document.parse(consumer())


def test_a_credential_that_has_a_key_moved_to_of_its_own_is_no_pointer() -> None:
    """As in the command: one with a client_id is a credential, whatever else it has."""
    document = Document.parse(operator(moved_to="Berlin"))
    assert (document.moved_to, document.token is not None) == (None, True)


def test_the_refresh_token_and_the_client_secret_of_the_operator_are_not_kept() -> None:
    shown = repr(vars(Document.parse(operator())))
    assert "refresh-token-1" not in shown
    assert "client-secret-1" not in shown


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(consumer(generation=9), consumer(generation=10), id="by generation"),
        pytest.param(
            consumer(generation=9, ends=NOON.replace(hour=20)),
            consumer(generation=10),
            id="not by the end of the token",
        ),
        pytest.param(operator(), operator(ends=NOON.replace(hour=14)), id="by the last refresh"),
    ],
)
def test_documents_have_an_order(earlier: str, later: str) -> None:
    before, after = Document.parse(earlier), Document.parse(later)
    assert before.is_older_than(after)
    assert not after.is_older_than(before)
    assert not before.is_older_than(before)


def test_documents_without_a_mark_have_no_order() -> None:
    first, second = Document.parse(consumer(generation=None)), Document.parse(consumer(generation=None))
    assert not first.is_older_than(second)


def test_a_pointer_without_a_token_is_a_pointer() -> None:
    assert Document.parse(json.dumps({"moved_to": "token-refresher/new"})).token is None
