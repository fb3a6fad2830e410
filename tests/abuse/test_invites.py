"""Guessing reveals nothing: every invalid invite gets the same answer, and starts nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from tests.abuse.gateway import Gateway
from tests.abuse.hostile import bounded
from tests.abuse.visitor import Visitor, snapshot, visitor
from tests.fakes.world import NAME, PUBLIC_URL, World
from token_refresher.base.sensitive import Sensitive
from token_refresher.invites.links import ConnectLinks

OTHER, NOBODY = "other-ads", "nobody-ads"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def two_credentials() -> World:
    """Return a world with a second credential."""
    world = World.waiting()
    world.manage(OTHER)
    return world


def forged(world: World, name: str) -> str:
    """Return an invite that an attacker without the key has made."""
    links = ConnectLinks(lambda: [Sensitive("planted-key-of-an-attacker")], PUBLIC_URL, timedelta(days=7), world.clock)
    return links.sign(links.invite(name, ""))


def signed(world: World, name: str) -> str:
    """Return an invite with a valid signature, for a credential that may not exist."""
    return world.links.sign(world.links.invite(name, ""))


CASES: dict[str, Callable[[World], tuple[str, str]]] = {
    "nothing": lambda _: (NAME, ""),
    "made up": lambda _: (NAME, "planted-invite"),
    "a bad signature": lambda world: (NAME, forged(world, NAME)),
    "a bad signature, for a credential that does not exist": lambda world: (NOBODY, forged(world, NOBODY)),
    "a valid one, for a credential that does not exist": lambda world: (NOBODY, signed(world, NOBODY)),
    "a valid one, for another credential": lambda world: (NAME, signed(world, OTHER)),
    "a valid one, for another credential, at one that does not exist": lambda world: (NOBODY, signed(world, NAME)),
    "signed for another purpose": lambda world: (
        NAME,
        URLSafeSerializer("planted-signing-key", salt="planted-purpose").dumps(
            world.links.invite(NAME, "").to_document()
        ),
    ),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", CASES)
def test_every_invalid_invite_gets_the_same_answer_byte_for_byte(case: str, method: str) -> None:
    guest = Visitor(Gateway(two_credentials()))
    send = guest.open if method == "GET" else guest.press
    name, invite = CASES[case](guest.gateway.world)
    first = send(f"/connect/{NAME}", {})
    assert first.status == 403
    assert send(f"/connect/{name}", {"invite": invite}) == first


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith("a valid one, for a")])
def test_without_the_key_nobody_makes_us_call_anything(case: str, method: str) -> None:
    """So the time of an answer reveals nothing, not even whether a credential exists."""
    guest = Visitor(Gateway(two_credentials()))
    name, invite = CASES[case](guest.gateway.world)
    before = list(guest.gateway.world.calls.log)
    (guest.open if method == "GET" else guest.press)(f"/connect/{name}", {"invite": invite})
    assert guest.gateway.world.calls.log == before


def test_an_invite_for_one_credential_calls_nothing_for_another() -> None:
    guest = Visitor(Gateway(two_credentials()))
    before = list(guest.gateway.world.calls.log)
    guest.press(f"/connect/{NAME}", {"invite": signed(guest.gateway.world, OTHER)})
    assert guest.gateway.world.calls.log == before


def test_a_valid_invite_gets_another_answer_so_that_the_comparison_means_something() -> None:
    guest = visitor()
    assert guest.open(f"/connect/{NAME}", {"invite": guest.gateway.world.invite()}).status == 200


@st.composite
def altered(draw: st.DrawFn, invite: str) -> str:
    """Return an invite with a part removed, added or replaced."""
    start = draw(st.integers(0, len(invite) - 1))
    end = draw(st.integers(start, min(len(invite), start + 8)))
    piece = draw(st.one_of(st.text(BASE64 + ".", max_size=8), st.text(max_size=4)))
    return invite[:start] + piece + invite[end:]


@bounded
@given(data=st.data())
def test_an_invite_that_was_forged_altered_or_cut_off_starts_nothing(data: st.DataObject) -> None:
    guest = visitor()
    world = guest.gateway.world
    invite = world.invite()
    sent = data.draw(altered(invite))
    # Base64 has unused bits at its end, and decoders skip other characters: then it is the same signature.
    assume(not is_spelled_otherwise(sent, invite))
    before = snapshot(world)
    answer = guest.press(f"/connect/{NAME}", {"invite": sent})
    assert (answer.status, answer.location, answer.cookies) == (403, "", [])
    assert snapshot(world) == before


def is_spelled_otherwise(sent: str, invite: str) -> bool:
    """Return whether an invite is the same one with another encoding of its signature."""
    (payload, _, signature), (body, _, ours) = sent.rpartition("."), invite.rpartition(".")
    letters = "".join(letter for letter in signature if letter in BASE64)
    return payload == body and letters[: len(ours) - 1] == ours[:-1]


@bounded
@given(cut=st.integers(1, 60))
def test_an_invite_that_a_mail_program_cut_off_starts_nothing(cut: int) -> None:
    guest = visitor()
    assert guest.press(f"/connect/{NAME}", {"invite": guest.gateway.world.invite()[:-cut]}).status == 403


@pytest.mark.parametrize(
    ("lapse", "status"),
    [
        pytest.param(lambda world: world.clock.advance(timedelta(days=7)), 410, id="it has expired"),
        pytest.param(lambda world: world.complete(world.go_and_return()), 410, id="a person has consented"),
        pytest.param(lambda world: world.edit(invites_valid_from="2999-01-01T00:00:00Z"), 410, id="it was withdrawn"),
        pytest.param(lambda world: world.store.delete(NAME), 403, id="the credential is gone"),
    ],
)
def test_a_link_that_is_over_starts_nothing(lapse: Callable[[World], object], status: int) -> None:
    guest = visitor()
    invite = guest.gateway.world.invite()
    lapse(guest.gateway.world)
    before = snapshot(guest.gateway.world)
    answer = guest.press(f"/connect/{NAME}", {"invite": invite})
    assert (answer.status, answer.location, answer.cookies) == (status, "", [])
    assert snapshot(guest.gateway.world) == before
