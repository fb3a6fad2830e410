"""No open redirector (RFC 9700, section 4.11.1): whatever the request, the answer redirects to Microsoft or nowhere."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.abuse.gateway import Gateway
from tests.abuse.hostile import FIELDS, bounded, hostile_headers, hostile_texts, junk_bytes, paths, queries
from tests.abuse.visitor import FORM, Answer, Visitor, visitor
from tests.fakes.world import AUTHORITY_URL, NAME, PUBLIC_URL, World

AUTHORIZE = f"{AUTHORITY_URL}/common/oauth2/v2.0/authorize"
FIXED = {
    "client_id": ["client-of-the-operator"],
    "response_type": ["code"],
    "response_mode": ["query"],
    "redirect_uri": [f"{PUBLIC_URL}/callback"],
    "code_challenge_method": ["S256"],
}
DRAWN = {"state", "nonce", "code_challenge", "scope", "prompt"}
OPTIONAL = {"login_hint", "claims"}
OTHER_FIELDS = ("redirect_uri", "client_id", "scope", "state", "nonce", "response_mode", "tenant", "next", "url")


def leads_to_microsoft(answer: Answer) -> bool:
    """Return whether an answer redirects to Microsoft with the right parameters only, or does not redirect."""
    if answer.status != 303:
        return "location" not in map(str.lower, answer.headers)
    url = urlsplit(answer.location)
    query = parse_qs(url.query, strict_parsing=True)
    return (
        f"{url.scheme}://{url.netloc}{url.path}" == AUTHORIZE
        and not url.fragment
        and {name: query.get(name) for name in FIXED} == FIXED
        and query["prompt"] in (["select_account"], ["consent"])
        and DRAWN <= query.keys() - FIXED.keys() <= DRAWN | OPTIONAL
    )


@bounded
@given(method=st.sampled_from(["GET", "POST", "HEAD"]), path=paths, query=queries, headers=hostile_headers)
def test_a_stranger_is_sent_nowhere(method: str, path: str, query: str, headers: dict[str, str]) -> None:
    answer = visitor().request(method, path, query, {**headers, "content-type": FORM}, query.encode())
    assert answer.status < 500
    assert answer.status not in range(300, 400)
    assert leads_to_microsoft(answer)


@bounded
@given(
    headers=hostile_headers,
    sent=st.dictionaries(st.sampled_from([*FIELDS, *OTHER_FIELDS]), hostile_texts, max_size=8),
    query=queries,
)
def test_whoever_holds_a_link_is_sent_to_microsoft_and_back_to_the_registered_address(
    headers: dict[str, str], sent: dict[str, str], query: str
) -> None:
    """``Host`` and similar headers decide nothing: the redirect URI is a setting."""
    guest = visitor()
    invite = guest.gateway.world.invite()
    fields = {**sent, "invite": invite}
    form = "&".join(f"{name}={value}" for name, value in fields.items()).replace("\n", "")
    for body in (form.encode(), f"invite={invite}".encode()):
        answer = guest.request("POST", f"/connect/{NAME}", query, {**headers, "content-type": FORM}, body)
        assert answer.status in {303, 403}
        assert leads_to_microsoft(answer)
    assert answer.status == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site", "planted-site"])
def test_a_form_that_another_site_sent_goes_nowhere(site: str) -> None:
    guest = visitor()
    answer = guest.press(f"/connect/{NAME}", {"invite": guest.gateway.world.invite()}, {"sec-fetch-site": site})
    assert (answer.status, answer.location, answer.cookies) == (200, "", [])
    assert guest.gateway.world.consents.started == {}


@bounded
@given(junk=junk_bytes)
def test_the_form_of_the_page_goes_to_our_own_page_whatever_the_host_is_called(junk: bytes) -> None:
    guest = visitor()
    host = {"host": junk.decode("latin-1"), "x-forwarded-host": "evil.example"}
    page = guest.open(f"/connect/{NAME}", {"invite": guest.gateway.world.invite()}, host)
    assert f'action="{PUBLIC_URL}/connect/{NAME}"' in page.body


@pytest.mark.parametrize("tenant", ["common", "organizations", "contoso.example"])
def test_the_tenant_is_that_of_the_secret(tenant: str) -> None:
    world = World.waiting()
    world.edit(tenant=tenant)
    location = Visitor(Gateway(world)).start(tenant="evil").location
    assert location.startswith(f"{AUTHORITY_URL}/{tenant}/oauth2/v2.0/authorize?")
