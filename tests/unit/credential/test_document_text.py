"""A document that a tool changed is read if its meaning is certain; otherwise the error says what it is."""

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.rotations import a_grant
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.credential.document_text import read_members, unwrapped_object
from token_refresher.credential.json_members import JsonMembers

CANARY = "canary-9b2e"
MARK = "\N{BYTE ORDER MARK}"
DOCUMENT = f'{{"client_id": "{CANARY}", "note": 1.10, "name": "\\u00e9", "list": [ 1,2 ]}}'
INSIDE = '{\n  "client_id": "' + CANARY + '",\n  "note": 1.10,\n  "name": "\\u00e9",\n  "list": [ 1,2 ]\n}'


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(str, id="nothing"),
        pytest.param(lambda text: MARK + text, id="a byte order mark"),
        pytest.param(json.dumps, id="a JSON text"),
        pytest.param(lambda text: json.dumps(json.dumps(text)), id="two of them"),
        pytest.param(lambda text: MARK + json.dumps(MARK + text), id="both, in both places"),
        pytest.param(lambda text: f" \n{json.dumps(text)}\n", id="a JSON text between line breaks"),
    ],
)
def test_what_a_tool_put_around_a_document_is_removed(around: Callable[[str], str]) -> None:
    """All keys inside, also unknown ones, keep their text."""
    assert read_members(around(DOCUMENT)).dump() == INSIDE
    assert Credential.parse(around(DOCUMENT)).client_id == CANARY


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_wrapping_a_document_changes_nothing_in_it(document: dict[str, object]) -> None:
    plain = json.dumps(document)
    assert (
        read_members(json.dumps(plain)).dump() == read_members(MARK + plain).dump() == JsonMembers.parse(plain).dump()
    )


PYTHON = str({"client_id": CANARY})
LEFT, RIGHT = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"


@pytest.mark.parametrize(
    ("text", "words", "cure"),
    [
        pytest.param("", "it is empty", "store the document", id="nothing"),
        pytest.param(f"[{DOCUMENT}]", "it is a list", "out of the brackets", id="a list"),
        pytest.param(json.dumps(CANARY), "it is a text", "store an object", id="a text"),
        pytest.param("null", "it is null", "store an object", id="null"),
        pytest.param("true", "it is true or false", "store an object", id="true"),
        pytest.param("17", "it is a number", "store an object", id="a number"),
        pytest.param(CANARY, "a single token", "store an object", id="a token"),
        pytest.param(f"client_id: {CANARY}\ntenant: common", "it is YAML", '{"key"', id="YAML"),
        pytest.param(f"---\nclient_id: {CANARY}", "it is YAML", '{"key"', id="YAML with its mark"),
        pytest.param(f"CLIENT_ID={CANARY}", "it is lines of KEY=VALUE", '{"KEY"', id="an environment file"),
        pytest.param(f"export CLIENT_ID={CANARY}", "it is lines of KEY=VALUE", '{"KEY"', id="a script of a shell"),
        pytest.param(f"[app]\nclient_id = {CANARY}", "it is lines of KEY=VALUE", '{"KEY"', id="an INI file"),
        pytest.param(f"'{DOCUMENT}'", "quotation marks of a shell", "remove", id="the quotation marks of a shell"),
        pytest.param(base64.b64encode(DOCUMENT.encode()).decode(), "it is base64", "encodes", id="base64"),
        pytest.param("\u00ef\u00bb\u00bf" + DOCUMENT, "another encoding", "UTF-8", id="a mark read as Latin-1"),
        pytest.param("\x00".join(f" {DOCUMENT}"), "another encoding", "UTF-8", id="UTF-16 read as Latin-1"),
        pytest.param(PYTHON, "single quotation marks", "double", id="a dict of Python's"),
        pytest.param(f'{{"client_id": "{CANARY}", "x": None}}', "as Python writes", "null", id="None of Python's"),
        pytest.param(DOCUMENT.replace('"', LEFT), "typographic", "straight", id="typographic quotation marks"),
        pytest.param(f'{{"client_id": {LEFT}{CANARY}{RIGHT}}}', "typographic", "straight", id="one value in them"),
        pytest.param(f'{{"client_id{RIGHT}: "{CANARY}"}}', "typographic", "straight", id="one that closes a key"),
        pytest.param(f'{{"client_id": "{CANARY}{RIGHT}}}', "typographic", "straight", id="one that closes a value"),
        pytest.param(f'{{client_id: "{CANARY}"}}', "a key without quotation marks", "double", id="a bare key"),
        pytest.param(f'{{"client_id": {CANARY}}}', "a value without quotation marks", "double", id="a bare value"),
        pytest.param(f'{{"client_id": "{CANARY}",}}', "a comma follows the last member", "remove", id="a comma"),
        pytest.param(f'{{"client_id": "{CANARY}", // x\n"a": 1}}', "a comment", "remove", id="a comment"),
        pytest.param(f'{{"client_id": "{CANARY}\n"}}', "goes over two lines", "join", id="a value of two lines"),
        pytest.param(DOCUMENT[:-1], "it ends too early", "whole", id="an object cut short"),
        pytest.param(DOCUMENT[:20], "it ends too early", "whole", id="a text cut short"),
        pytest.param(f'{{"a": "{CANARY}", "a": 1}}', "names the member 'a' twice", "keep one", id="a key twice"),
        pytest.param(DOCUMENT + DOCUMENT, "has text after the JSON object", "remove", id="two objects"),
    ],
)
def test_the_error_for_another_format_names_it_and_says_how_to_fix_it(text: str, words: str, cure: str) -> None:
    with pytest.raises(MalformedCredentialError) as caught:
        Credential.parse(text)
    said = str(caught.value)
    assert (words in said, cure in said, CANARY in said) == (True, True, False), said
    assert caught.value.__suppress_context__


