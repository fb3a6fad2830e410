import re

import pytest

from token_refresher.document_fields import DocumentFields
from token_refresher.errors import MalformedCredentialError

CANARY = "planted-value"


def test_what_is_not_there_is_none() -> None:
    fields = DocumentFields({"present": None})
    read = [fields.text("absent"), fields.sensitive("present"), fields.time("absent"), fields.identity()]
    assert read == [None] * 4


def test_an_identifier_may_be_written_as_a_number_or_as_a_text() -> None:
    fields = DocumentFields({"number": 1234567, "text": " 1234567\n"})
    assert fields.digits("number") == fields.digits("text") == "1234567"


def test_true_is_no_identifier() -> None:
    with pytest.raises(MalformedCredentialError, match="account_id must be a text, and is true or false"):
        DocumentFields({"account_id": True}).digits("account_id")


def test_what_a_provider_issued_is_taken_as_it_is() -> None:
    token = DocumentFields({"refresh_token": f" {CANARY}\x07 "}).token("refresh_token")
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
def test_a_complaint_names_the_field_and_never_quotes_the_value(value: object, complaint: str) -> None:
    with pytest.raises(MalformedCredentialError, match=re.escape(complaint)) as caught:
        DocumentFields({"client_secret": value}).sensitive("client_secret")
    assert str(caught.value).startswith("client_secret ")
    assert CANARY not in str(caught.value)
