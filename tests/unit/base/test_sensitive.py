"""`Sensitive` shows its text only to code that calls `reveal`."""

import copy
import hashlib
import io
import json
import logging
import traceback
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.sensitive import Sensitive

CANARY = "canary-1c5b"


@dataclass(frozen=True)
class Holder:
    token: Sensitive


def logged(value: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.emit(logging.LogRecord("canary", logging.ERROR, __file__, 1, "%s %r", (value, value), None))
    return stream.getvalue()


def raised(value: object) -> str:
    return "".join(traceback.format_exception(ValueError(value)))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param(format, id="format"),
        pytest.param(lambda token: f"{token} {token!r} {token!s}", id="an f-string"),
        pytest.param(lambda token: "%s %r" % (token, token), id="percent formatting"),  # noqa: UP031 - That is the case.
        pytest.param(lambda token: repr([token, {"token": token}]), id="inside a list and a dict"),
        pytest.param(lambda token: repr(Holder(token)), id="the repr of a dataclass"),
        pytest.param(logged, id="a log line"),
        pytest.param(raised, id="a traceback"),
        pytest.param(lambda token: json.dumps({"token": token}, default=repr), id="JSON with a default"),
        pytest.param(lambda token: str(copy.deepcopy(token)), id="a copy"),
    ],
)
def test_no_way_of_printing_shows_the_text(shown: object) -> None:
    assert callable(shown)
    output = shown(Sensitive(CANARY))
    assert CANARY not in output


def test_it_is_not_serialized_by_accident() -> None:
    with pytest.raises(TypeError, match="not JSON serializable") as caught:
        json.dumps({"token": Sensitive(CANARY)})
    assert CANARY not in str(caught.value)


def test_a_format_that_reaches_into_the_text_is_refused() -> None:
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{Sensitive(CANARY):.4}"


def test_it_takes_no_further_attributes() -> None:
    assert not hasattr(Sensitive(CANARY), "__dict__")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_fingerprint_is_twelve_hex_digits_of_sha_256(text: str) -> None:
    assert Sensitive(text).fingerprint == hashlib.sha256(text.encode()).hexdigest()[:12]


def test_the_repr_is_the_fingerprint() -> None:
    token = Sensitive(CANARY)
    assert repr(token) == f"Sensitive({token.fingerprint})"


def test_a_text_that_utf_8_cannot_encode_has_a_fingerprint() -> None:
    """JSON can contain half a surrogate pair, and a provider's answer is JSON."""
    assert len(Sensitive(json.loads(r'"\ud800"')).fingerprint) == 12


def test_reveal_returns_the_text() -> None:
    assert Sensitive(CANARY).reveal() == CANARY


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_two_are_equal_exactly_when_their_texts_are(one: str, other: str) -> None:
    assert (Sensitive(one) == Sensitive(other)) is (one == other)


def test_equal_ones_have_one_hash() -> None:
    assert len({Sensitive(CANARY), Sensitive(CANARY)}) == 1


def test_it_is_not_equal_to_its_text() -> None:
    assert Sensitive(CANARY) != CANARY
