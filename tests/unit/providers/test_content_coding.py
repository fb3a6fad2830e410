"""Answers that a proxy compressed are decompressed, within limits, and even if they are incomplete."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.providers.test_token_endpoint_answers import CANARY, TOKENS, URL, refresh, refused
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.diagnosis.diagnosis import Actor, diagnose
from token_refresher.providers.content_coding import UnknownCodingError, decoded
from token_refresher.providers.http import HttpClient

LIMIT = 1000
MEBIBYTE = 1024 * 1024
BODY = json.dumps(TOKENS).encode()
LONG = json.dumps({"refresh_token": "successor", "padding": "x" * 3 * MEBIBYTE}).encode()


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKED = [
    pytest.param(gzip.compress(BODY), "gzip", id="gzip"),
    pytest.param(gzip.compress(BODY), "GZip ", id="gzip in another case"),
    pytest.param(gzip.compress(BODY), "x-gzip", id="gzip by its old name"),
    pytest.param(zlib.compress(BODY), "deflate", id="deflate"),
    pytest.param(raw_deflate(BODY), "deflate", id="deflate without the header of zlib"),
    pytest.param(gzip.compress(zlib.compress(BODY)), "deflate, gzip", id="two codings"),
    pytest.param(gzip.compress(BODY[:40]) + gzip.compress(BODY[40:]), "gzip", id="gzip in two members"),
    pytest.param(gzip.compress(BODY), "identity, gzip", id="gzip after identity"),
    pytest.param(gzip.compress(BODY), "", id="gzip without a header"),
    pytest.param(BODY, "identity", id="identity"),
    pytest.param(BODY, "gzip", id="no compression, although the header says gzip"),
    pytest.param(BODY, "br", id="no compression, although the header has an unknown coding"),
]


@pytest.fixture
def provider() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.mark.parametrize(("body", "codings"), PACKED)
def test_a_compressed_body_is_decompressed(body: bytes, codings: str) -> None:
    assert decoded(body, codings, LIMIT) == (BODY, True)


@pytest.mark.parametrize("length", range(len(gzip.compress(BODY))))
def test_an_incomplete_body_is_decompressed_as_far_as_it_goes(length: int) -> None:
    unpacked, is_whole = decoded(gzip.compress(BODY)[:length], "gzip", LIMIT)
    assert not is_whole
    assert BODY.startswith(unpacked)


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_no_more_is_decompressed_than_the_limit(size: int) -> None:
    unpacked, is_whole = decoded(gzip.compress(b"x" * size), "gzip", LIMIT)
    assert (len(unpacked), is_whole) == (LIMIT, size == LIMIT)


@pytest.mark.parametrize(
    ("bomb", "codings"),
    [
        pytest.param(gzip.compress(bytes(50 * MEBIBYTE)), "gzip", id="one member"),
        pytest.param(gzip.compress(gzip.compress(bytes(50 * MEBIBYTE))), "gzip, gzip", id="packed twice"),
        pytest.param(gzip.compress(bytes(MEBIBYTE)) * 50, "gzip", id="many members"),
        pytest.param(gzip.compress(b"") * 50_000, "gzip", id="many members of nothing"),
    ],
)
def test_a_decompression_bomb_stops_at_the_limit(bomb: bytes, codings: str) -> None:
    unpacked, _ = decoded(bomb, codings, LIMIT)
    assert len(unpacked) <= LIMIT


@pytest.mark.parametrize("codings", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip, gzip", "\x00"])
def test_an_unknown_coding_is_an_error(codings: str) -> None:
    with pytest.raises(UnknownCodingError):
        decoded(b"\x0b\x02\x80", codings, LIMIT)


@given(st.binary(max_size=100), st.sampled_from(["", "gzip", "deflate", "deflate, gzip"]))
def test_no_body_raises_another_error(body: bytes, codings: str) -> None:
    assert len(decoded(body, codings, LIMIT)[0]) <= LIMIT


@pytest.mark.parametrize(("body", "codings"), PACKED)
@pytest.mark.parametrize("status", [200, 203])
def test_tokens_are_read_from_a_compressed_answer(
    provider: responses.RequestsMock, body: bytes, codings: str, status: int
) -> None:
    provider.post(URL, body=body, status=status, headers={"Content-Encoding": codings})
    grant = refresh()
    assert (grant.access_token, grant.refresh_token) == (Sensitive(CANARY), Sensitive("successor"))


def test_a_refresh_token_is_read_from_an_incomplete_compressed_answer(
    provider: responses.RequestsMock,
) -> None:
    body = raw_deflate(b'{"refresh_token": "successor", "access_token": "' + bytes(range(35, 91)))[:-4]
    provider.post(URL, body=body, headers={"Content-Encoding": "deflate"})
    grant = refresh()
    assert (grant.access_token, grant.refresh_token) == (None, Sensitive("successor"))


def test_a_refresh_token_is_read_from_a_decompression_bomb(provider: responses.RequestsMock) -> None:
    provider.post(URL, body=gzip.compress(LONG), headers={"Content-Encoding": "gzip"})
    grant = refresh()
    assert (grant.access_token, grant.refresh_token) == (None, Sensitive("successor"))


def test_a_decompressed_body_has_the_same_limit_as_any_body(provider: responses.RequestsMock) -> None:
    provider.post(URL, body=gzip.compress(LONG), headers={"Content-Encoding": "gzip"})
    got = HttpClient().post_form(URL, {})
    assert (len(got.body), got.whole) == (MEBIBYTE, False)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_compressed_refusal_is_diagnosed_like_any_refusal(
    provider: responses.RequestsMock, pack: Callable[[bytes], bytes]
) -> None:
    refusal = {"error": "invalid_grant", "error_codes": [50173]}
    coding = "gzip" if pack is gzip.compress else "deflate"
    body = pack(json.dumps(refusal).encode())
    provider.post(URL, body=body, status=400, headers={"Content-Encoding": coding})
    diagnosis = diagnose(refused())
    assert (diagnosis.actor, diagnosis.code, diagnosis.reason) == (Actor.USER, "50173", "")


@pytest.mark.parametrize("status", [200, 400, 403, 503])
def test_an_answer_with_an_unknown_coding_is_an_unusable_answer(provider: responses.RequestsMock, status: int) -> None:
    provider.post(URL, body=b"\x0b\x02\x80", status=status, headers={"Content-Encoding": "br"})
    expected = ProviderFailure(FailureKind.UNUSABLE_ANSWER, status, reason=Reason.UNKNOWN_CODING)
    assert refused() == expected
