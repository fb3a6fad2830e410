"""The advertising account in an address of the browser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.values.account_address import AccountAddress


@pytest.mark.parametrize(
    ("address", "customer_id"),
    [
        pytest.param(
            "https://ui.ads.microsoft.com/campaign/vnext/campaigns?aid=12&cid=34&uid=56", "34", id="the query"
        ),
        pytest.param(
            "https://ui.ads.microsoft.com/campaign/Campaigns.m#/customer/34/account/12/campaign", "34", id="a #"
        ),
        pytest.param(
            "https://ui.ads.microsoft.com/campaign/Campaigns.m?cid=34&aid=12#/customer/34/account/12/campaign",
            "34",
            id="both",
        ),
        pytest.param("https://ui.ads.microsoft.com/#/campaigns?aid=12&cid=34", "34", id="a query behind the #"),
        pytest.param("https://ui.ads.microsoft.com/campaigns?aid=12", None, id="no customer"),
        pytest.param("ui.ads.microsoft.com/campaigns?aid=12&cid=34 ", "34", id="without https"),
        pytest.param("https://ui.sandbox.bingads.microsoft.com/?aid=12&cid=34", "34", id="the sandbox"),
    ],
)
def test_an_address_says_account_and_customer(address: str, customer_id: str | None) -> None:
    assert AccountAddress.is_meant(address)
    assert AccountAddress.parse(address) == AccountAddress("12", customer_id)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        pytest.param(
            "https://ads.example.com/?aid=12&cid=34", "not an address of Microsoft Advertising", id="another site"
        ),
        pytest.param(
            "https://evil-ads.microsoft.com.example/?aid=12", "not an address of Microsoft Advertising", id="alike"
        ),
        pytest.param("https://[", "not an address of Microsoft Advertising", id="no address"),
        pytest.param("https://ui.ads.microsoft.com/campaigns?cid=34", "has no account id", id="no account"),
        pytest.param(
            "https://ui.ads.microsoft.com/?aid=13#/customer/34/account/12/campaign", "has two accounts", id="two"
        ),
        pytest.param("https://ui.ads.microsoft.com/?aid=F118XXXX", "as the account number is", id="a number, no id"),
    ],
)
def test_another_address_is_refused_with_the_reason(address: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        AccountAddress.parse(address)


@given(st.text())
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    with pytest.raises(CommandError):
        AccountAddress.parse(f"{text}§")
