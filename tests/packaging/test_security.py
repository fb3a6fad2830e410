"""The tests, parameters, keys, headers and sections that the page on security names exist."""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from local.stack.toolchain import ROOT
from tests.packaging.cloudformation import template
from token_refresher.credential.document import Credential
from token_refresher.entrypoints.web.pages import SECURITY_HEADERS, security_headers
from token_refresher.registry.open_alert import Event

PATH = ROOT / "docs" / "security.md"
PAGE = PATH.read_text("utf-8")
PROSE = re.sub(r"`tests/[^`]+`", "", PAGE)
SHOWN_BY = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))
TEMPLATE = template()

OF_OAUTH = {"response_type", "response_mode", "select_account"}
"""Words of OAuth that are no keys of a secret."""

SECTIONS = [
    *("2.1", "2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6"),
    *("4.1", "4.2", "4.3.1", "4.3.2", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10"),
    *("4.11.1", "4.11.2", "4.12", "4.13", "4.14", "4.15", "4.16", "4.17"),
]
"""Those of RFC 9700 that ask for something: all of section 2, and the 17 attacks of section 4."""


@cache
def names_in(path: Path) -> set[str]:
    """Return the names of the tests of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("shown_by", SHOWN_BY)
def test_a_test_that_the_page_names_exists(shown_by: str) -> None:
    path, _, name = shown_by.partition("::")
    assert name in names_in(ROOT / path)


def test_every_line_of_a_table_of_tests_names_one() -> None:
    tables = re.findall(r"^\|[^\n]*\| shown by \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    assert len(lines) > 40
    assert [line for line in lines if "`tests/" not in line.rpartition(" | ")[2]] == []


def test_every_section_of_the_rfc_with_a_requirement_is_there_in_its_order() -> None:
    named = re.findall(r"^\| ([24]\.[0-9.]+) \|", PAGE, re.MULTILINE)
    assert list(dict.fromkeys(named)) == SECTIONS


def test_the_parameters_and_resources_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", PROSE))
    assert {"ConnectRateLimit", "ConnectLinkDays", "AuthorityUrl", "InviteSigningSecret"} <= named
    assert named <= {*TEMPLATE["Parameters"], *TEMPLATE["Resources"]} | {"HttpOnly"}


def test_the_keys_of_a_secret_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)\b", PROSE))
    assert {"invites_valid_from", "developer_token", "account_id"} <= named
    assert named - OF_OAUTH <= {field.name for field in fields(Credential)} | {"offline_access"} | set(Event)


def test_the_table_of_headers_has_every_header_with_its_value_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `([A-Za-z-]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert rows.keys() == security_headers().keys()
    assert {name: rows[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    policy = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-…", security_headers()["Content-Security-Policy"])
    assert rows["Content-Security-Policy"] == policy


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md"])
def test_the_page_and_the_document_of_the_api_are_found(page: str) -> None:
    assert "(docs/security.md)" in (ROOT / page).read_text("utf-8")
    assert "(api.yaml)" in PAGE


def test_a_link_to_another_page_has_a_target() -> None:
    for name, anchor in re.findall(r"\]\(([a-z./A-Z]+\.md)#([^)]+)\)", PAGE):
        assert f'<a id="{anchor}"></a>' in (PATH.parent / name).read_text("utf-8")


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("**/*.md")), ids=lambda path: path.stem)
def test_a_link_to_this_page_has_a_heading_as_target(page: Path) -> None:
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ ([\w ]+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\bsecurity\.md#([^)]+)\)", page.read_text("utf-8"))) <= headings
