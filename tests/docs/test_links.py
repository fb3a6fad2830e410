"""Every link between the documents leads to a file, and to a place in it."""

import re

import pytest

from local.stack.toolchain import ROOT
from tools.docs.documents import DOCUMENTS, Document
from tools.site import BESIDE

LINKS = [(name, *link) for name, document in DOCUMENTS.items() for link in sorted(set(document.links()))]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_link_leads_to_a_file(name: str) -> None:
    assert [path for path, _ in DOCUMENTS[name].links() if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_link_leads_to_a_place_in_its_file(name: str) -> None:
    lost = [
        f"{path}#{place}"
        for path, place in DOCUMENTS[name].links()
        if place and (path not in DOCUMENTS or place not in DOCUMENTS[path].places)
    ]
    assert lost == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith("docs/")])
def test_a_page_links_outside_docs_only_to_files_that_the_site_has(name: str) -> None:
    """A page names a source file by its path, because the site is read without the repository."""
    beside = {path for path, _ in DOCUMENTS[name].links() if not path.startswith("docs")}
    assert beside <= BESIDE.keys()


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.count("/") == 1])
def test_another_page_links_to_each_page(name: str) -> None:
    assert [other for other, path, _ in LINKS if path == name and other != name]


NAMED = {
    (path.relative_to(ROOT).as_posix(), name, place)
    for folder in ("layers", "cli", "local", "tools")
    for path in sorted((ROOT / folder).rglob("*.py"))
    for name, place in re.findall(r"\b(docs/[\w/-]+\.md)(?:#([\w-]+))?", path.read_text("utf-8"))
}


@pytest.mark.parametrize(("source", "name", "place"), sorted(NAMED))
def test_a_place_in_a_document_that_the_code_names_exists(source: str, name: str, place: str) -> None:
    assert name in DOCUMENTS
    assert not place or place in DOCUMENTS[name].places


def test_there_are_links_to_check() -> None:
    assert len(LINKS) > 100


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        pytest.param(
            "# `connected`: somebody has signed in", "connected-somebody-has-signed-in", id="code and a colon"
        ),
        pytest.param("## What it costs", "what-it-costs", id="words"),
        pytest.param("## [A](b.md) and C", "a-and-c", id="a link"),
    ],
)
def test_a_heading_is_a_place_under_the_name_that_github_gives_it(heading: str, place: str) -> None:
    assert Document("docs/x.md", heading + "\n").places == {place}
