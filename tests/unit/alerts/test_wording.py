"""The phrases of alerts, one by one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.alerts import wording
from token_refresher.credential.account import KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.catalogue import Concern, meanings
from token_refresher.diagnosis.diagnosis import FIRST_CONSENT, MALFORMED_CREDENTIAL, TOO_MANY_VERSIONS, Actor, Diagnosis
from token_refresher.registry.entry import RegistryEntry

ENDS_AT = START + timedelta(minutes=15)
ENTRY = RegistryEntry("ads", "version-1", Status.NEEDS_OPERATOR, None, expires_at=ENDS_AT, client_id="app")
KNOWN = Identity("ads-owner@example.com", "tenant", "object", START)


def a_diagnosis(actor: Actor, code: str = "7", meaning: str = "") -> Diagnosis:
    return Diagnosis(code, actor, certain=True, cause="Why.", action="What to do.", meaning=meaning)


USER, OPERATOR = a_diagnosis(Actor.USER), a_diagnosis(Actor.OPERATOR)
ADMINISTRATOR, NOBODY = a_diagnosis(Actor.ADMINISTRATOR), a_diagnosis(Actor.NOBODY)
FIRST = a_diagnosis(Actor.USER, meaning=FIRST_CONSENT)
SLOWED = a_diagnosis(Actor.OPERATOR, meaning=TOO_MANY_VERSIONS)
MALFORMED = a_diagnosis(Actor.OPERATOR, code=f"{MALFORMED_CREDENTIAL}.client_id", meaning=MALFORMED_CREDENTIAL)
ENDED = replace(ENTRY, expires_at=START - timedelta(hours=1))
NEW = replace(ENTRY, expires_at=None)
EXPIRED = a_diagnosis(Actor.OPERATOR, code="7000222", meaning="client_secret_expired")
HEALTHY = replace(ENTRY, status=Status.HEALTHY)
SIGNED_IN = replace(ENTRY, identity=KNOWN)


@pytest.mark.parametrize(
    ("entry", "diagnosis", "sentence"),
    [
        pytest.param(
            SIGNED_IN,
            USER,
            "ads-owner@example.com has to sign in to Microsoft again, or pipelines that use ads stop at"
            " 2026-01-31 09:15 UTC.",
            id="who signed in last is named",
        ),
        pytest.param(
            ENDED,
            USER,
            "A person has to sign in to Microsoft again: pipelines that use ads have had no access since"
            " 2026-01-31 08:00 UTC.",
            id="access has ended already",
        ),
        pytest.param(
            NEW, FIRST, "A person has to sign in to Microsoft before pipelines can use ads.", id="the first sign-in"
        ),
        pytest.param(
            ENTRY,
            FIRST,
            "A person has to sign in to Microsoft, or pipelines that use ads stop at 2026-01-31 09:15 UTC.",
            id="the refresh token was taken out of a credential that works",
        ),
        pytest.param(
            ENTRY,
            OPERATOR,
            "The operator has to act, or pipelines that use ads stop at 2026-01-31 09:15 UTC.",
            id="the operator",
        ),
        pytest.param(
            ENTRY,
            ADMINISTRATOR,
            "An administrator of the Microsoft organization has to act, or pipelines that use ads stop at"
            " 2026-01-31 09:15 UTC.",
            id="an administrator",
        ),
        pytest.param(
            NEW,
            MALFORMED,
            "The operator has to correct a secret before pipelines can use ads.",
            id="a document that cannot be used",
        ),
        pytest.param(
            HEALTHY,
            SLOWED,
            "ads is refreshed too often and is held back: the operator has to find out why.",
            id="too many versions, which stops nothing",
        ),
        pytest.param(
            HEALTHY,
            OPERATOR,
            "The operator has to act before anybody can sign in for ads; pipelines are not affected.",
            id="only a new sign-in fails",
        ),
        pytest.param(
            HEALTHY,
            EXPIRED,
            "The operator has to act, or pipelines that use ads stop at 2026-01-31 09:15 UTC.",
            id="a sign-in was refused as the next refresh will be",
        ),
    ],
)
def test_a_summary_says_who_has_to_act_and_what_stops_when(
    entry: RegistryEntry, diagnosis: Diagnosis, sentence: str
) -> None:
    assert wording.summary(entry, diagnosis, START) == sentence


@pytest.mark.parametrize(
    ("entry", "diagnosis", "sentence"),
    [
        pytest.param(ENTRY, USER, "2026-01-31 09:15 UTC, 15 minutes after this was sent.", id="until the access ends"),
        pytest.param(ENDED, USER, "They have had no access since 2026-01-31 08:00 UTC.", id="it has ended"),
        pytest.param(
            replace(ENTRY, expires_at=START),
            USER,
            "They have had no access since 2026-01-31 09:00 UTC.",
            id="it ends now",
        ),
        pytest.param(NEW, FIRST, "They have no access with it yet.", id="there was none yet"),
        pytest.param(NEW, MALFORMED, "Not known: the secret cannot be read.", id="nobody knows"),
        pytest.param(
            ENTRY,
            MALFORMED,
            "2026-01-31 09:15 UTC, 15 minutes after this was sent."
            " That is earlier if they cannot read the secret either.",
            id="a document that pipelines may not be able to read",
        ),
        pytest.param(
            HEALTHY,
            SLOWED,
            "2026-01-31 09:15 UTC, 15 minutes after this was sent. That is later if the access is renewed before then.",
            id="too many versions",
        ),
        pytest.param(
            ENTRY,
            NOBODY,
            "2026-01-31 09:15 UTC, 15 minutes after this was sent. That is later if the access is renewed before then.",
            id="it may pass",
        ),
        pytest.param(
            HEALTHY, OPERATOR, "As long as it is renewed: they are not affected.", id="only a new sign-in fails"
        ),
        pytest.param(
            HEALTHY,
            EXPIRED,
            "2026-01-31 09:15 UTC, 15 minutes after this was sent.",
            id="a sign-in was refused as the next refresh will be",
        ),
    ],
)
def test_until_when_pipelines_keep_working(entry: RegistryEntry, diagnosis: Diagnosis, sentence: str) -> None:
    assert wording.until(entry, diagnosis, START) == sentence


@pytest.mark.parametrize(
    ("entry", "diagnosis", "words"),
    [
        pytest.param(ENTRY, USER, "The renewal of the credential ads,", id="the renewal"),
        pytest.param(NEW, FIRST, "Nothing. Pipelines", id="nothing, because it never began"),
        pytest.param(HEALTHY, SLOWED, "Nothing. ads is renewed later", id="nothing, because it goes on more slowly"),
        pytest.param(HEALTHY, OPERATOR, "Nothing. ads is still renewed", id="nothing, because only a sign-in fails"),
        pytest.param(HEALTHY, EXPIRED, "Nothing yet. The renewal of the credential ads,", id="nothing yet"),
        pytest.param(
            ENTRY, EXPIRED, "The renewal of the credential ads,", id="the renewal, because the secret has expired"
        ),
    ],
)
def test_what_has_stopped(entry: RegistryEntry, diagnosis: Diagnosis, words: str) -> None:
    assert wording.stopped(entry, diagnosis).startswith(words)


@pytest.mark.parametrize(
    ("entry", "actor", "words"),
    [
        pytest.param(
            SIGNED_IN,
            Actor.USER,
            "ads-owner@example.com, who signed in last time, or",
            id="the person who signed in last time",
        ),
        pytest.param(ENTRY, Actor.USER, "A person who may read the advertising account.", id="no person is known yet"),
        pytest.param(
            SIGNED_IN,
            Actor.ADMINISTRATOR,
            "(tenant) of ads-owner@example.com.",
            id="the organization of a known person",
        ),
        pytest.param(
            ENTRY, Actor.ADMINISTRATOR, "(tenant) of the person who signs in.", id="the person is not known yet"
        ),
        pytest.param(ENTRY, Actor.OPERATOR, "The operator, who keeps this credential's secret", id="the operator"),
        pytest.param(ENTRY, Actor.NOBODY, "Nobody, for now.", id="nobody"),
    ],
)
def test_who_has_to_act(entry: RegistryEntry, actor: Actor, words: str) -> None:
    assert words in wording.who(entry, actor)


def test_the_meanings_that_refuse_every_request_are_meanings_of_an_application() -> None:
    known = {name: row for name, row in meanings().items() if row.concerns is Concern.APPLICATION}
    assert set(known) > wording.REFUSED_AT_ALL
    assert set(known) - wording.REFUSED_AT_ALL == {
        "account_types",
        "app_permissions",
        "redirect_uri",
        "single_page_app",
    }


@pytest.mark.parametrize(
    ("expires_at", "words"),
    [
        pytest.param(ENDS_AT, "Nothing yet. Pipelines that", id="the access lasts"),
        pytest.param(START, "Pipelines that", id="the access has ended"),
        pytest.param(None, "Nothing yet. Pipelines that", id="there was none yet"),
    ],
)
def test_access_that_has_ended_is_not_reported_as_working(expires_at: datetime | None, words: str) -> None:
    assert wording.at_stake(replace(ENTRY, expires_at=expires_at), START).startswith(words)


@pytest.mark.parametrize(
    ("account", "name"),
    [
        pytest.param(
            KnownAccount("1234567", name="Example Search"),
            "the advertising account Example Search (1234567)",
            id="its name and its number",
        ),
        pytest.param(KnownAccount("1234567"), "the advertising account 1234567", id="its number alone"),
        pytest.param(None, "the advertising account", id="nothing is known"),
    ],
)
def test_an_account_is_named(account: KnownAccount | None, name: str) -> None:
    assert wording.account(replace(HEALTHY, account=account)) == name


@pytest.mark.parametrize(
    ("entry", "actor", "sentence"),
    [
        pytest.param(
            SIGNED_IN,
            Actor.USER,
            "A person with access to the advertising account has to sign in for ads, or ads-owner@example.com needs"
            " that access.",
            id="who signed in is known",
        ),
        pytest.param(
            ENTRY,
            Actor.USER,
            "A person with access to the advertising account has to sign in for ads, or the person who signed in last"
            " needs that access.",
            id="who signed in is not known",
        ),
        pytest.param(
            SIGNED_IN,
            Actor.OPERATOR,
            "The operator has to act before it is known whether ads reaches the advertising account.",
            id="the operator",
        ),
    ],
)
def test_an_account_that_is_not_reached_says_who_acts(entry: RegistryEntry, actor: Actor, sentence: str) -> None:
    assert wording.account_summary(entry, actor) == sentence


def test_an_account_that_is_not_reached_stops_only_pipelines_that_use_it() -> None:
    assert wording.account_stopped(HEALTHY, Actor.USER) == (
        "ads is renewed as always. But Microsoft Advertising refuses pipelines that use it for the advertising account."
    )
    assert wording.account_until(Actor.USER) == (
        "Pipelines that use this account are refused already. All others are not affected."
    )


def test_the_effect_on_pipelines_is_only_likely_if_the_operator_has_to_act() -> None:
    assert "most likely refuses" in wording.account_stopped(HEALTHY, Actor.OPERATOR)
    assert "most likely refused" in wording.account_until(Actor.OPERATOR)
