"""Which refresh tokens a grant may replace, and which of two grants outranks the other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.rotations import IDENTITY, a_grant
from tests.fakes.world import World
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.rotation.intent import Base
from token_refresher.rotation.token_family import (
    CONSENT,
    TokenFamily,
    family_of_found,
    family_of_rival,
    is_earlier_consent,
    outranks,
)

WORLD = World()
AGE = timedelta(minutes=45)
REFRESHED_AT = START - AGE
PRESENTED = Credential.parse(WORLD.document(refresh_token="presented"))
SUCCESSOR = Credential.parse(WORLD.document(refresh_token="successor"))
WITHOUT = Credential.parse(WORLD.document(refresh_token=None))
REFRESH = TokenFamily.of_refresh(PRESENTED.fingerprint)
BEFORE = Credential.parse(WORLD.document(refresh_token="before"))
LINE = (BEFORE.fingerprint, PRESENTED.fingerprint, SUCCESSOR.fingerprint)
IN_A_LINE = TokenFamily.of_refresh(PRESENTED.fingerprint, LINE)
UNRELATED = TokenFamily.of_refresh("0123456789ab", LINE)
BASE = Base.of(PRESENTED)
EARLIER = Identity("ads-owner@example.com", "tenant", "object", START - timedelta(days=1))


def after(*, refresh_token: str = "presented", refreshed: int | None = None, by: Identity | None = None) -> Credential:
    """Return a document with this refresh token, which was refreshed so many seconds after the start, or before it."""
    age = AGE if refreshed is None else timedelta(seconds=-refreshed)
    identity = by.to_document() if by else None
    return Credential.parse(WORLD.document(age=age, refresh_token=refresh_token, identity=identity))


@pytest.mark.parametrize(
    ("family", "credential", "may"),
    [
        pytest.param(REFRESH, PRESENTED, True, id="a refresh, the token it presented: may"),
        pytest.param(IN_A_LINE, BEFORE, True, id="a refresh, the token before the one it presented: may"),
        pytest.param(IN_A_LINE, PRESENTED, True, id="a refresh with known tokens, the token it presented: may"),
        pytest.param(IN_A_LINE, SUCCESSOR, False, id="a refresh, a token after the one it presented: may not"),
        pytest.param(UNRELATED, BEFORE, False, id="a refresh of an imported token, one of another line: may not"),
        pytest.param(REFRESH, SUCCESSOR, False, id="a refresh, a token that an operator put there: may not"),
        pytest.param(REFRESH, WITHOUT, False, id="a refresh, the place of a removed token: may not"),
        pytest.param(REFRESH.over(SUCCESSOR), SUCCESSOR, True, id="a refresh, the token of its rival: may"),
        pytest.param(
            REFRESH.over(SUCCESSOR), PRESENTED, True, id="a refresh over its rival, the token it presented: may"
        ),
        pytest.param(CONSENT, PRESENTED, True, id="a consent, any token: may"),
        pytest.param(CONSENT, WITHOUT, True, id="a consent, no token: may"),
        pytest.param(CONSENT.over(SUCCESSOR), WITHOUT, True, id="a consent over a rival, no token: may"),
        pytest.param(TokenFamily.of_refresh(""), WITHOUT, True, id="an exchange without a token, no token: may"),
        pytest.param(TokenFamily.of_refresh(""), PRESENTED, False, id="an exchange without a token, a token: may not"),
    ],
)
def test_a_grant_may_replace_a_token(family: TokenFamily, credential: Credential, *, may: bool) -> None:
    assert family.may_replace(credential) is may


@pytest.mark.parametrize(
    ("ours", "theirs", "stands"),
    [
        pytest.param((1, REFRESH), (0, REFRESH), True, id="of two refreshes the later one"),
        pytest.param((0, REFRESH), (1, REFRESH), False, id="of two refreshes not the earlier one"),
        pytest.param((0, REFRESH), (0, REFRESH), False, id="of two refreshes of one second the current one"),
        pytest.param((0, CONSENT), (9, REFRESH), True, id="a consent against a refresh that was answered later"),
        pytest.param((9, REFRESH), (0, CONSENT), False, id="not a refresh against a consent, although it is later"),
        pytest.param((1, CONSENT), (0, CONSENT), True, id="of two consents the later one"),
        pytest.param((0, CONSENT), (1, CONSENT), False, id="of two consents not the earlier one"),
    ],
)
def test_of_two_grants_one_outranks_the_other(
    ours: tuple[int, TokenFamily], theirs: tuple[int, TokenFamily], *, stands: bool
) -> None:
    our_grant, their_grant = a_grant("ours", seconds=ours[0]), a_grant("theirs", seconds=theirs[0])
    assert outranks(our_grant, ours[1], their_grant, theirs[1]) is stands


def test_a_rival_with_another_consent_has_the_family_of_a_consent() -> None:
    assert family_of_rival(after(refresh_token="rival", by=IDENTITY), PRESENTED) == CONSENT


def test_a_rival_with_the_same_consent_has_the_family_of_a_refresh() -> None:
    """The document of a refresh still names the person who consented before it."""
    base = after(by=EARLIER)
    assert family_of_rival(after(refresh_token="rival", by=EARLIER), base) == TokenFamily.of_refresh(base.fingerprint)


@pytest.mark.parametrize(
    ("ours", "theirs", "earlier"),
    [
        pytest.param(EARLIER, IDENTITY, True, id="over a later consent: it is"),
        pytest.param(IDENTITY, EARLIER, False, id="over an earlier consent: it is not"),
        pytest.param(IDENTITY, IDENTITY, False, id="over a consent of the same second: it is not"),
        pytest.param(EARLIER, None, False, id="over a document without a consent: it is not"),
        pytest.param(None, IDENTITY, False, id="if it is a refresh: it is not"),
    ],
)
def test_a_consent_is_an_earlier_one(ours: Identity | None, theirs: Identity | None, *, earlier: bool) -> None:
    grant = replace(a_grant("ours"), identity=ours)
    assert is_earlier_consent(grant, after(refresh_token="theirs", by=theirs)) is earlier


@pytest.mark.parametrize(
    ("grant", "current", "family"),
    [
        pytest.param(a_grant("found"), PRESENTED, REFRESH, id="over the token that it presented: goes on top"),
        pytest.param(
            a_grant("found"), after(by=EARLIER), REFRESH, id="over that token in an edited document: goes on top"
        ),
        pytest.param(a_grant("found", seconds=-3600), PRESENTED, None, id="over tokens that are newer: is not wanted"),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            PRESENTED,
            REFRESH,
            id="a consent, over the tokens of its base: goes on top, with the family of a refresh",
        ),
        pytest.param(a_grant("found"), SUCCESSOR, None, id="over a token that an operator put there: is not wanted"),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            SUCCESSOR,
            None,
            id="a consent, over a token that an operator put there: is not wanted",
        ),
        pytest.param(
            a_grant("found"), WITHOUT, None, id="over a document whose token an operator removed: is not wanted"
        ),
        pytest.param(
            a_grant("found"),
            after(refresh_token="refreshed", refreshed=9),
            None,
            id="over another refresh: is not wanted",
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            after(refresh_token="refreshed", refreshed=9),
            CONSENT,
            id="a consent, over a refresh that finished in between: goes on top",
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            after(refresh_token="refreshed", refreshed=9, by=EARLIER),
            CONSENT,
            id="a consent, over a refresh of an earlier consent: goes on top",
        ),
        pytest.param(
            a_grant("found").consented_by(EARLIER),
            after(refresh_token="consented", refreshed=9, by=IDENTITY),
            None,
            id="a consent, over a later one: is not wanted",
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            after(refresh_token="consented", refreshed=9, by=IDENTITY),
            None,
            id="a consent, over another of the same second: is not wanted",
        ),
        pytest.param(a_grant("presented", access_token="access-0"), PRESENTED, None, id="over itself: is not wanted"),
    ],
)
def test_a_grant_that_was_left_behind(grant: Grant, current: Credential, family: TokenFamily | None) -> None:
    assert family_of_found(grant, BASE, current) == family


def test_a_grant_that_was_left_behind_goes_on_top_of_a_copy_that_is_older_than_its_base() -> None:
    old_copy = Credential.parse(WORLD.document(age=2 * AGE, refresh_token="before"))
    assert family_of_found(a_grant("found"), BASE, old_copy, LINE) == IN_A_LINE


def test_a_current_token_of_another_line_stands_against_a_grant_that_was_left_behind() -> None:
    assert family_of_found(a_grant("found"), BASE, SUCCESSOR, LINE[:2]) is None
