"""The site has every document of the repository, with working links and lists, and loads nothing from other hosts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.toolchain import ROOT
from tools.docs.documents import DOCUMENTS
from tools.site import indented


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    return folder


def _pages(site: Path) -> dict[str, str]:
    return {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html")}


def test_every_document_is_a_page(site: Path) -> None:
    pages = _pages(site)
    expected = {re.sub(r"README\.md$", "index.md", name.removeprefix("docs/")) for name in DOCUMENTS if "/" in name}
    assert {name.replace(".md", ".html") for name in expected} <= pages.keys()
    assert {"index.html", "changelog.html", "contributing.html", "security-policy.html"} <= pages.keys()


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    loads = re.compile(r'<(?:script|img|iframe|source)[^>]*\ssrc="?(?:https?:)?//|<link[^>]*\shref="?(?:https?:)?//')
    assert [name for name, page in _pages(site).items() if loads.search(page)] == []


def test_no_page_has_a_diagram_that_needs_a_script_of_another_host(site: Path) -> None:
    assert [name for name, page in _pages(site).items() if 'class="mermaid"' in page] == []


def test_the_pictures_of_a_page_exist(site: Path) -> None:
    for name, page in _pages(site).items():
        for picture in re.findall(r'<img[^>]*src="([^"]+)"', page):
            assert (site / name).parent.joinpath(picture).exists(), f"{name}: {picture}"


def test_a_page_has_the_blocks_of_code_and_the_lists_of_its_document(site: Path) -> None:
    """Python-Markdown takes a badly indented list for a paragraph, without a warning."""
    runbook, page = DOCUMENTS["docs/operations.md"], (site / "operations.html").read_text("utf-8")
    article = page[page.index("<article") : page.index("</article>")]
    assert article.count('<div class="highlight">') == len(runbook.blocks("sh", "python"))
    assert "```" not in article
    assert not re.search(r"<p>[^<]*\n- ", article)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("a\n- b\n", "a\n\n- b\n", id="a list may follow a paragraph"),
        pytest.param("- a\n  b\n", "- a\n    b\n", id="what goes on in an item"),
        pytest.param(
            "1. a\n\n   ```sh\n   b\n     c\n   ```\n2. d\n",
            "1. a\n\n    ```sh\n    b\n      c\n    ```\n2. d\n",
            id="code",
        ),
        pytest.param("1. a\n   - b\n     c\n", "1. a\n    - b\n        c\n", id="a list in a list"),
        pytest.param("- a\n\nb\n- c\n", "- a\n\nb\n\n- c\n", id="a list after a paragraph after a list"),
        pytest.param("```\n- a\n  b\n```\n", "```\n- a\n  b\n```\n", id="code is left alone"),
        pytest.param("step\n6. You\n", "step\n6. You\n", id="a number in a paragraph is none"),
        pytest.param("- a\n- b\n", "- a\n- b\n", id="one item after the other"),
    ],
)
def test_a_list_of_commonmark_is_written_as_the_site_reads_it(written: str, expected: str) -> None:
    assert indented(written) == expected
