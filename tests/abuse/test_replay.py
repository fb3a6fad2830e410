"""Callbacks in any order, from any browser: one code is redeemed, once, for the browser that began the sign-in."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from tests.abuse.gateway import Gateway
from tests.abuse.hostile import bounded
from tests.abuse.visitor import Visitor, visitor
from tests.fakes.fake_authority import DEPUTY
from tests.fakes.world import NAME, World

BROWSERS = ("own", "foreign", "none")


@dataclass(frozen=True)
class Hit:
    """One request to the callback.

    Attributes:
        tab: The sign-in whose state it carries.
        code: The sign-in whose code it carries, or -1 for none.
        browser: The browser that sends it.
        method: Its method.
    """

    tab: int
    code: int
    browser: str
    method: str


hits = st.lists(
    st.builds(
        Hit,
        tab=st.integers(0, 1),
        code=st.integers(-1, 1),
        browser=st.sampled_from(BROWSERS),
        method=st.sampled_from(["GET", "GET", "HEAD"]),
    ),
    max_size=12,
)


@bounded
@given(hits=hits)
def test_whatever_comes_back_in_whatever_order_each_sign_in_redeems_one_code_at_most(hits: list[Hit]) -> None:
    own = visitor()
    world = own.gateway.world
    signed_in = [world.authority.sign_in(own.start().location) for _ in range(2)]
    foreign = Visitor(own.gateway)
    foreign.start()
    names = list(own.cookies)
    # An attacker who knows the names of the cookies but not their values.
    foreign.cookies |= dict.fromkeys(names, "planted-cookie")
    browsers = {"own": own, "foreign": foreign, "none": Visitor(own.gateway)}
    for hit in hits:
        state, code = signed_in[hit.tab][0], signed_in[hit.code][1] if hit.code >= 0 else ""
        before = world.calls.count("authority.redeem")
        answer = browsers[hit.browser].request(hit.method, "/callback", f"state={state}&code={code}")
        redeemed = world.calls.count("authority.redeem") - before
        assert redeemed == 0 or (hit.browser, hit.method) == ("own", "GET")
        if (hit.browser, hit.method) in {("foreign", "GET"), ("none", "GET")}:
            assert answer.status == 403
            assert NAME not in answer.body
    tabs = {hit.tab for hit in hits if (hit.browser, hit.method) == ("own", "GET")}
    assert world.calls.count("authority.redeem") <= len(tabs)
    assert len(world.authority.consents) <= 1 or len(tabs) > 1


def inject(code: str, world: World) -> int:
    """Begin a sign-in in another browser, and come back with a foreign code; return the status."""
    attacker = Visitor(Gateway(world))
    state = parse_qs(urlsplit(attacker.start().location).query)["state"][0]
    return attacker.come_back(state=state, code=code).status


def test_a_code_of_another_sign_in_brings_no_tokens() -> None:
    """Code injection (RFC 9700, section 4.5): the verifier belongs to this sign-in, and the code to another."""
    victim = visitor()
    world = victim.gateway.world
    stolen = world.authority.sign_in(victim.start().location)[1]
    assert inject(stolen, world) == 400
    assert world.authority.consents == set()
    assert world.current().access_token is None


@bounded
@given(code=st.text())
def test_a_code_that_nobody_got_brings_no_tokens(code: str) -> None:
    world = World.waiting()
    assert inject(code, world) == 400
    assert world.authority.consents == set()


def test_a_visitor_who_is_lured_to_a_callback_of_an_attacker_connects_nobody() -> None:
    """CSRF of the redirect URI (RFC 9700, section 4.7): the state is the attacker's, the browser is not."""
    attacker = visitor()
    world = attacker.gateway.world
    state, code = world.authority.sign_in(attacker.start().location, DEPUTY)
    victim = Visitor(attacker.gateway)
    victim.start()
    answer = victim.open("/callback", {"state": state, "code": code}, {"sec-fetch-site": "cross-site"})
    assert answer.status == 403
    assert world.calls.count("authority.redeem") == 0
    assert world.authority.consents == set()
