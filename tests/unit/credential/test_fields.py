"""The table of the document's keys agrees with what the package reads and writes."""

import json
from dataclasses import fields, replace

from tests.fakes.rotations import IDENTITY, a_grant
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.fields import FIELDS, OPERATOR_KEYS, REFRESHER_KEYS, SECRET_KEYS
from token_refresher.credential.grant import Grant

PARSED = {field.name: field.type for field in fields(Credential) if not field.name.startswith("_")}
"""The fields of a parsed document, with their types."""


def test_the_table_has_every_key_that_is_read() -> None:
    assert FIELDS.keys() == PARSED.keys()


def test_exactly_the_secret_keys_are_read_as_sensitive() -> None:
    assert set(SECRET_KEYS) == {key for key, type_ in PARSED.items() if type_ == Sensitive | None}


def test_the_functions_write_the_keys_of_the_refresher_and_no_other() -> None:
    written = json.loads(Credential.parse('{"client_id": "app-1"}').with_grant(a_consent()).dump())
    assert written.keys() == {"client_id", *REFRESHER_KEYS}


def test_each_key_has_one_writer() -> None:
    assert (*OPERATOR_KEYS, *REFRESHER_KEYS) == tuple(FIELDS)


def a_consent() -> Grant:
    return replace(a_grant("new"), identity=IDENTITY, refresh_token_expires_at=IDENTITY.consented_at)
