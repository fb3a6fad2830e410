"""Replaces what differs from run to run in the output of commands."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Normalizer:
    """Replaces ids, times and the like by fixed values, numbered by their first appearance."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}

    def text(self, text: str) -> str:
        """Return a text with everything that differs from run to run replaced."""
        for kind, (pattern, shape) in _KINDS.items():
            text = re.sub(pattern, partial(self._known, kind, shape), text)
        return "\n".join(line.rstrip() for line in text.split("\n"))

    def _known(self, kind: str, shape: Callable[[int], str], match: re.Match[str]) -> str:
        seen = self._seen.setdefault(kind, {})
        return seen.setdefault(match[0], shape(len(seen) + 1))


_KINDS: Final[dict[str, tuple[str, Callable[[int], str]]]] = {
    "invite": (r"invite=[\w.~-]+", lambda _: "invite=…"),
    "id": (_UUID, lambda number: f"00000000-0000-4000-8000-{number:012}"),
    "fingerprint": (r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{12}\b", lambda number: f"f{number:011}"),
    "version": (r"(?:(?<=version  )|(?<=on top of ))[0-9a-f]{8}\b", lambda number: f"c{number:07}"),
    "moment": (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lambda _: "2026-01-31T09:00:00Z"),
    "minute": (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?", lambda _: "2026-01-31 09:00 UTC"),
    "day": (r"\b20\d\d-\d\d-\d\d\b(?!T| \d)", lambda _: "2026-01-31"),
    "port": (r"localhost:\d+", lambda _: "localhost:8080"),
    "suffix": (r"(?<=:secret:token-refresher/)[\w/-]+-\w{6}\b", lambda number: f"acme-bing-ads-{number:06}"),
}
"""What differs from run to run, and what replaces it. The order matters: a fingerprint may be part of an id."""
