"""The documents as they are written: their code, their names, their links and the places that a link can lead to."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from local.site import BESIDE
from local.toolchain import ROOT

_BLOCK: Final = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r'(?:\]\(|(?:src|href)=")([^)"\s]+)')
_HEADING: Final = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A page of the documentation.

    Attributes:
        name: Its path in the repository.
        text: What is in it.
    """

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a page."""
        return cls(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))

    @cached_property
    def prose(self) -> str:
        """What is in no block of code."""
        return _BLOCK.sub("", self.text)

    def blocks(self, *languages: str) -> list[str]:
        """Return the blocks of code in these languages, without the indentation of the list that they stand in."""
        found = [block for language, block in _BLOCK.findall(self.text) if language in languages]
        return [re.sub(r"(?m)^ {3}", "", block) if block.startswith("   ") else block for block in found]

    @cached_property
    def spans(self) -> list[str]:
        """What stands between backticks in the prose."""
        return _SPAN.findall(self.prose)

    @cached_property
    def shell(self) -> str:
        """All that is to be typed into a shell: blocks as they are, and of a transcript what was typed."""
        typed = [
            line[2:] for block in self.blocks("console", "text") for line in block.splitlines() if line[:2] == "$ "
        ]
        return "\n".join([*self.blocks("sh", "bash"), *typed])

    def links(self) -> Iterator[tuple[str, str]]:
        """Yield the file and the place in it that each link within the repository leads to."""
        for target in _LINK.findall(_SPAN.sub("", self.prose)):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, place = target.partition("#")
            where = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), path)) if path else self.name
            yield where, place

    @cached_property
    def places(self) -> set[str]:
        """What a link may lead to: the headings as GitHub names them, and the anchors."""
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
"""Those that people write and that speak of how it is now; a decision speaks of its day."""
