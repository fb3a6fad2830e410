"""The caveats of good news, one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.alerts import wording
from token_refresher.alerts.caveats import caveats_of
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.registry.entry import RegistryEntry

ENTRY = RegistryEntry("ads", "version-1", Status.HEALTHY, None, expires_at=START + timedelta(minutes=15))
SIGNED_IN = replace(ENTRY, identity=Identity("ads-owner@example.com", "tenant", "object", START))
PAUSED = replace(ENTRY, status=Status.PAUSED)
REACHED = KnownAccount("1234567", AccountAccess.REACHABLE, "Example Search", "Active")
UNVERIFIED = replace(REACHED, access=AccountAccess.UNVERIFIED)
OPERATOR_NOTIFIED = replace(UNVERIFIED, notified=Actor.OPERATOR, notified_at=START)
REFUSED = replace(REACHED, access=AccountAccess.REFUSED, notified=Actor.USER, notified_at=START)


@pytest.mark.parametrize(
    "account", [pytest.param(None, id="of no account"), pytest.param(REACHED, id="of its account")]
)
def test_a_credential_without_any_problem_has_no_caveat(account: KnownAccount | None) -> None:
    assert caveats_of(replace(ENTRY, account=account), START) == ()


@pytest.mark.parametrize(
    ("entry", "but"),
    [
        pytest.param(
            replace(ENTRY, account=UNVERIFIED),
            "it is not known yet whether it reaches the advertising account Example Search (1234567); each"
            " refresh checks it again",
            id="nobody knows whether it reaches its account",
        ),
        pytest.param(
            replace(ENTRY, account=replace(UNVERIFIED, notified_at=START)),
            "it is not known yet whether it reaches the advertising account Example Search (1234567); each"
            " refresh checks it again",
            id="people were notified that it was not reached before",
        ),
        pytest.param(
            replace(ENTRY, account=OPERATOR_NOTIFIED),
            "the operator still has to act before it is known whether it reaches the advertising account Example Search"
            " (1234567)",
            id="the operator was notified about the account",
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
def test_each_remaining_problem_is_a_caveat(entry: RegistryEntry, but: str) -> None:
    assert [one.but for one in caveats_of(entry, START)] == [but]


@pytest.mark.parametrize(
    ("entry", "who"),
    [
        pytest.param(replace(SIGNED_IN, account=OPERATOR_NOTIFIED), wording.OPERATOR, id="the operator"),
        pytest.param(
            replace(SIGNED_IN, account=REFUSED), wording.who(SIGNED_IN, Actor.USER), id="the person who signs in"
        ),
        pytest.param(
            replace(SIGNED_IN, account=UNVERIFIED),
            "Nobody, for now. You get a message if a person has to act.",
            id="nobody",
        ),
        pytest.param(
            replace(SIGNED_IN, account=replace(REACHED, status="Suspended")),
            "The person who manages the advertising account, if it should be active. If that is not you, pass it on.",
            id="the person who manages the account",
        ),
        pytest.param(
            PAUSED,
            "The operator, when ads should be renewed again. If that is not you, pass it on.",
            id="the operator, who has paused it",
        ),
    ],
)
def test_a_caveat_says_who_has_to_act(entry: RegistryEntry, who: str) -> None:
    assert [one.who for one in caveats_of(entry, START)] == [who]


def test_the_caveat_of_a_pause_comes_before_that_of_the_account() -> None:
    """During a pause no refresh checks the account either."""
    caveats = caveats_of(replace(PAUSED, account=OPERATOR_NOTIFIED), START)
    assert [one.but.partition(" ")[0] for one in caveats] == ["it", "the"]


@pytest.mark.parametrize(
    ("minutes", "until"),
    [
        pytest.param(
            15,
            "2026-01-31 09:15 UTC, 15 minutes after this was sent, unless the operator resumes ads before then.",
            id="it lasts",
        ),
        pytest.param(0, "They have no access with it until the operator resumes ads.", id="it has ended"),
    ],
)
def test_a_pause_says_until_when_the_access_lasts(minutes: int, until: str) -> None:
    (caveat,) = caveats_of(replace(PAUSED, expires_at=START + timedelta(minutes=minutes)), START)
    assert (caveat.stopped, caveat.until) == ("The renewal of ads, until the operator resumes it.", until)


def test_pipelines_that_are_refused_for_the_account_are_not_reported_as_going_on() -> None:
    (caveat,) = caveats_of(replace(ENTRY, account=REFUSED), START)
    assert (caveat.stopped, caveat.until) == (
        wording.account_stopped(replace(ENTRY, account=REFUSED), Actor.USER),
        wording.account_until(Actor.USER),
    )
