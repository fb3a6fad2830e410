"""What an authorization server publishes about itself (RFC 8414): where it is asked, and what is believed."""

from typing import Any

import pytest
import responses

from token_refresher.base.timeouts import CHECKING
from token_refresher.providers.discovery import DiscoveryError, ServerMetadata, discover, well_known
from token_refresher.providers.http import HttpClient

ISSUER = "https://id.example.com"
OAUTH = f"{ISSUER}/.well-known/oauth-authorization-server"
OPENID = f"{ISSUER}/.well-known/openid-configuration"
GOOD: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"],
    "scopes_supported": ["openid", "offline_access"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
}


def found(**changes: Any) -> ServerMetadata:
    responses.get(OAUTH, json={key: one for key, one in {**GOOD, **changes}.items() if one is not None})
    return discover(HttpClient(CHECKING), ISSUER)


@pytest.mark.parametrize(
    ("issuer", "addresses"),
    [
        pytest.param(ISSUER, [OAUTH, OPENID], id="an issuer without a path"),
        pytest.param(f"{ISSUER}/", [OAUTH, OPENID], id="a slash at the end is no path"),
        pytest.param(
            f"{ISSUER}/tenant/one/",
            [f"{OAUTH}/tenant/one", f"{OPENID}/tenant/one", f"{ISSUER}/tenant/one/.well-known/openid-configuration"],
            id="an issuer with a path",
        ),
    ],
)
def test_the_addresses_are_those_of_rfc_8414(issuer: str, addresses: list[str]) -> None:
    assert list(well_known(issuer)) == addresses


@responses.activate
def test_what_is_needed_is_read() -> None:
    assert found() == ServerMetadata(
        f"{ISSUER}/authorize",
        f"{ISSUER}/token",
        ("private_key_jwt", "client_secret_post"),
        ("openid", "offline_access"),
        gives_refresh_tokens=True,
    )


@responses.activate
def test_a_server_of_openid_connect_is_found_too() -> None:
    responses.get(OAUTH, status=404)
    responses.get(OPENID, json=GOOD)
    assert discover(HttpClient(CHECKING), ISSUER).token_endpoint == f"{ISSUER}/token"


@responses.activate
def test_what_is_not_said_has_the_default_of_the_rfc() -> None:
    bare = found(token_endpoint_auth_methods_supported=None, grant_types_supported=None, scopes_supported=None)
    assert bare.auth_methods == ("client_secret_basic",)
    assert (bare.scopes, bare.gives_refresh_tokens) == ((), True)


@responses.activate
def test_a_server_may_say_that_it_gives_no_refresh_tokens() -> None:
    assert not found(grant_types_supported=["authorization_code"]).gives_refresh_tokens


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"issuer": "https://evil.example.com"}, "names the issuer https://evil.example.com", id="another"),
        pytest.param({"issuer": f"{ISSUER}/"}, f"names the issuer {ISSUER}/, and not {ISSUER}", id="with a slash"),
        pytest.param({"issuer": None}, "names no issuer", id="no issuer"),
        pytest.param({"token_endpoint": None}, "token_endpoint is missing", id="no token endpoint"),
        pytest.param({"token_endpoint": 1}, "token_endpoint is missing", id="a token endpoint that is no text"),
        pytest.param({"token_endpoint": "http://id.example.com/t"}, "token_endpoint must begin with https", id="http"),
        pytest.param({"token_endpoint": "https://10.0.0.1/t"}, "points to a private network", id="a private network"),
        pytest.param({"authorization_endpoint": "https://169.254.169.254/a"}, "private network", id="link-local"),
    ],
)
@responses.activate
def test_a_server_that_cannot_be_believed_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(DiscoveryError, match=says) as caught:
        found(**changes)
    assert caught.value.address == OAUTH


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param({"status": 500}, "HTTP status 500", id="an outage"),
        pytest.param({"status": 302, "headers": {"Location": "https://x.example.com"}}, "HTTP status 302", id="moved"),
        pytest.param({"json": ["a list"]}, "no JSON object", id="a list"),
        pytest.param({"body": "<html>"}, "no JSON object", id="a page"),
        pytest.param({"body": ConnectionError()}, "does not answer", id="no answer"),
        pytest.param({"body": "x" * (2 * 1024 * 1024)}, "does not answer", id="more than anybody reads"),
    ],
)
@responses.activate
def test_an_answer_that_is_no_metadata_names_its_address(answer: dict[str, Any], says: str) -> None:
    responses.get(OAUTH, **answer)
    with pytest.raises(DiscoveryError, match=says) as caught:
        discover(HttpClient(CHECKING), ISSUER)
    assert caught.value.address == OAUTH


@responses.activate
def test_a_server_that_publishes_nothing_names_what_was_asked() -> None:
    for url in (OAUTH, OPENID):
        responses.get(url, status=404)
    with pytest.raises(DiscoveryError, match=f"asked were {OAUTH}, {OPENID}"):
        discover(HttpClient(CHECKING), ISSUER)


@pytest.mark.parametrize(
    "issuer",
    ["http://id.example.com", "https://10.1.2.3", "https://localhost", "https://id.example.com?a=b", "id.example.com"],
)
@responses.activate
def test_an_issuer_that_is_no_public_address_is_not_asked(issuer: str) -> None:
    with pytest.raises(DiscoveryError):
        discover(HttpClient(CHECKING), issuer)
    assert not responses.calls
