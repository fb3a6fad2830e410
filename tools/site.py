"""Hooks of MkDocs that build a site from the documents of the repository without changes to them ("make docs").

The documents are written for GitHub: in CommonMark, with links between files. See docs/decisions/0034.
"""

import posixpath
import re
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
"""Not imported: MkDocs loads this file alone, outside any package."""

BESIDE: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
}
"""The documents outside docs/, and their pages on the site."""

_LINK: Final = re.compile(r'(\]\(|(?:src|href)=")([^)"#:\s]+)(?=[)"#])')
_MARKER: Final = re.compile(r"(?:[-*]|[0-9]+\.) +")
_FENCE: Final = re.compile(r"(?:```|~~~)")
_INDENT: Final = 4
"""The indentation of the content of a list item in Python-Markdown; in CommonMark it depends on the item's text."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the order of the pages; alerts, decisions and new pages are added automatically."""
    docs = Path(config.docs_dir)
    how = ["architecture.md", "rotation.md", "security.md", "performance.md"]
    named = {"deploy.md", "credentials.md", "providers.md", "consumers.md", "operations.md", "reference.md", *how}
    providers = ["providers.md", *sorted(f"providers/{page.name}" for page in (docs / "providers").glob("*.md"))]
    others = sorted(page.name for page in docs.glob("*.md") if page.name not in named)
    config.nav = [
        {"Token Refresher": "index.md"},
        {"Set up": ["deploy.md", "credentials.md", "consumers.md", {"Providers": providers}]},
        {"Operate": ["operations.md", *others, {"Messages": _folder(docs, "alerts")}, "pages/README.md"]},
        {"Reference": ["reference.md", "changelog.md"]},
        {"How it works": [*how, "security-policy.md", "contributing.md", {"Decisions": _folder(docs, "decisions")}]},
    ]
    return config


def _folder(docs: Path, name: str) -> list[str]:
    pages = sorted(page.name for page in (docs / name).glob("*.md") if page.name != "README.md")
    return [f"{name}/README.md", *(f"{name}/{page}" for page in pages)]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents outside docs/, and the list of decisions, which GitHub shows as a folder."""
    for name, page in BESIDE.items():
        # The first page has no other pages in its section.
        head = "---\nhide: [navigation]\n---\n\n" if page == "index.md" else ""
        files.append(File.generated(config, page, content=head + (ROOT / name).read_text("utf-8")))
    files.append(File.generated(config, "decisions/README.md", content=_decisions(Path(config.docs_dir))))
    return files


def _decisions(docs: Path) -> str:
    titles = {page: page.read_text("utf-8").partition("\n")[0] for page in sorted((docs / "decisions").glob("0*.md"))}
    lines = [f"- [{title.removeprefix('# ')}]({page.name})" for page, title in titles.items()]
    return "\n".join(["# Decisions", "", "What was decided, and why, each on half a page.", "", *lines, ""])


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links between files into links between pages, and CommonMark's lists into Python-Markdown's."""
    source = page.file.src_uri
    beside = {where: name for name, where in BESIDE.items()}
    written_in = beside.get(source, f"docs/{source}")

    def replaced(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(written_in), match[2]))
        if (ROOT / target).is_dir():
            target += "/README.md"
        found = BESIDE.get(target, target.removeprefix("docs/"))
        return match[1] + posixpath.relpath(found, posixpath.dirname(source) or ".")

    return indented(_LINK.sub(replaced, markdown))


def indented(markdown: str) -> str:
    """Return a text with CommonMark's lists in the form of Python-Markdown.

    There the content of an item is indented by four for each level, and a list begins after an empty line.
    """
    lines: list[str] = []
    items: list[int] = []  # The column of the text of each list item that contains the line.
    fenced = False
    for line in markdown.splitlines():
        text = line.lstrip(" ")
        if not text:
            lines.append("")
            continue
        indent = len(line) - len(text)
        within = bool(items)
        while items and indent < items[-1] and not fenced:
            items.pop()
        own = line[items[-1] :] if items else line
        marker = None if fenced else _MARKER.match(own)
        if marker and not within and lines and lines[-1]:
            if own[0].isdigit() and not own.startswith("1."):
                marker = None  # A number at the start of a line of a paragraph, not a list item.
            else:
                lines.append("")
        lines.append(" " * (_INDENT * len(items)) + own)
        if marker:
            items.append((items[-1] if items else 0) + marker.end())
        fenced ^= _FENCE.match(text) is not None
    return "\n".join(lines) + "\n"
