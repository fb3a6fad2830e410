"""Decompression of answers. The client asks for none, but some proxies compress answers all the same.

Source: RFC 9110, section 8.4
"""

import zlib
from typing import Final

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS
"""The ``wbits`` of zlib. ``deflate`` means zlib, but some servers send raw data (RFC 9110, section 8.4.1.2)."""

_FORMS: Final = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}
_GZIP_BEGINS: Final = b"\x1f\x8b\x08"
"""RFC 1952, section 2.3.1. No text begins with these bytes."""

_MOST_CODINGS: Final = 3
"""No real answer has more codings on top of each other."""

_MOST_MEMBERS: Final = 100
"""A gzip file may have several members (RFC 1952, section 2.2). Thousands would keep the function busy."""


class UnknownCodingError(ValueError):
    """An answer has an unknown content coding."""


def decoded(body: bytes, codings: str, limit: int) -> tuple[bytes, bool]:
    """Undo the content codings of a body.

    Args:
        body: The body as it was received, which may be incomplete.
        codings: The header ``Content-Encoding``, or empty.
        limit: The most bytes to decompress, as a protection against decompression bombs.

    Returns:
        The decompressed bytes, and whether they are complete.

    Raises:
        UnknownCodingError: One of the codings is unknown.
    """
    if body.lstrip()[:1] == b"{":
        return body, True  # A proxy has decompressed the body and kept the header.
    names = [name for name in (one.strip().lower() for one in codings.split(",")) if name not in {"", "identity"}]
    if not names and body.startswith(_GZIP_BEGINS):
        names = ["gzip"]
    if len(names) > _MOST_CODINGS or not set(names) <= _FORMS.keys():
        raise UnknownCodingError
    is_whole = True
    for name in reversed(names):
        body, is_whole = _unpacked(body, _FORMS[name], limit)
        if not is_whole:
            break
    return body, is_whole


def _unpacked(body: bytes, forms: tuple[int, ...], limit: int) -> tuple[bytes, bool]:
    for form in forms:
        unpacked = _inflated(body, form, limit)
        if unpacked is not None:
            return unpacked
    return body, True  # The header says that the body is compressed, but it is not.


def _inflated(body: bytes, form: int, limit: int) -> tuple[bytes, bool] | None:
    """Decompress the members of a body one after the other, until one is broken or the limit is reached.

    Returns:
        The decompressed bytes, and whether they are complete. ``None`` if the body does not have this form.
    """
    unpacked, rest = b"", body
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(form)
        try:
            unpacked += member.decompress(rest, limit + 1 - len(unpacked))
        except zlib.error:
            return (unpacked, False) if unpacked else None
        if len(unpacked) > limit or not member.eof:
            break
        rest = member.unused_data
        if not rest:
            return unpacked, True
    return unpacked[:limit], False
