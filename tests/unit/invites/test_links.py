"""A connect link is signed, expires, and is valid for one credential and one consent."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from token_refresher.base.sensitive import Sensitive
from token_refresher.invites.invite import Invite
from token_refresher.invites.links import ConnectLinks, InvalidInviteError

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
OLD, NEW, FOREIGN = Sensitive("planted-key-old"), Sensitive("planted-key-new"), Sensitive("planted-key-foreign")
NAMES = st.text(
    alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+=.@-", min_size=1, max_size=80
)


def links(*keys: Sensitive, at: datetime = AT) -> ConnectLinks:
    return ConnectLinks(lambda: keys or (NEW,), "https://connect.example.com/", WEEK, lambda: at)


def signed(links: ConnectLinks, generation: str = "") -> str:
    return links.sign(links.invite("team/ads", generation))


def invite_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["invite"][0]


@given(NAMES, st.sampled_from(["", "2026-01-31T09:00:00Z"]))
def test_a_link_opens_the_page_of_its_credential_and_is_valid_for_it(name: str, generation: str) -> None:
    link = links().make(name, generation)
    assert unquote(urlsplit(link).path) == f"/connect/{name}"
    assert links().read(name, invite_of(link)) == Invite(name, generation, AT, AT + WEEK)


def test_a_link_has_no_character_that_a_mail_program_breaks() -> None:
    link = links().make("team/a+b=c.d@e-f", "")
    assert link.startswith("https://connect.example.com/connect/team/a%2Bb%3Dc.d%40e-f?invite=")
    assert link.isascii()
    assert not set(' <>"') & set(link)


def test_a_page_is_the_link_without_its_invite() -> None:
    assert links().page("team/ads") == "https://connect.example.com/connect/team/ads"


def test_an_invite_for_one_credential_is_not_valid_for_another() -> None:
    with pytest.raises(InvalidInviteError):
        links().read("team/other", signed(links()))


@given(st.data())
def test_an_invite_with_one_changed_character_is_invalid(data: st.DataObject) -> None:
    invite = signed(links())
    # The last character of a base64 text has spare bits, and changing only those changes nothing.
    position = data.draw(st.integers(0, len(invite) - 2))
    character = data.draw(st.characters(codec="ascii").filter(lambda one: one != invite[position]))
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", invite[:position] + character + invite[position + 1 :])


@given(st.text())
def test_any_text_is_an_invalid_invite_and_raises_no_other_error(text: str) -> None:
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(".", id="a dot"),
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param(".eJw" + "A" * 100_000 + ".x", id="something compressed"),
        pytest.param(
            URLSafeSerializer("planted-key-new").dumps(["team/ads", "", "x"]), id="signed for another purpose"
        ),
    ],
)
def test_an_invite_without_a_valid_signature_is_invalid(text: str) -> None:
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", text)


def test_the_error_does_not_say_why_an_invite_is_invalid() -> None:
    with pytest.raises(InvalidInviteError) as caught:
        links().read("team/ads", "x")
    assert (str(caught.value), caught.value.__cause__, caught.value.__suppress_context__) == ("", None, True)


@given(st.text(min_size=1, max_size=8).filter(lambda text: not re.fullmatch(r"[A-Za-z0-9_.-]+", text)))
def test_an_invite_has_one_spelling(added: str) -> None:
    """The base64 decoder ignores characters outside its alphabet."""
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", signed(links()) + added)


def test_an_expired_invite_can_still_be_read() -> None:
    """The page for a used link can say so, however old the link is."""
    invite = signed(links(at=AT - 2 * WEEK), "generation")
    assert links().read("team/ads", invite).consent_generation == "generation"


@pytest.mark.parametrize(
    ("signed_with", "holds"),
    [
        pytest.param(OLD, True, id="the old key is still accepted"),
        pytest.param(NEW, True, id="the new key is accepted"),
        pytest.param(FOREIGN, False, id="another key is not accepted"),
    ],
)
def test_keys_can_be_rotated(signed_with: Sensitive, *, holds: bool) -> None:
    invite = signed(links(signed_with))
    if holds:
        assert links(OLD, NEW).read("team/ads", invite).credential == "team/ads"
    else:
        with pytest.raises(InvalidInviteError):
            links(OLD, NEW).read("team/ads", invite)


def test_the_newest_key_signs() -> None:
    invite = signed(links(OLD, NEW))
    assert links(NEW).read("team/ads", invite).credential == "team/ads"
    with pytest.raises(InvalidInviteError):
        links(OLD).read("team/ads", invite)


def test_a_removed_key_is_no_longer_accepted() -> None:
    with pytest.raises(InvalidInviteError):
        links(NEW).read("team/ads", signed(links(OLD)))
