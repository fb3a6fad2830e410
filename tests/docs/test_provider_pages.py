"""docs/providers has a page for each entry of the catalogue, which agrees with it; each fact has its source."""

import json
import re
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tests.cli.desk import Desk
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from tools.docs import providers
from tools.docs.documents import DOCUMENTS

PAGES = providers.pages()
REGISTRATIONS = sorted(providers.REGISTRATION.glob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_a_page_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path], "run: make reference"


def test_there_is_no_page_without_an_entry() -> None:
    assert {path.stem for path in providers.FOLDER.glob("*.md")} == {*builtin_names(), "without-refresh-tokens"}


@pytest.mark.parametrize("name", builtin_names())
def test_each_fact_is_in_words_and_names_sources_that_the_page_links_to(name: str) -> None:
    text = DOCUMENTS[f"docs/providers/{name}.md"].text
    assert list(providers.facts(name))
    for key, value, sources in providers.facts(name):
        assert (key in providers.LABELS, bool(value), bool(sources)) == (True, True, True), key
        row = f"| {providers.LABELS[key]} | {value} | {', '.join(f'[{one}]' for one in sources)} |"
        assert row in text
    for key, source in builtin(name).sources.items():
        assert f"[{key}]: {source.url} " in text


@pytest.mark.parametrize("path", REGISTRATIONS, ids=[path.stem for path in REGISTRATIONS])
def test_a_registration_says_where_the_redirect_uri_goes_and_names_its_source(path: Path) -> None:
    text = path.read_text("utf-8")
    assert path.stem in builtin_names()
    assert "`CallbackUrl`" in text
    assert re.search(r"^Source: \[", text, re.MULTILINE)


def test_the_six_that_people_ask_for_most_have_a_registration() -> None:
    six = {"google", "linkedin", "amazon-ads", "xero", "salesforce", "microsoft-entra"}
    assert six <= {path.stem for path in REGISTRATIONS}


@pytest.mark.parametrize("name", builtin_names())
def test_the_command_takes_the_example_of_a_page(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        desk = Desk.set_up(boto3.Session("testing", "testing", region_name="us-east-1"), monkeypatch)
        [document] = DOCUMENTS[f"docs/providers/{name}.md"].blocks("json")
        assert json.loads(document) == providers.example(name)
        desk.done("add", "acme", "--stdin", "--dry-run", stdin=document)
