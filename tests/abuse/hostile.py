"""What an attacker may send: texts with the special characters of every layer."""

from typing import Final
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

MARKER: Final = "zq7marker"
"""Part of every hostile text. A response that contains it reflects the request."""

FIELDS: Final = ("invite", "state", "code", "error", "error_description", "prompt", "accepted", "login_hint")
"""The parameters that the routes read."""

_SPECIALS: Final = (
    "",
    "<script>",
    '"><img src=x onerror=',
    "'--><svg/onload=",
    "javascript:",
    "https://evil.example/",
    "//evil.example/\\",
    "\r\nSet-Cookie: x=",
    "\r\n\r\n<html>",
    "%0d%0aLocation:%20",
    "{{7*7}}",
    "{% raw %}",
    "AADSTS50076: ",
    "; Path=/; Domain=evil.example; ",
    "../../",
    "\x00",
    "\u2028",
    "\u202e",
    "\ufb00\uff1c\uff9e",
    "&amp;&#x27;",
    "access_denied",
)

hostile_texts = st.builds(
    lambda before, noise, after: f"{before}{noise}{MARKER}{after}",
    st.sampled_from(_SPECIALS),
    st.text(max_size=8),
    st.sampled_from(_SPECIALS),
)
"""Texts with the marker between the special characters of HTML, JavaScript, URLs, headers, cookies and templates."""

hostile_headers = st.dictionaries(
    st.sampled_from(
        [
            "host",
            "origin",
            "referer",
            "forwarded",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-for",
            "x-forwarded-prefix",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "user-agent",
            "accept-language",
            "content-type",
        ]
    ),
    hostile_texts,
    max_size=5,
)
"""Headers by which proxies and frameworks change how they see a request."""

paths = st.one_of(
    hostile_texts.map(lambda text: f"/connect/{text}"),
    st.sampled_from(["/connect/search-ads", "/callback", "/health", "/connect/", "/", "//evil.example/connect/x"]),
    st.text(max_size=20).map(lambda text: f"/{text}"),
)
"""Paths: existing ones, odd names, and paths that are not valid."""

junk_bytes = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"", b"&" * 500, b"=" * 500, b"%", b"%zz%u0041%00%ff", b"invite=%ED%A0%80", b"\xff\xfe", b"{"]),
)
"""Bodies and queries that are not valid."""

queries = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), hostile_texts, max_size=8).map(
        lambda fields: "&".join(f"{name}={quote_from_bytes(text.encode())}" for name, text in fields.items())
    ),
    junk_bytes.map(lambda junk: quote_from_bytes(junk, safe="&=%;+")),
)
"""Queries and forms, with the fields that the routes read and with others."""

bounded = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
"""The same examples in each run, and as many as a test run has time for."""
