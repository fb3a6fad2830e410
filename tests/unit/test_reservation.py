"""What good news has to say beside itself, one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher import phrases
from token_refresher.account import AccountAccess, KnownAccount
from token_refresher.diagnosis import Actor
from token_refresher.grant import Identity
from token_refresher.registry_entry import RegistryEntry
from token_refresher.reservation import reservations
from token_refresher.status import Status

ENTRY = RegistryEntry("ads", "version-1", Status.HEALTHY, None, expires_at=START + timedelta(minutes=15))
SIGNED_IN = replace(ENTRY, identity=Identity("ads-owner@example.com", "tenant", "object", START))
PAUSED = replace(ENTRY, status=Status.PAUSED)
REACHED = KnownAccount("1234567", AccountAccess.REACHABLE, "Example Search", "Active")
UNVERIFIED = replace(REACHED, access=AccountAccess.UNVERIFIED)
OPERATOR_TOLD = replace(UNVERIFIED, told=Actor.OPERATOR, told_at=START)
REFUSED = replace(REACHED, access=AccountAccess.REFUSED, told=Actor.USER, told_at=START)


@pytest.mark.parametrize(
    "account", [pytest.param(None, id="of no account"), pytest.param(REACHED, id="of its account")]
)
def test_of_what_is_as_it_should_be_there_is_nothing_else_to_say(account: KnownAccount | None) -> None:
    assert reservations(replace(ENTRY, account=account), START) == ()


@pytest.mark.parametrize(
    ("entry", "but"),
    [
        pytest.param(
            replace(ENTRY, account=UNVERIFIED),
            "it is not known yet whether it reaches the advertising account Example Search (1234567); that is asked"
            " with every refresh",
            id="nobody knows whether it reaches its account",
        ),
        pytest.param(
            replace(ENTRY, account=replace(UNVERIFIED, told_at=START)),
            "it is not known yet whether it reaches the advertising account Example Search (1234567); that is asked"
            " with every refresh",
            id="whoever signed in before did not reach it",
        ),
        pytest.param(
            replace(ENTRY, account=OPERATOR_TOLD),
            "the operator still has to act before it is known whether it reaches the advertising account Example Search"
            " (1234567)",
            id="the operator was told to act for the account",
        ),
        pytest.param(
            replace(ENTRY, account=REFUSED),
            "Microsoft Advertising refused it for the advertising account Example Search (1234567) when it was last"
            " asked",
            id="the person is refused",
        ),
        pytest.param(
            replace(ENTRY, account=replace(REACHED, status="Suspended")),
            "reports may be empty: when Microsoft Advertising was last asked, the account was Suspended",
            id="the account is not active",
        ),
        pytest.param(
            PAUSED, "it is paused: its access is not renewed until the operator resumes it", id="it is paused"
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_said(entry: RegistryEntry, but: str) -> None:
    assert [one.but for one in reservations(entry, START)] == [but]


@pytest.mark.parametrize(
    ("entry", "who"),
    [
        pytest.param(replace(SIGNED_IN, account=OPERATOR_TOLD), phrases.OPERATOR, id="the operator"),
        pytest.param(replace(SIGNED_IN, account=REFUSED), phrases.who(SIGNED_IN, Actor.USER), id="whoever signs in"),
        pytest.param(
            replace(SIGNED_IN, account=UNVERIFIED),
            "Nobody, for now. You get a message if somebody has to.",
            id="nobody",
        ),
        pytest.param(
            replace(SIGNED_IN, account=replace(REACHED, status="Suspended")),
            "Whoever manages the advertising account, if it is to be active. If that is not you, pass it on.",
            id="whoever manages the account",
        ),
        pytest.param(
            PAUSED,
            "The operator, once ads is to be renewed again. If that is not you, pass it on.",
            id="whoever has paused it",
        ),
    ],
)
def test_who_has_to_act_is_said(entry: RegistryEntry, who: str) -> None:
    assert [one.who for one in reservations(entry, START)] == [who]


def test_a_pause_goes_before_what_is_to_be_said_of_the_account() -> None:
    """While it lasts, nobody asks about the account either."""
    found = reservations(replace(PAUSED, account=OPERATOR_TOLD), START)
    assert [one.but.partition(" ")[0] for one in found] == ["it", "the"]


@pytest.mark.parametrize(
    ("minutes", "until"),
    [
        pytest.param(
            15,
            "2026-01-31 09:15 UTC, 15 minutes after this was sent, unless the operator resumes ads before.",
            id="it lasts",
        ),
        pytest.param(0, "They have no access with it until the operator resumes ads.", id="it has ended"),
    ],
)
def test_a_pause_says_until_when_the_access_lasts(minutes: int, until: str) -> None:
    (found,) = reservations(replace(PAUSED, expires_at=START + timedelta(minutes=minutes)), START)
    assert (found.stopped, found.until) == ("The renewal of ads, until the operator resumes it.", until)


def test_pipelines_that_are_refused_for_the_account_are_not_said_to_go_on() -> None:
    (found,) = reservations(replace(ENTRY, account=REFUSED), START)
    assert (found.stopped, found.until) == (
        phrases.account_stopped(replace(ENTRY, account=REFUSED), Actor.USER),
        phrases.account_until(Actor.USER),
    )
