"""What is too long, too much or no text at all is the sender's mistake: a page, and never a fault of ours."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.abuse.front import event
from tests.abuse.hostile import bounded, junk_bytes, paths, queries
from tests.abuse.visitor import FORM, visitor
from tests.fakes.world import NAME
from token_refresher.pages import security_headers

LONG = 100_000


def is_a_page(answer: dict[str, Any], *statuses: int) -> bool:
    """Tell whether an answer is one of our pages, with its headers and one of the statuses."""
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
    "no UTF-8": b"invite=\xff\xfe\x00\x80",
    "no UTF-8, escaped": b"invite=%ff%fe%ED%A0%80",
    "escapes that are none": b"invite=%zz%u0041%&%=%%",
    "zeros": b"\x00" * LONG,
    "a zero in a field": b"invite=%00&prompt=%00&login_hint=%00",
    "JSON": b'{"invite": {"$gt": ""}}',
    "JSON without an end": b"[" * LONG,
    "parts": b'--x\r\nContent-Disposition: form-data; name="invite"\r\n\r\nx\r\n--x--',
    "something compressed": b"\x1f\x8b\x08\x00" + b"\x00" * 100,
}


@pytest.mark.parametrize(
    "content_type", [FORM, "text/plain", "application/json", "multipart/form-data; boundary=x", ""]
)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_form_of_ours_is_an_invite_that_does_not_hold(body: bytes, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = visitor().front.invoke(event("POST", f"/connect/{NAME}", "", headers, body=body))
    assert is_a_page(answer, 403)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"body": "planted", "isBase64Encoded": True}, id="a body that says it is base64 and is not"),
        pytest.param({"body": "\x00é\U0001f600", "isBase64Encoded": True}, id="letters that base64 does not have"),
        pytest.param({"body": base64.b64encode(b"\xff" * 999).decode(), "isBase64Encoded": True}, id="no text"),
        pytest.param({"body": None}, id="no body"),
        pytest.param({"body": ""}, id="an empty body"),
        pytest.param({"headers": {}}, id="no headers"),
        pytest.param({"cookies": ["", "=", ";", "consent-", "\x00", "é" * 5000]}, id="cookies that are none"),
        pytest.param({"queryStringParameters": {"": "", "invite": ""}}, id="parameters without names"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/connect/x"), ("POST", "/connect/x"), ("GET", "/callback")])
def test_an_event_that_is_odd_is_no_fault_of_ours(method: str, path: str, changes: dict[str, Any]) -> None:
    assert is_a_page(visitor().front.invoke({**event(method, path), **changes}), 400, 403)


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
def test_a_parameter_that_is_odd_is_no_fault_of_ours(path: str, name: str, value: str) -> None:
    answer = visitor().front.invoke({**event("GET", path), "queryStringParameters": {name: value}})
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
    answer = visitor().front.invoke(event(method, path, query, {"content-type": content_type}, ["x=y"], body))
    if (method, path) != ("GET", "/health"):
        assert is_a_page(answer, 400, 403, 404)


@pytest.mark.parametrize("length", [255, 2048, LONG])
def test_a_name_of_any_length_is_no_fault_of_ours(length: int) -> None:
    assert is_a_page(visitor().front.invoke(event("GET", "/connect/" + "x/" * length)), 403)