@given(st.text() | st.from_regex(r"\{[\"':,{}\[\] a-z#/]{0,12}"))
def test_any_text_is_read_or_rejected_with_a_message(text: str) -> None:
    try:
        read_members(text)
    except ValueError as error:
        assert str(error).startswith(("is ", "names ", "has "))  # noqa: PT017 - either outcome is right.


IDENTITY = {"username": "owner@example.com", "consented_at": "2026-01-31T09:00:00Z", "note": 1}


def test_an_identity_that_an_editor_stored_as_a_text_is_read() -> None:
    """The key/value editor of the AWS console stores every value as a text."""
    credential = Credential.parse(json.dumps({"client_id": "app-1", "identity": json.dumps(IDENTITY)}))
    assert credential.identity is not None
    assert credential.identity.username == "owner@example.com"


@pytest.mark.parametrize("text", ["", CANARY, "[]", "null", json.dumps([IDENTITY]), "{'username': 'x'}"])
def test_a_text_that_contains_no_object_is_no_identity(text: str) -> None:
    with pytest.raises(MalformedCredentialError, match="identity must be an object, and is a text") as caught:
        Credential.parse(json.dumps({"client_id": "app-1", "identity": text}))
    assert CANARY not in str(caught.value)


def test_the_object_in_a_text_keeps_its_own_text() -> None:
    assert unwrapped_object(f' {MARK}{{"n": 1.10}} ') is None
    assert unwrapped_object(f'{MARK} {{"n": 1.10}} ') == '{"n": 1.10}'


def test_the_next_write_stores_the_identity_as_an_object_and_keeps_its_text() -> None:
    inner = '{"username":"owner@example.com","consented_at":"2026-01-31T09:00:00Z","note":1.10}'
    before = Credential.parse(json.dumps({"client_id": "app-1", "identity": inner, "other": inner}))
    after = before.with_grant(a_grant("next")).dump()
    assert f'"identity": {inner}' in after
    assert json.loads(after)["other"] == inner
