"""Which claims of an error answer may become part of the next authorization request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.providers.microsoft.claims_challenge import claims_challenge

POLICY = '{"access_token":{"capolids":{"essential":true,"values":["00000000-0000-4000-8000-00000000000a"]}}}'
WORDS = st.text("abcxyz019_.:-", min_size=1, max_size=64)
CLAIMS = st.dictionaries(
    WORDS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | WORDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
        max_leaves=5,
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(POLICY, id="a policy of the organization"),
        pytest.param('{"access_token": {"acrs": {"essential": true, "value": "c1"}}}', id="an authentication context"),
        pytest.param('{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}', id="a newer sign-in"),
    ],
)
def test_a_challenge_is_kept_as_it_was_sent(sent: str) -> None:
    assert claims_challenge(sent) == sent


@given(CLAIMS.map(json.dumps))
def test_any_object_of_short_words_is_a_challenge(sent: str) -> None:
    assert claims_challenge(sent) == (sent if len(sent) <= 2000 else "")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(None, id="nothing"),
        pytest.param({"access_token": {}}, id="an object instead of a text"),
        pytest.param("", id="an empty text"),
        pytest.param("{}", id="an empty object"),
        pytest.param('["access_token"]', id="a list"),
        pytest.param('"access_token"', id="a word"),
        pytest.param('{"access_token":', id="an incomplete object"),
        pytest.param("[" * 100_000, id="nested too deeply"),
        pytest.param(
            '{"access_token":{"value":"' + "planted-token." * 6 + '"}}', id="with something as long as a token"
        ),
        pytest.param('{"' + "planted-token." * 6 + '":1}', id="with a name as long as a token"),
        pytest.param('{"access_token":{"value":"a b"}}', id="with a text"),
        pytest.param('{"a":"https://elsewhere.example.com/?x"}', id="with an address"),
        pytest.param(json.dumps({f"claim{number}": "x" * 60 for number in range(30)}), id="too long for a URL"),
    ],
)
def test_anything_else_is_dropped(sent: object) -> None:
    assert claims_challenge(sent) == ""
