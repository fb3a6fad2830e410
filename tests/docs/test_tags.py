"""The tags that the documents name are those that the package and the command set."""

import re

import pytest

from tests.docs.documents import WRITTEN
from tests.docs.reference import tags


@pytest.mark.parametrize("name", WRITTEN)
def test_a_tag_that_a_document_names_is_one_of_ours(name: str) -> None:
    assert set(re.findall(r"\btoken-refresher:[a-z-]+", WRITTEN[name].text)) <= set(tags())


def test_the_tags_that_consumers_read_are_among_them() -> None:
    assert {"token-refresher:status", "token-refresher:reason"} <= set(tags())
