"""A JSON object keeps the text of its members byte for byte."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.credential.json_members import JsonMembers

SPACE = st.text(alphabet=" \t\n\r", max_size=3)
PLAIN = st.characters(exclude_characters='"\\', min_codepoint=0x20, exclude_categories=["Cs"])
ESCAPED = st.sampled_from([r"\n", r"\"", r"\\", r"\/", r"\u00e9", r"\ud83d\ude00", r"\u0000"])
STRING = st.lists(PLAIN | ESCAPED, max_size=6).map(lambda parts: f'"{"".join(parts)}"')
NUMBER = st.sampled_from(["0", "-0", "1.10", "1e5", "-2.50E-07", "1E+2"]) | st.integers().map(str)
SCALAR = STRING | NUMBER | st.sampled_from(["true", "false", "null"]) | st.just(str(7**300))


@st.composite
def lists(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    inner = draw(SPACE) + ",".join(draw(st.lists(items, max_size=3)))
    return f"[{inner}{draw(SPACE)}]"


@st.composite
def objects(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    members = draw(st.lists(st.tuples(STRING, SPACE, items), max_size=3))
    return "{" + ",".join(f"{key}{space}:{space}{value}" for key, space, value in members) + draw(SPACE) + "}"


VALUE = st.recursive(SCALAR, lambda items: lists(items) | objects(items), max_leaves=8)
KEY = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
MEMBERS = st.dictionaries(KEY, VALUE, max_size=5)


@st.composite
def spaced(draw: st.DrawFn, members: dict[str, str]) -> str:
    """Write members with whitespace wherever RFC 8259 allows it."""

    def gap() -> str:
        return draw(SPACE)

    written = [f"{gap()}{json.dumps(key)}{gap()}:{gap()}{raw}{gap()}" for key, raw in members.items()]
    return f"{gap()}{{{','.join(written) or gap()}}}{gap()}"


@given(st.data(), MEMBERS)
def test_every_value_keeps_its_text(data: st.DataObject, members: dict[str, str]) -> None:
    text = data.draw(spaced(members))
    expected = ",\n".join(f"  {json.dumps(key, ensure_ascii=False)}: {raw}" for key, raw in members.items())
    assert JsonMembers.parse(text).dump() == (f"{{\n{expected}\n}}" if members else "{}")


@given(st.data(), MEMBERS)
def test_what_is_written_reads_as_the_same_values(data: st.DataObject, members: dict[str, str]) -> None:
    text = data.draw(spaced(members))
    parsed = JsonMembers.parse(text)
    assert json.loads(parsed.dump()) == parsed.values() == json.loads(text)


@given(MEMBERS)
def test_writing_twice_changes_nothing_more(members: dict[str, str]) -> None:
    once = JsonMembers(members).dump()
    assert JsonMembers.parse(once).dump() == once


@given(MEMBERS, st.dictionaries(KEY, st.none() | st.text(max_size=5), max_size=3))
def test_a_change_affects_only_the_named_members(members: dict[str, str], changes: dict[str, str | None]) -> None:
    changed = JsonMembers(members).replace(changes)
    kept = {key: raw for key, raw in members.items() if key not in changes}
    written = {key: json.dumps(value) for key, value in changes.items() if value is not None}
    order = [key for key in members if changes.get(key, "") is not None]
    order += [key for key in written if key not in members]
    everything = kept | written
    assert changed.dump() == JsonMembers({key: everything[key] for key in order}).dump()


def test_a_change_does_not_affect_the_original() -> None:
    original = JsonMembers.parse('{"a": 1}')
    original.replace({"a": 2, "b": 3})
    assert original.values() == {"a": 1}


def test_none_removes_a_member() -> None:
    assert JsonMembers.parse('{"a": 1, "b": 2}').replace({"a": None}).values() == {"b": 2}


def test_removing_an_absent_member_is_no_error() -> None:
    assert JsonMembers.parse('{"a": 1}').replace({"b": None}).values() == {"a": 1}


def test_each_member_is_written_on_its_own_line() -> None:
    assert JsonMembers.parse('{"a":1.10,"b":"\\u00e9"}').dump() == '{\n  "a": 1.10,\n  "b": "\\u00e9"\n}'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "is not a JSON object", id="empty text"),
        pytest.param("  \n", "is not a JSON object", id="whitespace alone"),
        pytest.param("[]", "is not a JSON object", id="an array"),
        pytest.param('"text"', "is not a JSON object", id="a string"),
        pytest.param("null", "is not a JSON object", id="null"),
        pytest.param("\ufeff{}", "is not a JSON object", id="a byte order mark"),
        pytest.param("\u00a0{}", "is not a JSON object", id="a space that JSON does not allow"),
        pytest.param("{} {}", "has text after the JSON object", id="two objects"),
        pytest.param('{"a": 1} x', "has text after the JSON object", id="trailing text"),
        pytest.param('{"a": 1, "a": 2}', "names the member 'a' twice", id="a member twice"),
        pytest.param('{"a": 1, "\\u0061": 2}', "names the member 'a' twice", id="a member twice, once escaped"),
        pytest.param("{", "expected", id="nothing after the brace"),
        pytest.param('{"a": 1', "expected ,", id="no closing brace"),
        pytest.param('{"a": 1,}', 'expected "', id="a trailing comma"),
        pytest.param("{,}", 'expected "', id="a comma alone"),
        pytest.param('{"a": 1 "b": 2}', "expected ,", id="a missing comma"),
        pytest.param('{"a" 1}', "expected :", id="a missing colon"),
        pytest.param("{a: 1}", 'expected "', id="a key without quotes"),
        pytest.param("{1: 1}", 'expected "', id="a number for a key"),
        pytest.param('{"a": }', "Expecting value", id="a missing value"),
        pytest.param('{"a": NaN}', "NaN is not JSON", id="NaN"),
        pytest.param('{"a": [Infinity]}', "Infinity is not JSON", id="infinity, nested"),
        pytest.param('{"a": -Infinity}', "-Infinity is not JSON", id="minus infinity"),
        pytest.param('{"a": "line\nbreak"}', "Invalid control character", id="a line break in a text"),
        pytest.param('{"a": "open', "Unterminated string", id="a text that does not end"),
    ],
)
def test_a_text_that_is_no_json_object_is_rejected(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        JsonMembers.parse(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_a_document_that_is_nested_too_deeply_is_rejected_with_a_value_error(opening: str, closing: str) -> None:
    depth = 50_000
    with pytest.raises(ValueError, match=r".+"):
        JsonMembers.parse(f'{{"a": {opening * depth}1{closing * depth}}}')


@given(st.text())
def test_any_text_is_read_or_rejected_with_a_value_error(text: str) -> None:
    try:
        JsonMembers.parse(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right; no other exception is.


def test_a_key_that_is_half_a_surrogate_pair_can_still_be_stored() -> None:
    """Such a key is legal JSON, and the text that is written must be encodable."""
    assert JsonMembers.parse(r'{"\ud800": 1}').dump().encode()
