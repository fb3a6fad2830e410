"""Input that is too long, too much or not text is answered by a page, and never by a server error."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.abuse.gateway import event
from tests.abuse.hostile import bounded, junk_bytes, paths, queries
from tests.abuse.visitor import FORM, visitor
from tests.fakes.world import NAME
from token_refresher.entrypoints.web.pages import security_headers

LONG = 100_000


def is_a_page(answer: dict[str, Any], *statuses: int) -> bool:
    """Return whether an answer is a page of the product, with its headers and one of the statuses."""
    headers = answer["headers"]
    return (
        answer["statusCode"] in statuses
        and answer["body"].startswith("<!doctype html>")
        and {**headers, **security_headers()} == headers
        and len(answer["body"]) < LONG
    )


BODIES = {
    "a long field": b"invite=" + b"x" * LONG,
    "a long name of a field": b"x" * LONG + b"=1",
    "many fields": b"&".join(b"field%d=1" % number for number in range(1000)),
    "many invites": b"&".join([b"invite=x"] * 1000),
    "not UTF-8": b"invite=\xff\xfe\x00\x80",
    "not UTF-8, escaped": b"invite=%ff%fe%ED%A0%80",
    "invalid escapes": b"invite=%zz%u0041%&%=%%",
    "zeros": b"\x00" * LONG,
    "a zero in a field": b"invite=%00&prompt=%00&login_hint=%00",
    "JSON": b'{"invite": {"$gt": ""}}',
    "JSON without an end": b"[" * LONG,
    "multipart": b'--x\r\nContent-Disposition: form-data; name="invite"\r\n\r\nx\r\n--x--',
    "gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 100,
}


@pytest.mark.parametrize(
    "content_type", [FORM, "text/plain", "application/json", "multipart/form-data; boundary=x", ""]
)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_any_other_body_than_the_form_counts_as_an_invalid_invite(body: bytes, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = visitor().gateway.invoke(event("POST", f"/connect/{NAME}", "", headers, body=body))
    assert is_a_page(answer, 403)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"body": "planted", "isBase64Encoded": True}, id="a body that claims to be base64 and is not"),
        pytest.param({"body": "\x00é\U0001f600", "isBase64Encoded": True}, id="characters that base64 does not have"),
        pytest.param({"body": base64.b64encode(b"\xff" * 999).decode(), "isBase64Encoded": True}, id="not text"),
        pytest.param({"body": None}, id="no body"),
        pytest.param({"body": ""}, id="an empty body"),
        pytest.param({"headers": {}}, id="no headers"),
        pytest.param({"cookies": ["", "=", ";", "consent-", "\x00", "é" * 5000]}, id="invalid cookies"),
        pytest.param({"queryStringParameters": {"": "", "invite": ""}}, id="parameters without names"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/connect/x"), ("POST", "/connect/x"), ("GET", "/callback")])
def test_an_odd_event_is_answered_by_a_page(method: str, path: str, changes: dict[str, Any]) -> None:
    assert is_a_page(visitor().gateway.invoke({**event(method, path), **changes}), 400, 403)


@pytest.mark.parametrize("name", ["invite", "state", "code", "error", "error_description", "planted"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * LONG, id="long"),
        pytest.param("\x00", id="a zero"),
        pytest.param("%", id="half an escape"),
        pytest.param("\U0001f600" * 1000, id="beyond the first plane"),
        pytest.param("9" * 10_000, id="an endless number"),
        pytest.param("AADSTS" + "9" * 10_000 + ": planted", id="an endless code"),
        pytest.param("a," * 1000, id="sent again and again"),
    ],
)
@pytest.mark.parametrize("path", [f"/connect/{NAME}", "/callback"])
def test_an_odd_parameter_is_answered_by_a_page(path: str, name: str, value: str) -> None:
    answer = visitor().gateway.invoke({**event("GET", path), "queryStringParameters": {name: value}})
    assert is_a_page(answer, 400, 403)


@bounded
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    path=paths,
    query=queries,
    body=junk_bytes,
    content_type=st.sampled_from([FORM, "text/plain", "application/json", ""]),
)
def test_whatever_is_sent_is_answered_by_a_page(
    method: str, path: str, query: str, body: bytes, content_type: str
) -> None:
    answer = visitor().gateway.invoke(event(method, path, query, {"content-type": content_type}, ["x=y"], body))
    if (method, path) != ("GET", "/health"):
        assert is_a_page(answer, 400, 403, 404)


@pytest.mark.parametrize("length", [255, 2048, LONG])
def test_a_name_of_any_length_is_answered_by_a_page(length: int) -> None:
    assert is_a_page(visitor().gateway.invoke(event("GET", "/connect/" + "x/" * length)), 403)
