"""Valid names, whose connect links a browser opens unchanged, and invalid ones."""

from datetime import timedelta
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import ManualClock
from token_refresher.credential.name import fault_of_name
from token_refresher.invites.links import ConnectLinks


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("acme-bing-ads", id="words"),
        pytest.param("clients/acme_de+1=a.b@c", id="all signs that Secrets Manager allows"),
        pytest.param(".hidden/acme..ads/...", id="dots that are no segment of their own"),
        pytest.param("acme-search", id="a hyphen and six characters at the end"),
    ],
)
def test_a_valid_name_has_no_fault(name: str) -> None:
    assert fault_of_name(name) == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("", "is empty", id="nothing"),
        pytest.param(" ", "letters without accents", id="a blank"),
        pytest.param("acme ads", "letters without accents", id="a blank inside"),
        pytest.param("acme\n", "letters without accents", id="a line break at the end"),
        pytest.param("café", "letters without accents", id="an accent"),
        pytest.param("acme٣", "letters without accents", id="a digit of another alphabet"),
        pytest.param("a%2e", "letters without accents", id="a percent-encoded dot"),
        pytest.param("arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf", "letters", id="an ARN"),
        pytest.param("/", "slashes between", id="a slash alone"),
        pytest.param("/acme", "slashes between", id="a slash first"),
        pytest.param("acme/", "slashes between", id="a slash last"),
        pytest.param("acme//ads", "slashes between", id="two slashes"),
        pytest.param(".", "not be . alone", id="a dot"),
        pytest.param("..", "not be .. alone", id="two dots"),
        pytest.param("./acme", "not be . alone", id="a dot first"),
        pytest.param("acme/..", "not be .. alone", id="two dots last"),
        pytest.param("acme/../other", "not be .. alone", id="two dots between"),
    ],
)
def test_the_fault_of_a_name_says_why_and_what_to_choose(name: str, says: str) -> None:
    fault = fault_of_name(name)
    assert says in fault
    assert "Choose another name, such as" in fault


@given(st.lists(st.text("aZ09_+=.@-", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join))
def test_a_name_has_a_fault_exactly_if_a_browser_would_open_another_link(name: str) -> None:
    page = ConnectLinks(list, "https://connect.example", timedelta(days=7), ManualClock()).page(name)
    opened = urljoin("https://connect.example", urlsplit(page).path)  # Removes dot segments, as a browser does.
    assert (unquote(urlsplit(opened).path) == f"/connect/{name}") is not bool(fault_of_name(name))
