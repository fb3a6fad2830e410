"""The entries of the catalogue: the reader and the published schema take the same, and each fact has its source."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from local.stack.toolchain import ROOT
from token_refresher.providers.catalogue.builtin import builtin, builtin_names, builtin_text
from token_refresher.providers.catalogue.own import read_own_entry
from token_refresher.providers.catalogue.reader import InvalidEntryError, read_entry

SCHEMA = json.loads((ROOT / "docs" / "provider.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)

ENTRY = ROOT / "tests" / "cli" / "acme.toml"
GOOD = ENTRY.read_text("utf-8")


NO_FACTS = {"sources", "errors", "account_api_headers"}
"""The tables without a source of their own: each error has one, and the headers belong to code."""


def document(text: str) -> dict[str, Any]:
    """Return a TOML text as the JSON that the schema is about."""
    as_json: dict[str, Any] = json.loads(json.dumps(tomllib.loads(text), default=_written))
    return as_json


def _written(value: object) -> str:
    assert isinstance(value, date), "TOML has no other value without a form in JSON that an entry may have"
    return value.isoformat()


def named_sources(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield each source that a table of facts names."""
    for table in [*entry.values(), *entry.get("errors", {}).values()]:
        if isinstance(table, dict):
            yield from table.get("source", ())


@pytest.mark.parametrize("name", builtin_names())
def test_an_entry_is_one_for_the_reader_and_for_the_schema(name: str) -> None:
    assert builtin(name).name == name
    VALIDATOR.validate(document(builtin_text(name)))


@pytest.mark.parametrize("name", builtin_names())
def test_a_source_is_there_because_a_fact_was_read_in_it(name: str) -> None:
    entry = tomllib.loads(builtin_text(name))
    assert set(named_sources(entry)) == set(entry["sources"])


@pytest.mark.parametrize("name", builtin_names())
def test_each_table_of_facts_names_where_it_was_read(name: str) -> None:
    entry = tomllib.loads(builtin_text(name))
    facts = {key: one for key, one in entry.items() if isinstance(one, dict) and key not in NO_FACTS}
    assert [key for key, one in (facts | entry.get("errors", {})).items() if not one["source"]] == []


@pytest.mark.parametrize("name", builtin_names())
def test_a_source_says_on_which_day_it_was_read(name: str) -> None:
    for source in builtin(name).sources.values():
        assert date(2026, 1, 1) <= date.fromisoformat(source.looked_at) <= date(2100, 1, 1)


@pytest.mark.parametrize("name", [name for name in builtin_names() if name != "oauth2"])
def test_the_addresses_of_an_entry_are_public_and_encrypted(name: str) -> None:
    read_own_entry(name, builtin_text(name), f"{name}.toml")


def test_the_example_is_an_entry() -> None:
    VALIDATOR.validate(document(GOOD))
    entry = read_own_entry("acme", GOOD, "acme.toml")
    assert (entry.words.provider, entry.words.product) == ("Acme", "Acme Reports")
    assert entry.words.sign_in_service == "Acme's sign-in service"


