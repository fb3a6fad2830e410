"""The names that a credential may have."""

import pytest

from token_refresher_cli.errors import CommandError
from token_refresher_cli.secret_name import checked_name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("acme-bing-ads", id="words"),
        pytest.param("clients/acme_de+1=a.b@c", id="all signs that Secrets Manager allows"),
        pytest.param("token-refresher-two", id="what begins like the prefix, and is no prefix"),
        pytest.param("a" * 496, id="as long as it may be"),
    ],
)
def test_a_name_is_taken(name: str) -> None:
    assert checked_name(name, "token-refresher") == name


@pytest.mark.parametrize(
    ("name", "says", "step"),
    [
        pytest.param("token-refresher/acme", "put before it anyway", "Say acme.", id="the prefix is given"),
        pytest.param("token-refresher/", "put before it anyway", "Choose another", id="nothing but the prefix"),
        pytest.param("", "letters without accents", "Choose another", id="no name"),
        pytest.param("acme ads", "letters without accents", "Choose another", id="a space"),
        pytest.param("café", "letters without accents", "Choose another", id="an accent"),
        pytest.param("/acme", "slashes between", "Choose another", id="a slash first"),
        pytest.param("acme/", "slashes between", "Choose another", id="a slash last"),
        pytest.param("acme//ads", "slashes between", "Choose another", id="two slashes"),
        pytest.param("a" * 497, "512 is the most", "Choose another", id="too long with the prefix"),
    ],
)
def test_another_name_is_refused_with_one_that_would_do(name: str, says: str, step: str) -> None:
    with pytest.raises(CommandError) as caught:
        checked_name(name, "token-refresher")
    assert says in caught.value.message
    assert step in caught.value.next_step
