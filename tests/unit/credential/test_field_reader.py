import re

import pytest

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.field_reader import FieldReader

CANARY = "planted-value"


def test_an_absent_field_is_none() -> None:
    fields = FieldReader({"client_secret": None})
    read = [fields.text("absent"), fields.secret("client_secret"), fields.time("absent"), fields.identity()]
    assert read == [None] * 4


def test_an_id_may_be_a_number_or_a_text() -> None:
    fields = FieldReader({"number": 1234567, "text": " 1234567\n"})
    assert fields.digits("number") == fields.digits("text") == "1234567"


def test_true_is_no_id() -> None:
    with pytest.raises(MalformedCredentialError, match="account_id must be a text, and is true or false"):
        FieldReader({"account_id": True}).digits("account_id")


def test_a_token_of_the_provider_is_read_as_it_is() -> None:
    token = FieldReader({"refresh_token": f" {CANARY}\x07 "}).secret("refresh_token")
    assert token is not None
    assert token.reveal() == f"{CANARY}\x07"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        pytest.param("", "is empty", id="an empty text"),
        pytest.param(f"{CANARY}\n{CANARY}", "has a line break", id="two lines"),
        pytest.param([CANARY], "must be a text, and is a list", id="a list"),
    ],
)
def test_an_error_names_the_field_and_never_quotes_the_value(value: object, complaint: str) -> None:
    with pytest.raises(MalformedCredentialError, match=re.escape(complaint)) as caught:
        FieldReader({"client_secret": value}).secret("client_secret")
    assert str(caught.value).startswith("client_secret ")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("given", ["1234567", 1234567, 1234567.0, "01234567", " 1234567\u200b\r\n"])
def test_a_numeric_id_has_one_normal_form(given: object) -> None:
    assert FieldReader({"account_id": given}).digits("account_id") == "1234567"


@pytest.mark.parametrize("key", ["Client_ID", "clientId", " client_id ", "client-id", "\ufeffclient_id"])
def test_an_error_about_a_missing_key_names_one_with_another_spelling(key: str) -> None:
    with pytest.raises(MalformedCredentialError, match=r"client_id is missing; the key .* has to be written client_id"):
        FieldReader({key: CANARY}).required("client_id")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param(f'"{CANARY}"', "quotation marks of its own; remove them", id="straight quotation marks"),
        pytest.param(f"'{CANARY}'", "quotation marks of its own; remove them", id="single quotation marks"),
        pytest.param(f"\u201c{CANARY}\u201d", "quotation marks of its own; remove them", id="typographic ones"),
        pytest.param(f"{CANARY}\u2013x", "a character beyond ASCII", id="a dash that a text editor made"),
        pytest.param(17, "must be a text, and is a number; write it in quotation marks", id="a number"),
    ],
)
def test_an_error_about_a_pasted_secret_says_how_to_fix_it(value: object, words: str) -> None:
    with pytest.raises(MalformedCredentialError, match=re.escape(words)) as caught:
        FieldReader({"client_secret": value}).secret("client_secret")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("2026-01-31", "it is a date, and the time of day is missing", id="a date"),
        pytest.param("2026-01-31T09:00:00", "its offset is missing: add Z", id="no offset"),
        pytest.param("2026-01-31 09:00", "its offset is missing: add Z", id="no offset and no seconds"),
        pytest.param(1769850000, "it looks like the time since 1970", id="seconds since 1970"),
        pytest.param(1769850000000, "it looks like the time since 1970", id="milliseconds since 1970"),
        pytest.param("1769850000.5", "it looks like the time since 1970", id="seconds since 1970 in a text"),
        pytest.param(7, "write it as a text", id="a number that is no time"),
    ],
)
def test_an_error_about_an_ambiguous_time_says_what_is_missing(value: object, words: str) -> None:
    with pytest.raises(MalformedCredentialError, match=re.escape(words)):
        FieldReader({"expires_at": value}).time("expires_at")
