"""The documents name only tags that the package or the command sets."""

import re

import pytest

from tools.docs.documents import WRITTEN
from tools.docs.secret_words import tags


@pytest.mark.parametrize("name", WRITTEN)
def test_a_tag_that_a_document_names_is_a_tag_of_the_product(name: str) -> None:
    assert set(re.findall(r"\btoken-refresher:[a-z-]+", WRITTEN[name].text)) <= set(tags())


def test_the_tags_that_consumers_read_are_among_them() -> None:
    assert {"token-refresher:status", "token-refresher:reason"} <= set(tags())
