"""The messages of every event, for everything that can be wrong and every state that a credential can be in."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.fake_topic import check
from tests.fakes.manual_clock import START, ManualClock
from tests.fakes.world import PUBLIC_URL, RUNBOOK_URL
from token_refresher.account import AccountAccess, KnownAccount
from token_refresher.alert import Alert, Event
from token_refresher.alert_text import mail
from token_refresher.alerting import event_for
from token_refresher.connect_link import ConnectLinks
from token_refresher.diagnosis import (
    Actor,
    Diagnosis,
    diagnose_malformed,
    first_consent,
    held_back,
    tokens_kept,
    too_many_versions,
)
from token_refresher.errors import MalformedCredentialError
from token_refresher.grant import Identity
from token_refresher.incident import Incident
from token_refresher.meaning import aadsts_codes, meanings
from token_refresher.messages import Messages, Telling
from token_refresher.registry_entry import RegistryEntry
from token_refresher.sensitive import Sensitive
from token_refresher.status import Status, status_for

MINUTE = timedelta(minutes=1)
OWNER = Identity("ads-owner@example.com", "tenant", "object", START)
ENTRY = RegistryEntry("ads", "version-1", Status.HEALTHY, None, expires_at=START + 15 * MINUTE, client_id="app")
SHARING = ("ads", "more-ads", "video")
SINCE = START - 5 * MINUTE
LINKS = ConnectLinks(lambda: [Sensitive("planted-signing-key")], PUBLIC_URL, timedelta(days=7), ManualClock())
MESSAGES = Messages(LINKS, RUNBOOK_URL, ManualClock())

STATES = {
    "its access lasts": ENTRY,
    "its access lasts, and who signed in is known": replace(ENTRY, identity=OWNER),
    "its access ends now": replace(ENTRY, expires_at=START, identity=OWNER),
    "its access has ended": replace(ENTRY, expires_at=START - 60 * MINUTE),
    "it never had access": replace(ENTRY, expires_at=None),
}
QUESTIONS = ("What stopped", "Since when", "Until when pipelines keep working", "Why", "Who has to act", "What to do")


def every_diagnosis() -> dict[str, Diagnosis]:
    """Return what each row of the data says, by its name, and what the code says itself."""
    of_data = {
        key: Diagnosis(key, row.actor, row.certain, row.cause, row.action, correlation_id="0-1", meaning=row.name)
        for key, row in {**meanings(), **{str(number): row for number, row in aadsts_codes().items()}}.items()
    }
    return {
        **of_data,
        "a storm": too_many_versions(START + MINUTE),
        "a key that is missing": diagnose_malformed(MalformedCredentialError("client_id", "is missing")),
        "no JSON": diagnose_malformed(MalformedCredentialError(None, "the secret is not a JSON object")),
    }


DIAGNOSES = every_diagnosis()


def messages_of(entry: RegistryEntry, diagnosis: Diagnosis) -> Iterator[Alert]:
    """Yield every message that can carry a diagnosis."""
    if not diagnosis.actor.is_somebody:
        yield MESSAGES.at_risk(entry, diagnosis, Telling(SINCE))
        yield MESSAGES.authority_down(entry, diagnosis, Incident("authority#1", Event.REFRESH_AT_RISK, SINCE, ("ads",)))
        return
    for waiting in (entry, replace(entry, status=status_for(diagnosis))):
        for told in (1, 2):
            yield MESSAGES.action_needed(event_for(diagnosis), waiting, diagnosis, Telling(SINCE, told, "generation"))
        if diagnosis.actor is not Actor.ADMINISTRATOR:
            for account in (None, KnownAccount("1234567"), KnownAccount("1234567", name="Example Search")):
                beside = replace(waiting, account=account)
                yield MESSAGES.account_not_reached(beside, diagnosis, Telling(SINCE, generation="generation"))
        if diagnosis.actor is Actor.OPERATOR:
            for affected, sharing in ((("ads",), ("ads",)), (("ads",), SHARING), (SHARING, SHARING)):
                incident = Incident("application#1", Event.OPERATOR_ACTION_REQUIRED, SINCE, affected, affected)
                yield MESSAGES.application_refused(waiting, diagnosis, incident, sharing)


REACHED = KnownAccount("1234567", AccountAccess.REACHABLE, "Example Search", "Active")
UNVERIFIED = replace(REACHED, access=AccountAccess.UNVERIFIED)
RESERVED: dict[str, dict[str, Any]] = {
    "nobody knows whether it reaches its account": {"account": UNVERIFIED},
    "the operator has to act for its account": {"account": replace(UNVERIFIED, told=Actor.OPERATOR, told_at=SINCE)},
    "it is refused for its account": {"account": replace(REACHED, access=AccountAccess.REFUSED, told=Actor.USER)},
    "its account is suspended": {"account": replace(REACHED, status="Suspended")},
    "it is paused": {"status": Status.PAUSED},
    "it is paused, and nobody knows of its account": {"status": Status.PAUSED, "account": UNVERIFIED},
}


def good_news(entry: RegistryEntry) -> Iterator[Alert]:
    """Yield every message that asks nobody for anything."""
    over = Incident("application#1", Event.OPERATOR_ACTION_REQUIRED, SINCE, (), SHARING, told=1)
    yield MESSAGES.all_recovered(entry, over)
    yield MESSAGES.all_recovered(entry, replace(over, members=("ads",)))
    yield from good_news_of_one(replace(entry, account=REACHED))
    yield from good_news_of_one(entry)


def good_news_of_one(entry: RegistryEntry) -> Iterator[Alert]:
    """Yield every message that says of one credential that it works."""
    yield MESSAGES.connected(entry, OWNER, None)
    yield MESSAGES.connected(entry, replace(OWNER, username=""), SINCE)
    yield MESSAGES.recovered(entry, SINCE)
    if entry.account is not None and entry.account.access is AccountAccess.REACHABLE:
        yield MESSAGES.account_reached(entry, SINCE)


def warnings_ahead(entry: RegistryEntry) -> Iterator[Alert]:
    """Yield every warning of what is going to end."""
    for days in (1, 30):
        yield MESSAGES.secret_expires(entry, START + timedelta(days=days), days, ("ads",))
        yield MESSAGES.secret_expires(entry, START + timedelta(days=days), days, SHARING)
        yield MESSAGES.refresh_token_old(entry, START - timedelta(days=days), timedelta(days=days))


def reads_well(alert: Alert) -> None:
    """Fail unless a person can read the text, on a phone, in full, and without learning a secret."""
    check(alert)
    text = mail(alert)
    assert text.endswith(".\n")
    assert "\n\n\n" not in text
    assert all(name in text for name in alert.named), "a credential is not named"
    assert not re.search(r"\bNone\b|\[\]|\{|\}", text), "a value that is no word"
    assert not re.search(r"\S{401}", text), "a line that cannot be broken"
    assert not re.search(r"  |\.\.(?!\.)|: \.|,,", text.replace("...", "")), "a gap where words are missing"
    assert max(len(line) for line in text.splitlines()) < 700, "a wall of text"
    assert len(alert.summary) < 250, "too long for a locked phone"
    assert "planted" not in text + alert.to_json()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("key", DIAGNOSES)
def test_whatever_is_wrong_every_message_about_it_reads_well(key: str, state: str) -> None:
    for alert in messages_of(STATES[state], DIAGNOSES[key]):
        reads_well(alert)
        text = mail(alert)
        assert [f"\n{question}: " in text for question in QUESTIONS] == [True] * len(QUESTIONS)
        assert f"\nCode: {alert.code}\n" in text


@pytest.mark.parametrize("state", STATES)
def test_good_news_reads_well_and_asks_for_nothing(state: str) -> None:
    for alert in good_news(STATES[state]):
        reads_well(alert)
        assert "nobody has to do anything" in alert.summary
        assert "\nWhat to do" not in mail(alert)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reservation", RESERVED)
def test_good_news_with_a_reservation_does_not_say_that_nobody_has_to_do_anything(reservation: str, state: str) -> None:
    """The event and the answers for machines stay those of good news."""
    entry = replace(STATES[state], account=REACHED)
    reserved = replace(entry, **RESERVED[reservation])
    for alert, well in zip(good_news_of_one(reserved), good_news_of_one(entry), strict=False):
        reads_well(alert)
        assert "obody has to do anything" not in mail(alert)
        assert "All clear" not in alert.summary
        assert ", but " in alert.summary
        assert (alert.event, alert.cause, alert.action, alert.since) == (well.event, "", "", well.since)
        assert json.loads(alert.to_json()).keys() == json.loads(well.to_json()).keys()


@pytest.mark.parametrize("paused", [status for name, status in RESERVED.items() if "paused" in name])
def test_what_is_paused_is_not_said_to_be_renewed(paused: dict[str, Any]) -> None:
    text = mail(MESSAGES.connected(replace(ENTRY, **paused), OWNER, None))
    assert "is renewed before" not in text
    assert "Nothing" not in text


@pytest.mark.parametrize("state", STATES)
def test_warnings_of_what_is_going_to_end_read_well(state: str) -> None:
    for alert in warnings_ahead(STATES[state]):
        reads_well(alert)
        assert "Nothing yet." in mail(alert)


@pytest.mark.parametrize("state", STATES)
def test_microsoft_is_not_blamed_for_what_aws_does_not_store(state: str) -> None:
    alert = MESSAGES.at_risk(STATES[state], tokens_kept(), Telling(SINCE))
    assert "AWS does not store the new access of ads" in alert.summary
    assert "Microsoft's" not in mail(alert)


@pytest.mark.parametrize("key", [key for key, one in DIAGNOSES.items() if one.actor is Actor.USER])
def test_whoever_has_to_sign_in_gets_a_link_and_is_told_where_it_leads(key: str) -> None:
    for alert in messages_of(ENTRY, DIAGNOSES[key]):
        assert (alert.connect_url or "").startswith(f"{PUBLIC_URL}/connect/ads?invite=")
        assert f"Give it only to whoever has to sign in:\n{alert.connect_url}\n" in mail(alert)


@pytest.mark.parametrize("key", [key for key, one in DIAGNOSES.items() if one.actor is not Actor.USER])
def test_nobody_else_gets_a_link(key: str) -> None:
    assert {alert.connect_url for alert in messages_of(ENTRY, DIAGNOSES[key])} == {None}


def test_a_link_for_an_unknown_consent_is_not_made() -> None:
    alert = MESSAGES.action_needed(Event.RECONSENT_REQUIRED, ENTRY, first_consent(), Telling(SINCE))
    assert alert.connect_url is None


def test_an_incident_never_begins_after_it_was_told() -> None:
    """Whoever noted when it began may have a clock that is ahead."""
    ahead = START + timedelta(seconds=2)
    alerts = [
        MESSAGES.at_risk(ENTRY, tokens_kept(), Telling(ahead)),
        MESSAGES.recovered(ENTRY, ahead),
        MESSAGES.all_recovered(ENTRY, Incident("application#1", Event.RECOVERED, ahead, (), SHARING)),
    ]
    assert [alert.since for alert in alerts] == [START] * 3


# --- Several credentials ------------------------------------------------------------------------------------------


def refused(affected: tuple[str, ...], sharing: tuple[str, ...], entry: RegistryEntry = ENTRY) -> Alert:
    incident = Incident("application#app", Event.OPERATOR_ACTION_REQUIRED, SINCE, affected, affected, told=1)
    waiting = replace(entry, status=Status.NEEDS_OPERATOR)
    return MESSAGES.application_refused(waiting, DIAGNOSES["a key that is missing"], incident, sharing)


@pytest.mark.parametrize(
    ("affected", "sharing", "words"),
    [
        pytest.param(
            ("ads",),
            ("ads",),
            "or pipelines that use ads stop at 2026-01-31 09:15 UTC.",
            id="one, and there is no other",
        ),
        pytest.param(
            ("ads",),
            SHARING,
            "or pipelines of up to 3 credentials stop, those that use ads at 2026-01-31 09:15 UTC.",
            id="one, and others are going to",
        ),
        pytest.param(
            SHARING,
            SHARING,
            "or pipelines of 3 credentials stop, those that use ads at 2026-01-31 09:15 UTC.",
            id="all of them",
        ),
    ],
)
def test_a_summary_counts_what_an_application_stops(
    affected: tuple[str, ...], sharing: tuple[str, ...], words: str
) -> None:
    assert refused(affected, sharing).summary.endswith(words)


def test_what_a_new_credential_meets_is_not_said_of_those_that_work() -> None:
    assert refused(("ads",), SHARING, replace(ENTRY, expires_at=None)).summary == (
        "The operator has to act before pipelines can use ads;"
        " others that sign in as the same application may stop, too."
    )


def test_a_message_about_an_application_concerns_all_that_share_it() -> None:
    """Whoever listens for one of the others hears of it now: they are told once, and not once for each."""
    assert refused(("ads",), SHARING).concerned == SHARING


def test_a_message_about_an_application_says_which_have_stopped_and_which_are_going_to() -> None:
    stopped = refused(("ads", "video"), SHARING).stopped
    assert "It has stopped for: ads, video." in stopped
    assert stopped.endswith("unless they hold another client secret: more-ads.")


@pytest.mark.parametrize(
    ("affected", "sharing", "stopped"),
    [
        pytest.param(
            ("ads",),
            ("ads",),
            "Nothing yet. The renewal of the credential ads, with which pipelines read Microsoft Advertising, stops"
            " with its next refresh unless this is mended before. It signs in as the application app.",
            id="one, and there is no other",
        ),
        pytest.param(
            ("ads",),
            SHARING,
            "Nothing yet. The renewal of the credential ads, with which pipelines read Microsoft Advertising, stops"
            " with its next refresh unless this is mended before. It signs in as the application app. It will stop"
            " for these too, unless they hold another client secret: more-ads, video.",
            id="one, and others are going to",
        ),
        pytest.param(
            ("ads", "video"),
            ("ads", "video"),
            "The renewal of others has stopped: video. The renewal of the credential ads, with which pipelines read"
            " Microsoft Advertising, stops with its next refresh unless this is mended before. It signs in as the"
            " application app.",
            id="one, after others have",
        ),
    ],
)
def test_nothing_is_said_to_have_stopped_where_a_sign_in_met_it_first(
    affected: tuple[str, ...], sharing: tuple[str, ...], stopped: str
) -> None:
    """It is renewed until now, and its pipelines keep working until its access ends."""
    incident = Incident("application#app", Event.OPERATOR_ACTION_REQUIRED, SINCE, affected, affected)
    alert = MESSAGES.application_refused(ENTRY, DIAGNOSES["client_secret_expired"], incident, sharing)
    assert alert.stopped == stopped
    assert ("It has not stopped yet." in mail(alert)) is (affected == ("ads",))
    assert "2026-01-31 09:15 UTC, 15 minutes after this was sent." in alert.until
    assert "stop" in alert.summary


@pytest.mark.parametrize(
    ("sharing", "more"),
    [
        pytest.param(("ads",), "", id="one, and there is no other"),
        pytest.param(SHARING, " It most likely fails for these, too: more-ads, video.", id="one of several"),
    ],
)
def test_nothing_is_said_to_stop_where_only_signing_in_fails(sharing: tuple[str, ...], more: str) -> None:
    incident = Incident("application#app", Event.OPERATOR_ACTION_REQUIRED, SINCE, ("ads",), ("ads",))
    alert = MESSAGES.application_refused(ENTRY, DIAGNOSES["redirect_uri"], incident, sharing)
    assert alert.stopped == (
        f"Nothing. ads is still renewed; what fails is signing in for it anew, as the application app.{more}"
    )
    assert alert.summary.endswith("before anybody can sign in for ads; pipelines are not affected.")
    assert (alert.until, alert.concerned) == ("As long as it is renewed: they do not notice.", sharing)


def test_what_is_down_for_everybody_is_about_all_credentials() -> None:
    incident = Incident("authority#1", Event.REFRESH_AT_RISK, SINCE, ("ads", "video"), ("ads", "video"))
    alert = MESSAGES.authority_down(ENTRY, held_back(), incident)
    assert (alert.subject, alert.named) == ("At risk: many credentials", ("ads", "video"))


def test_the_end_of_what_stopped_several_says_of_no_single_one_that_it_works() -> None:
    """The last one may have left because something else is wrong with it, or because it is gone."""
    over = Incident("application#1", Event.OPERATOR_ACTION_REQUIRED, SINCE, (), SHARING, told=1)
    alert = MESSAGES.all_recovered(replace(ENTRY, status=Status.NEEDS_CONSENT), over)
    assert (alert.expires_at, alert.concerned) == (None, SHARING)
    assert "what was reported about ads, more-ads, video is over" in alert.summary


# --- Which of the two a consent was -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "event", "words"),
    [
        pytest.param(None, Event.CONNECTED, "ads-owner@example.com connected ads", id="for the first time"),
        pytest.param(SINCE, Event.RECOVERED, "ads-owner@example.com reconnected ads", id="after an incident"),
    ],
)
def test_a_consent_is_told_with_who_gave_it(since: Any, event: Event, words: str) -> None:
    alert = MESSAGES.connected(ENTRY, OWNER, since)
    assert alert.event is event
    assert words in alert.summary