_REFUSED = [
    pytest.param('title = "Acme"', "tilte = 1", 0, "title is missing", id="no title"),
    pytest.param('title = "Acme"', 'title = ""', 1, "title must have 1 to 200", id="an empty title"),
    pytest.param('title = "Acme"', f'title = "{"x" * 201}"', 1, "title must have 1 to 200", id="a long title"),
    pytest.param('title = "Acme"', "title = 1", 1, "title must be a text", id="a title that is a number"),
    pytest.param('product = "Acme Reports"', 'produkt = "x"', 2, "produkt is no key", id="an unknown key"),
    pytest.param('product = "Acme Reports"', 'dialect = "acme"', 2, "dialect must be one of", id="an unknown dialect"),
    pytest.param('product = "Acme Reports"', 'account_api = "acme"', 2, "account_api must be", id="an unknown API"),
    pytest.param('audience = "reports"', "audience = 1", 6, "parameters must have texts", id="a parameter as a number"),
    pytest.param(
        '"https://id.acme.example/authorize"',
        '"id.acme.example"',
        5,
        "authorization.authorization_endpoint must be an address",
        id="an address without a scheme",
    ),
    pytest.param(
        '"https://id.acme.example/authorize"',
        '"https://id.acme.example/authorize?a=b"',
        5,
        "authorization.authorization_endpoint must be an address",
        id="an address with a query",
    ),
    pytest.param(
        '"https://id.acme.example/token"',
        '"https://user@id.acme.example/token"',
        10,
        "token.token_endpoint must be an address",
        id="an address with a user",
    ),
    pytest.param(
        '["client_secret_basic", "none"]',
        '["client_secret_jwt"]',
        11,
        "token.token_endpoint_auth_methods_supported must have each at most once, of client_secret_post",
        id="an unknown method",
    ),
    pytest.param('["client_secret_basic", "none"]', "[]", 11, "must be a list of texts", id="no method"),
    pytest.param('["client_secret_basic", "none"]', '["none", "none"]', 11, "at most once", id="a method twice"),
    pytest.param('error_member = "code"', 'error_member = "a b"', 12, "must be a name", id="a member with a space"),
    pytest.param('separator = " "', 'separator = ";"', 17, "scope.separator must be one of", id="a separator"),
    pytest.param("sent_at_refresh = true", 'sent_at_refresh = "yes"', 19, "must be true or false", id="a yes"),
    pytest.param("lifetime_seconds = 3600", "lifetime_seconds = 0", 23, "greater than 0", id="no second"),
    pytest.param("lifetime_seconds = 3600", 'lifetime_seconds = "1h"', 23, "must be a whole number", id="an hour"),
    pytest.param("lifetime_seconds = 3600", "lifetime_seconds = true", 23, "must be a whole number", id="true"),
    pytest.param('rotation = "always"', 'rotation = "often"', 27, "refresh_token.rotation must be", id="a rotation"),
    pytest.param('reuse = "grace"', 'reuse = ""', 28, "refresh_token.reuse must be one of", id="an empty reuse"),
    pytest.param('limit = "one for a user"', 'limit = ""', 30, "limit must have 1 to 200", id="an empty limit"),
    pytest.param('member = "answer"', 'member = "userinfo"', 34, "identity.member must be one of", id="a member"),
    pytest.param('member = "answer"\n', "", 33, "identity.member is missing", id="no member"),
    pytest.param('subject = ["user_id"]', "subject = []", 35, "identity.subject must be a list", id="no subject"),
    pytest.param(
        '"https://api.acme.example/me"', '""', 39, "access_check.url must be an address", id="an empty address"
    ),
    pytest.param(
        'meaning = "grant_ended"\n', "", 42, "errors.gone.meaning is missing", id="an error without a meaning"
    ),
    pytest.param('cause = "It is gone."', 'reason = "x"', 44, "errors.gone.reason is no key", id="a key of an error"),
    pytest.param('\nsource = ["DOCS", "OTHER"]', "", 26, "refresh_token.source is missing", id="no source"),
    pytest.param('source = ["DOCS", "OTHER"]', "source = []", 31, "must be a list of texts", id="an empty source"),
    pytest.param('source = ["DOCS", "OTHER"]', 'source = "DOCS"', 31, "must be a list", id="a source that is a text"),
    pytest.param("looked_at = 2026-11-29\n[sources.OTHER]", "[sources.OTHER]", 47, "looked_at is missing", id="no day"),
    pytest.param(
        "looked_at = 2026-11-29\n[sources.OTHER]",
        "looked_at = 5\n[sources.OTHER]",
        49,
        "sources.DOCS.looked_at must be a date",
        id="a day that is a number",
    ),
    pytest.param('url = "https://docs.acme.example/oauth"\n', "", 47, "sources.DOCS.url is missing", id="no page"),
    pytest.param(
        '"https://docs.acme.example/oauth"',
        '"a book"',
        48,
        "sources.DOCS.url must begin with",
        id="a page that is none",
    ),
    pytest.param("[access_check]", "[check]", 38, "check is no key", id="an unknown table"),
]
"""What is replaced by what, the line of the fault, and what is said."""


@pytest.mark.parametrize(("old", "new", "line", "says"), _REFUSED)
def test_the_reader_and_the_schema_refuse_the_same_and_the_reader_says_where(
    old: str, new: str, line: int, says: str
) -> None:
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    assert not VALIDATOR.is_valid(document(text))
    with pytest.raises(InvalidEntryError) as caught:
        read_entry("acme", text, "acme.toml")
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"acme.toml, line {line}: " if line else "acme.toml: ")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        pytest.param('["DOCS", "OTHER"]', '["BOOK"]', 31, "names a source that sources does not have", id="a source"),
        pytest.param('"grant_ended"', '"gone"', 43, "errors.gone.meaning must be one of", id="a meaning"),
        pytest.param('title = "Acme"', "title = ", 1, "is not TOML", id="no TOML"),
        pytest.param('title = "Acme"', 'title = "a"\ntitle = "b"', 2, "is not TOML", id="a key twice"),
        pytest.param('"https://id.acme.example/token"', '"http://id.acme.example/t"', 10, "https://", id="http"),
        pytest.param('"https://id.acme.example/token"', '"https://10.0.0.1/t"', 10, "a private network", id="private"),
        pytest.param('"https://id.acme.example/token"', '"https://vault/t"', 10, "a private network", id="a bare name"),
        pytest.param(
            '"https://api.acme.example/me"', '"https://[::1]/"', 39, "a private network", id="of this machine"
        ),
        pytest.param(
            'token_endpoint = "https://id.acme.example/token"\n', "", 9, "token.token_endpoint is missing", id="none"
        ),
    ],
)
def test_what_no_schema_can_see_is_refused_as_well(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(InvalidEntryError) as caught:
        read_own_entry("acme", GOOD.replace(old, new), "acme.toml")
    assert (caught.value.file, caught.value.line) == ("acme.toml", line)
    assert says in str(caught.value)


def test_an_address_of_this_machine_is_allowed_on_a_local_stack() -> None:
    text = GOOD.replace("https://id.acme.example/token", "http://localhost:8080/token")
    assert read_own_entry("acme", text, "acme.toml", is_local=True).token.token_endpoint.startswith("http://localhost")
