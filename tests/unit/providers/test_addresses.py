"""Which addresses a provider may have."""

import pytest

from token_refresher.providers.addresses import check_address, is_private

PUBLIC = [
    "https://id.example.com/oauth2/token",
    "https://id.example.com:8443/token",
    "https://ID.Example.com/token?realm=acme",
    "https://203.0.114.7/token",
    "https://[2606:4700::1111]/token",
]
PRIVATE = [
    "https://localhost/token",
    "https://id.localhost/token",
    "https://localhost./token",
    "https://127.0.0.1/token",
    "https://127.1.2.3/token",
    "https://10.0.0.7/token",
    "https://172.16.0.1/token",
    "https://192.168.1.1/token",
    "https://169.254.169.254/latest/meta-data",
    "https://169.254.170.2/token",
    "https://100.64.0.1/token",
    "https://0.0.0.0/token",
    "https://[::1]/token",
    "https://[fd00::1]/token",
    "https://[fe80::1]/token",
    "https://[::ffff:10.0.0.7]/token",
    "https://intranet/token",
]
NO_ADDRESS = [
    "",
    "id.example.com/token",
    "ftp://id.example.com",
    "https://",
    "https://id.example.com:port/",
    "https://[",
]
WITH_MORE = ["https://user@id.example.com/token", "https://user:word@id.example.com/token", "https://a.example.com/#x"]


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_address_is_accepted(url: str) -> None:
    assert check_address(url) == ""


@pytest.mark.parametrize("url", PRIVATE)
def test_an_address_in_a_private_network_is_refused(url: str) -> None:
    assert check_address(url).startswith("points to a private network")


@pytest.mark.parametrize("url", [*NO_ADDRESS, *WITH_MORE])
def test_what_is_no_address_of_a_server_alone_is_refused(url: str) -> None:
    assert check_address(url).startswith("is no address")


@pytest.mark.parametrize("url", ["http://id.example.com/token", "http://10.0.0.7/token", "http://localhost/token"])
def test_tokens_are_sent_over_tls_only(url: str) -> None:
    assert check_address(url).startswith("must begin with https://")


@pytest.mark.parametrize("url", ["http://localhost:8080/token", "http://127.0.0.1:8080/token", "http://[::1]/token"])
def test_a_stack_on_one_machine_may_use_that_machine(url: str) -> None:
    assert check_address(url, is_local=True) == ""


@pytest.mark.parametrize("url", ["http://id.example.com/token", "https://10.0.0.7/token", "https://169.254.169.254/"])
def test_a_stack_on_one_machine_may_use_no_other_private_network(url: str) -> None:
    assert check_address(url, is_local=True) != ""


def test_a_name_is_no_private_address_until_it_is_resolved() -> None:
    assert not is_private("id.example.com")
    assert is_private("10.0.0.7")
    assert is_private("fe80::1%eth0")
