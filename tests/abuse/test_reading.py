"""Safe methods change nothing (RFC 9110, section 9.2.1): mail scanners open links, and people open them twice."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.abuse.gateway import Gateway
from tests.abuse.hostile import bounded, hostile_headers, paths, queries
from tests.abuse.visitor import Visitor, snapshot, visitor
from tests.fakes.world import NAME, World

READING = ["GET", "HEAD", "OPTIONS"]


def worlds() -> dict[str, World]:
    """Return a credential before its first consent, and one after it."""
    waiting, connected = World.waiting(), World.waiting()
    connected.complete(connected.go_and_return())
    return {"waiting": waiting, "connected": connected}


@bounded
@given(method=st.sampled_from(READING), path=paths, query=queries, headers=hostile_headers)
@pytest.mark.parametrize("kind", ["waiting", "connected"])
def test_reading_anything_changes_nothing(
    kind: str, method: str, path: str, query: str, headers: dict[str, str]
) -> None:
    world = worlds()[kind]
    before = snapshot(world)
    Visitor(Gateway(world)).request(method, path, query, headers)
    assert snapshot(world) == before


@pytest.mark.parametrize("method", READING)
def test_reading_a_link_that_works_changes_nothing_however_often(method: str) -> None:
    guest = visitor()
    world = guest.gateway.world
    invite, before = world.invite(), snapshot(world)
    for _ in range(3):
        guest.request(method, f"/connect/{NAME}", f"invite={invite}")
    assert snapshot(world) == before
    assert guest.start().status == 303


@pytest.mark.parametrize(
    ("method", "with_cookie"),
    [
        pytest.param("HEAD", True, id="HEAD, as some browsers send before they load a page"),
        pytest.param("OPTIONS", True, id="OPTIONS"),
        pytest.param("GET", False, id="GET, by a scanner that has no cookie"),
    ],
)
def test_reading_the_way_back_does_not_use_up_the_code(method: str, *, with_cookie: bool) -> None:
    guest = visitor()
    world = guest.gateway.world
    state, code = world.authority.sign_in(guest.start().location)
    before, query = snapshot(world), f"state={state}&code={code}"
    scanner = guest if with_cookie else Visitor(guest.gateway)
    scanner.request(method, "/callback", query)
    assert snapshot(world) == before
    assert guest.request("GET", "/callback", query).status == 200


@bounded
@given(path=paths, body=queries, headers=hostile_headers)
def test_a_form_without_a_valid_invite_changes_nothing(path: str, body: str, headers: dict[str, str]) -> None:
    guest = visitor()
    before = snapshot(guest.gateway.world)
    guest.request("POST", path, "", headers, body.encode())
    assert snapshot(guest.gateway.world) == before


def test_a_button_that_works_does_change_something_so_that_the_search_means_something() -> None:
    guest = visitor()
    before = snapshot(guest.gateway.world)
    state = parse_qs(urlsplit(guest.start().location).query)["state"]
    assert state
    assert snapshot(guest.gateway.world) != before
