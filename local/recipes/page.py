"""The code in docs/consumers.md: what a test runs is what the page says."""

from typing import Final

from tools.docs.documents import DOCUMENTS, Document

PAGE: Final = DOCUMENTS["docs/consumers.md"]


def code(heading: str, language: str = "python", number: int = 0) -> str:
    """Return a block of code of a section.

    Args:
        heading: The heading of the section, without its hashes.
        language: The language of the block.
        number: Which of the blocks in that language.

    Raises:
        ValueError: The page has no such section.
    """
    return _section(heading).blocks(language)[number]


def _section(heading: str) -> Document:
    """Return the part of the page from a heading to the next one, of whatever level."""
    lines, fenced = PAGE.text.splitlines(keepends=True), False
    taken: list[str] | None = None
    for line in lines:
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            if taken is not None:
                break
            taken = [] if line.lstrip("#").strip() == heading else None
        elif taken is not None:
            taken.append(line)
    if not taken:
        raise ValueError(f"docs/consumers.md has no section {heading!r}")
    return Document(PAGE.name, "".join(taken))
