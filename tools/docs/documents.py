"""Reads the documents: their code, the names in them, their links, and the targets of links."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from local.stack.toolchain import ROOT
from tools.site import BESIDE

_BLOCK: Final = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r'(?:\]\(|(?:src|href)=")([^)"\s]+)')
_HEADING: Final = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A page of the documentation.

    Attributes:
        name: Its path in the repository.
        text: Its text.
    """

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a page."""
        return cls(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))

    @cached_property
    def prose(self) -> str:
        """The text outside code blocks."""
        return _BLOCK.sub("", self.text)

    def blocks(self, *languages: str) -> list[str]:
        """Return the code blocks in these languages, without the indentation of a list around them."""
        found = [block for language, block in _BLOCK.findall(self.text) if language in languages]
        return [re.sub(r"(?m)^ {3}", "", block) if block.startswith("   ") else block for block in found]

    @cached_property
    def spans(self) -> list[str]:
        """The code spans in the prose."""
        return _SPAN.findall(self.prose)

    @cached_property
    def shell(self) -> str:
        """All shell input: the shell blocks, and the typed lines of transcripts."""
        typed = [
            line[2:] for block in self.blocks("console", "text") for line in block.splitlines() if line[:2] == "$ "
        ]
        return "\n".join([*self.blocks("sh", "bash"), *typed])

    def links(self) -> Iterator[tuple[str, str]]:
        """Yield the file and the anchor of each link within the repository."""
        for target in _LINK.findall(_SPAN.sub("", self.prose)):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, place = target.partition("#")
            where = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), path)) if path else self.name
            yield where, place

    @cached_property
    def places(self) -> set[str]:
        """The targets of links: the headings with GitHub's names for them, and the anchors."""
        headings = {_slug(heading) for heading in _HEADING.findall(self.prose)}
        return headings | set(re.findall(r'<a id="([^"]+)">', self.prose))


def _slug(heading: str) -> str:
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


DOCUMENTS: Final = {
    document.name: document
    for document in map(Document.read, [*(ROOT / name for name in BESIDE), *sorted((ROOT / "docs").glob("**/*.md"))])
}
WRITTEN: Final = {
    name: document
    for name, document in DOCUMENTS.items()
    if not name.startswith(("docs/alerts/", "docs/pages/", "docs/decisions/"))
}
"""The documents that people write about the current state. A decision is about its own day."""
