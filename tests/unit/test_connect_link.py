"""The link that a person opens: signed, expiring, for one credential and one consent."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from token_refresher.connect_link import ConnectLinks, InvalidInviteError
from token_refresher.invite import Invite
from token_refresher.sensitive import Sensitive

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
def test_a_link_leads_to_its_credential_and_holds_for_it(name: str, generation: str) -> None:
    link = links().make(name, generation)
    assert unquote(urlsplit(link).path) == f"/connect/{name}"
    assert links().read(name, invite_of(link)) == Invite(name, generation, AT, AT + WEEK)


def test_a_link_has_an_address_that_no_mail_program_breaks() -> None:
    link = links().make("team/a+b=c.d@e-f", "")
    assert link.startswith("https://connect.example.com/connect/team/a%2Bb%3Dc.d%40e-f?invite=")
    assert link.isascii()
    assert not set(' <>"') & set(link)


def test_a_page_is_the_link_without_its_invite() -> None:
    assert links().page("team/ads") == "https://connect.example.com/connect/team/ads"


def test_an_invite_for_one_credential_does_not_hold_for_another() -> None:
    with pytest.raises(InvalidInviteError):
        links().read("team/other", signed(links()))


@given(st.data())
def test_an_invite_with_one_character_changed_does_not_hold(data: st.DataObject) -> None:
    invite = signed(links())
    # The last character of a base64 text holds spare bits: changing those changes nothing.
    position = data.draw(st.integers(0, len(invite) - 2))
    character = data.draw(st.characters(codec="ascii").filter(lambda one: one != invite[position]))
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", invite[:position] + character + invite[position + 1 :])


@given(st.text())
def test_any_text_is_an_invalid_invite_and_nothing_worse(text: str) -> None:
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
def test_an_invite_that_we_did_not_sign_is_invalid(text: str) -> None:
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", text)


def test_the_reason_of_a_refusal_does_not_go_along() -> None:
    with pytest.raises(InvalidInviteError) as caught:
        links().read("team/ads", "x")
    assert (str(caught.value), caught.value.__cause__, caught.value.__suppress_context__) == ("", None, True)


@given(st.text(min_size=1, max_size=8).filter(lambda text: not re.fullmatch(r"[A-Za-z0-9_.-]+", text)))
def test_an_invite_has_one_spelling(added: str) -> None:
    """Base64 reads past letters that are not its own."""
    with pytest.raises(InvalidInviteError):
        links().read("team/ads", signed(links()) + added)


def test_an_expired_invite_can_still_be_read() -> None:
    """So that a link that has done its work says so, however old it is."""
    invite = signed(links(at=AT - 2 * WEEK), "generation")
    assert links().read("team/ads", invite).consent_generation == "generation"


@pytest.mark.parametrize(
    ("signed_with", "holds"),
    [
        pytest.param(OLD, True, id="the old key is still accepted"),
        pytest.param(NEW, True, id="the new key is accepted"),
        pytest.param(FOREIGN, False, id="a foreign key is not"),
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


def test_a_key_that_was_taken_away_is_no_longer_accepted() -> None:
    with pytest.raises(InvalidInviteError):
        links(NEW).read("team/ads", signed(links(OLD)))
