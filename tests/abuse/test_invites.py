"""Who guesses learns nothing: every invite that does not hold has one answer, and starts nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from tests.abuse.front import Front
from tests.abuse.hostile import bounded
from tests.abuse.visitor import Visitor, snapshot, visitor
from tests.fakes.world import NAME, PUBLIC_URL, World
from token_refresher.connect_link import ConnectLinks
from token_refresher.sensitive import Sensitive

OTHER, NOBODY = "other-ads", "nobody-ads"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def two_credentials() -> World:
    """Return a world with a second credential."""
    world = World.waiting()
    world.manage(OTHER)
    return world


def forged(world: World, name: str) -> str:
    """Return an invite that somebody without the key made."""
    links = ConnectLinks(lambda: [Sensitive("planted-key-of-an-attacker")], PUBLIC_URL, timedelta(days=7), world.clock)
    return links.sign(links.invite(name, ""))


def signed(world: World, name: str) -> str:
    """Return an invite that we made, for a credential that may be gone."""
    return world.links.sign(world.links.invite(name, ""))


CASES: dict[str, Callable[[World], tuple[str, str]]] = {
    "nothing": lambda _: (NAME, ""),
    "not ours": lambda _: (NAME, "planted-invite"),
    "a bad signature": lambda world: (NAME, forged(world, NAME)),
    "a bad signature, for a credential that does not exist": lambda world: (NOBODY, forged(world, NOBODY)),
    "a good one, for a credential that does not exist": lambda world: (NOBODY, signed(world, NOBODY)),
    "a good one, for another credential": lambda world: (NAME, signed(world, OTHER)),
    "a good one, for another credential, at one that does not exist": lambda world: (NOBODY, signed(world, NAME)),
    "signed for another purpose": lambda world: (
        NAME,
        URLSafeSerializer("planted-signing-key", salt="planted-purpose").dumps(
            world.links.invite(NAME, "").to_document()
        ),
    ),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", CASES)
def test_every_invite_that_does_not_hold_has_the_same_answer_byte_for_byte(case: str, method: str) -> None:
    guest = Visitor(Front(two_credentials()))
    send = guest.open if method == "GET" else guest.press
    name, invite = CASES[case](guest.front.world)
    first = send(f"/connect/{NAME}", {})
    assert first.status == 403
    assert send(f"/connect/{name}", {"invite": invite}) == first


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith("a good one, for a")])
def test_without_the_key_nobody_makes_us_call_anything(case: str, method: str) -> None:
    """So that the time of an answer tells nothing, neither whether a credential exists."""
    guest = Visitor(Front(two_credentials()))
    name, invite = CASES[case](guest.front.world)
    before = list(guest.front.world.calls.log)
    (guest.open if method == "GET" else guest.press)(f"/connect/{name}", {"invite": invite})
    assert guest.front.world.calls.log == before


def test_an_invite_for_one_credential_calls_nothing_for_another() -> None:
    guest = Visitor(Front(two_credentials()))
    before = list(guest.front.world.calls.log)
    guest.press(f"/connect/{NAME}", {"invite": signed(guest.front.world, OTHER)})
    assert guest.front.world.calls.log == before


def test_an_invite_that_holds_is_answered_otherwise_so_that_the_comparison_means_something() -> None:
    guest = visitor()
    assert guest.open(f"/connect/{NAME}", {"invite": guest.front.world.invite()}).status == 200


@st.composite
def altered(draw: st.DrawFn, invite: str) -> str:
    """Return an invite with a piece taken out, put in, or replaced."""
    start = draw(st.integers(0, len(invite) - 1))
    end = draw(st.integers(start, min(len(invite), start + 8)))
    piece = draw(st.one_of(st.text(BASE64 + ".", max_size=8), st.text(max_size=4)))
    return invite[:start] + piece + invite[end:]


@bounded
@given(data=st.data())
def test_an_invite_that_was_forged_altered_or_cut_off_starts_nothing(data: st.DataObject) -> None:
    guest = visitor()
    world = guest.front.world
    invite = world.invite()
    sent = data.draw(altered(invite))
    # Base64 has spare bits at its end and is read past what is none of its letters: that is the same signature.
    assume(not is_spelled_otherwise(sent, invite))
    before = snapshot(world)
    answer = guest.press(f"/connect/{NAME}", {"invite": sent})
    assert (answer.status, answer.location, answer.cookies) == (403, "", [])
    assert snapshot(world) == before


def is_spelled_otherwise(sent: str, invite: str) -> bool:
    """Tell whether an invite is the same one with another spelling of its signature."""
    (payload, _, signature), (body, _, ours) = sent.rpartition("."), invite.rpartition(".")
    letters = "".join(letter for letter in signature if letter in BASE64)
    return payload == body and letters[: len(ours) - 1] == ours[:-1]


@bounded
@given(cut=st.integers(1, 60))
def test_an_invite_that_a_mail_program_cut_off_starts_nothing(cut: int) -> None:
    guest = visitor()
    assert guest.press(f"/connect/{NAME}", {"invite": guest.front.world.invite()[:-cut]}).status == 403


@pytest.mark.parametrize(
    ("lapse", "status"),
    [
        pytest.param(lambda world: world.clock.advance(timedelta(days=7)), 410, id="its time is over"),
        pytest.param(lambda world: world.complete(world.go_and_return()), 410, id="somebody consented"),
        pytest.param(lambda world: world.edit(invites_valid_from="2999-01-01T00:00:00Z"), 410, id="it was withdrawn"),
        pytest.param(lambda world: world.store.delete(NAME), 403, id="the credential is gone"),
    ],
)
def test_a_link_that_is_over_starts_nothing(lapse: Callable[[World], object], status: int) -> None:
    guest = visitor()
    invite = guest.front.world.invite()
    lapse(guest.front.world)
    before = snapshot(guest.front.world)
    answer = guest.press(f"/connect/{NAME}", {"invite": invite})
    assert (answer.status, answer.location, answer.cookies) == (status, "", [])
    assert snapshot(guest.front.world) == before
