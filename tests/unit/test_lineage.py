"""Which grant may replace which token, and which of two stands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.fakes.rotations import IDENTITY, a_grant
from tests.fakes.world import World
from token_refresher.credential import Credential
from token_refresher.grant import Grant, Identity
from token_refresher.intent import Base
from token_refresher.lineage import (
    CONSENT,
    Lineage,
    is_earlier_consent,
    lineage_of_found,
    lineage_of_rival,
    outranks,
)

WORLD = World()
AGE = timedelta(minutes=45)
REFRESHED_AT = START - AGE
PRESENTED = Credential.parse(WORLD.document(refresh_token="presented"))
SUCCESSOR = Credential.parse(WORLD.document(refresh_token="successor"))
WITHOUT = Credential.parse(WORLD.document(refresh_token=None))
REFRESH = Lineage.of_refresh(PRESENTED.fingerprint)
BEFORE = Credential.parse(WORLD.document(refresh_token="before"))
LINE = (BEFORE.fingerprint, PRESENTED.fingerprint, SUCCESSOR.fingerprint)
IN_A_LINE = Lineage.of_refresh(PRESENTED.fingerprint, LINE)
UNRELATED = Lineage.of_refresh("0123456789ab", LINE)
BASE = Base.of(PRESENTED)
EARLIER = Identity("ads-owner@example.com", "tenant", "object", START - timedelta(days=1))


def after(*, refresh_token: str = "presented", refreshed: int | None = None, by: Identity | None = None) -> Credential:
    """Return a document with this refresh token, refreshed so many seconds after the start, or not since."""
    age = AGE if refreshed is None else timedelta(seconds=-refreshed)
    identity = by.to_document() if by else None
    return Credential.parse(WORLD.document(age=age, refresh_token=refresh_token, identity=identity))


@pytest.mark.parametrize(
    ("lineage", "credential", "may"),
    [
        pytest.param(REFRESH, PRESENTED, True, id="a refresh, the token it presented: may"),
        pytest.param(IN_A_LINE, BEFORE, True, id="a refresh, the token that its own one followed: may"),
        pytest.param(IN_A_LINE, PRESENTED, True, id="a refresh in a line of them, the token it presented: may"),
        pytest.param(IN_A_LINE, SUCCESSOR, False, id="a refresh, the token that followed its own one already: may not"),
        pytest.param(UNRELATED, BEFORE, False, id="a refresh of an imported token, one of another line: may not"),
        pytest.param(REFRESH, SUCCESSOR, False, id="a refresh, a token that was put there since: may not"),
        pytest.param(REFRESH, WITHOUT, False, id="a refresh, a token that was taken away: may not"),
        pytest.param(REFRESH.over(SUCCESSOR), SUCCESSOR, True, id="a refresh, what its rival made of it: may"),
        pytest.param(REFRESH.over(SUCCESSOR), PRESENTED, True, id="a refresh over its rival, its own token: may"),
        pytest.param(CONSENT, PRESENTED, True, id="a consent, whatever is there: may"),
        pytest.param(CONSENT, WITHOUT, True, id="a consent, nothing: may"),
        pytest.param(CONSENT.over(SUCCESSOR), WITHOUT, True, id="a consent over a rival, whatever is there: may"),
        pytest.param(Lineage.of_refresh(""), WITHOUT, True, id="what began without a token, where there is none: may"),
        pytest.param(Lineage.of_refresh(""), PRESENTED, False, id="what began without a token, where there is one: no"),
    ],
)
def test_a_grant_may_replace_a_token(lineage: Lineage, credential: Credential, *, may: bool) -> None:
    assert lineage.may_replace(credential) is may


@pytest.mark.parametrize(
    ("ours", "theirs", "stands"),
    [
        pytest.param((1, REFRESH), (0, REFRESH), True, id="of two refreshes the later one"),
        pytest.param((0, REFRESH), (1, REFRESH), False, id="of two refreshes not the earlier one"),
        pytest.param((0, REFRESH), (0, REFRESH), False, id="of two refreshes of one second the one that is there"),
        pytest.param((0, CONSENT), (9, REFRESH), True, id="a consent against a refresh that was answered later"),
        pytest.param((9, REFRESH), (0, CONSENT), False, id="not a refresh against a consent, however late"),
        pytest.param((1, CONSENT), (0, CONSENT), True, id="of two consents the later one"),
        pytest.param((0, CONSENT), (1, CONSENT), False, id="of two consents not the earlier one"),
    ],
)
def test_of_two_grants_one_stands(ours: tuple[int, Lineage], theirs: tuple[int, Lineage], *, stands: bool) -> None:
    our_grant, their_grant = a_grant("ours", seconds=ours[0]), a_grant("theirs", seconds=theirs[0])
    assert outranks(our_grant, ours[1], their_grant, theirs[1]) is stands


def test_a_rival_that_brings_another_consent_is_one() -> None:
    assert lineage_of_rival(after(refresh_token="rival", by=IDENTITY), PRESENTED) == CONSENT


def test_a_rival_that_brings_no_consent_of_its_own_is_a_refresh() -> None:
    """The document of a refresh still names whoever consented before it."""
    base = after(by=EARLIER)
    assert lineage_of_rival(after(refresh_token="rival", by=EARLIER), base) == Lineage.of_refresh(base.fingerprint)


@pytest.mark.parametrize(
    ("ours", "theirs", "earlier"),
    [
        pytest.param(EARLIER, IDENTITY, True, id="over a later consent: it is"),
        pytest.param(IDENTITY, EARLIER, False, id="over an earlier consent: it is not"),
        pytest.param(IDENTITY, IDENTITY, False, id="over one of the same second: it is not"),
        pytest.param(EARLIER, None, False, id="over a document that nobody consented to: it is not"),
        pytest.param(None, IDENTITY, False, id="without a person, whatever is there: it is none"),
    ],
)
def test_a_consent_is_an_earlier_one(ours: Identity | None, theirs: Identity | None, *, earlier: bool) -> None:
    grant = replace(a_grant("ours"), identity=ours)
    assert is_earlier_consent(grant, after(refresh_token="theirs", by=theirs)) is earlier


@pytest.mark.parametrize(
    ("grant", "current", "lineage"),
    [
        pytest.param(a_grant("found"), PRESENTED, REFRESH, id="over the token that it presented: goes on"),
        pytest.param(
            a_grant("found"), after(by=EARLIER), REFRESH, id="over the same token in an edited document: goes on"
        ),
        pytest.param(
            a_grant("found", seconds=-3600), PRESENTED, None, id="over tokens that are newer than it: is not wanted"
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            PRESENTED,
            REFRESH,
            id="a consent, over the tokens it followed: goes on, whatever it is taken for",
        ),
        pytest.param(a_grant("found"), SUCCESSOR, None, id="over a token that an operator put there: theirs stands"),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            SUCCESSOR,
            None,
            id="a consent, over a token that an operator put there: theirs stands",
        ),
        pytest.param(a_grant("found"), WITHOUT, None, id="where an operator took the token away: it stays away"),
        pytest.param(
            a_grant("found"), after(refresh_token="refreshed", refreshed=9), None, id="over another refresh: is late"
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            after(refresh_token="refreshed", refreshed=9),
            CONSENT,
            id="a consent, over a refresh that finished in between: goes on",
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            after(refresh_token="refreshed", refreshed=9, by=EARLIER),
            CONSENT,
            id="a consent, over a refresh of an earlier consent: goes on",
        ),
        pytest.param(
            a_grant("found").consented_by(EARLIER),
            after(refresh_token="consented", refreshed=9, by=IDENTITY),
            None,
            id="a consent, over a later one: is late",
        ),
        pytest.param(
            a_grant("found").consented_by(IDENTITY),
            after(refresh_token="consented", refreshed=9, by=IDENTITY),
            None,
            id="a consent, over another of the same second: is late",
        ),
        pytest.param(
            a_grant("presented", access_token="access-0"), PRESENTED, None, id="over itself: there is nothing to do"
        ),
    ],
)
def test_what_an_unclean_end_left_behind(grant: Grant, current: Credential, lineage: Lineage | None) -> None:
    assert lineage_of_found(grant, BASE, current) == lineage


def test_what_was_left_behind_goes_on_top_of_an_old_copy_from_before_its_own_base() -> None:
    old_copy = Credential.parse(WORLD.document(age=2 * AGE, refresh_token="before"))
    assert lineage_of_found(a_grant("found"), BASE, old_copy, LINE) == IN_A_LINE


def test_a_token_of_another_line_that_stands_in_the_place_of_what_was_left_behind_stays() -> None:
    assert lineage_of_found(a_grant("found"), BASE, SUCCESSOR, LINE[:2]) is None
