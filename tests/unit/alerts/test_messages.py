"""The messages of every event, for every diagnosis and every state of a credential."""

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
from tests.grids import sampled
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.alerting import event_for
from token_refresher.alerts.email import mail
from token_refresher.alerts.incident import Incident
from token_refresher.alerts.messages import Messages
from token_refresher.alerts.notification import Notification
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import MICROSOFT
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status, status_for
from token_refresher.diagnosis.catalogue import aadsts_codes, meanings
from token_refresher.diagnosis.diagnosis import (
    Actor,
    Diagnosis,
    diagnose,
    diagnose_malformed,
    first_consent,
    held_back,
    tokens_kept,
    too_many_versions,
)
from token_refresher.invites.links import ConnectLinks
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event

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
RIGHT = "secretsmanager:DescribeSecret"
"""The right that the code names in the texts about a missing right."""
QUESTIONS = ("What stopped", "Since when", "Until when pipelines keep working", "Why", "Who has to act", "What to do")


def every_diagnosis() -> dict[str, Diagnosis]:
    """Return the diagnosis of each row of the data, by its name, and those that the code makes itself."""
    of_data = {
        key: Diagnosis(
            key,
            row.actor,
            row.certain,
            row.of(MICROSOFT).cause,
            row.of(MICROSOFT).action.format(right=RIGHT),
            correlation_id="0-1",
            meaning=row.name,
        )
        for key, row in {**meanings(), **{str(number): row for number, row in aadsts_codes().items()}}.items()
    }
    return {
        **of_data,
        "too many versions": too_many_versions(START + MINUTE),
        "a key that is missing": diagnose_malformed(MalformedCredentialError("client_id", "is missing")),
        "no JSON": diagnose_malformed(MalformedCredentialError(None, "the secret is not a JSON object")),
    }


DIAGNOSES = every_diagnosis()


def messages_of(entry: RegistryEntry, diagnosis: Diagnosis) -> Iterator[Alert]:
    """Yield every message that can carry a diagnosis."""
    if not diagnosis.actor.must_act:
        yield MESSAGES.at_risk(entry, diagnosis, Notification(SINCE))
        yield MESSAGES.authority_down(entry, diagnosis, Incident("authority#1", Event.REFRESH_AT_RISK, SINCE, ("ads",)))
        return
    for waiting in (entry, replace(entry, status=status_for(diagnosis))):
        for notified in (1, 2):
            yield MESSAGES.action_needed(
                event_for(diagnosis), waiting, diagnosis, Notification(SINCE, notified, "generation")
            )
        if diagnosis.actor is not Actor.ADMINISTRATOR:
            for account in (None, KnownAccount("1234567"), KnownAccount("1234567", name="Example Search")):
                beside = replace(waiting, account=account)
                yield MESSAGES.account_not_reached(beside, diagnosis, Notification(SINCE, generation="generation"))
        if diagnosis.actor is Actor.OPERATOR:
            for affected, sharing in ((("ads",), ("ads",)), (("ads",), SHARING), (SHARING, SHARING)):
                incident = Incident("application#1", Event.OPERATOR_ACTION_REQUIRED, SINCE, affected, affected)
                yield MESSAGES.application_refused(waiting, diagnosis, incident, sharing)


REACHED = KnownAccount("1234567", AccountAccess.REACHABLE, "Example Search", "Active")
UNVERIFIED = replace(REACHED, access=AccountAccess.UNVERIFIED)
CAVEATS: dict[str, dict[str, Any]] = {
    "nobody knows whether it reaches its account": {"account": UNVERIFIED},
    "the operator has to act for its account": {
        "account": replace(UNVERIFIED, notified=Actor.OPERATOR, notified_at=SINCE)
    },
    "it is refused for its account": {"account": replace(REACHED, access=AccountAccess.REFUSED, notified=Actor.USER)},
    "its account is suspended": {"account": replace(REACHED, status="Suspended")},
    "it is paused": {"status": Status.PAUSED},
    "it is paused, and nobody knows of its account": {"status": Status.PAUSED, "account": UNVERIFIED},
}


def good_news(entry: RegistryEntry) -> Iterator[Alert]:
    """Yield every message after which nobody has to act."""
    over = Incident("application#1", Event.OPERATOR_ACTION_REQUIRED, SINCE, (), SHARING, notifications=1)
    yield MESSAGES.all_recovered(entry, over)
    yield MESSAGES.all_recovered(entry, replace(over, members=("ads",)))
    yield from good_news_of_one(replace(entry, account=REACHED))
    yield from good_news_of_one(entry)


def good_news_of_one(entry: RegistryEntry) -> Iterator[Alert]:
    """Yield every message about one credential that works again."""
    yield MESSAGES.connected(entry, OWNER, None)
    yield MESSAGES.connected(entry, replace(OWNER, username=""), SINCE)
    yield MESSAGES.recovered(entry, SINCE)
    if entry.account is not None and entry.account.access is AccountAccess.REACHABLE:
        yield MESSAGES.account_reached(entry, SINCE)


def expiry_warnings(entry: RegistryEntry) -> Iterator[Alert]:
    """Yield every expiry warning."""
    for days in (1, 30):
        yield MESSAGES.secret_expires(entry, START + timedelta(days=days), days, ("ads",))
        yield MESSAGES.secret_expires(entry, START + timedelta(days=days), days, SHARING)
        yield MESSAGES.refresh_token_old(entry, START - timedelta(days=days), timedelta(days=days), timedelta(days=90))
        yield MESSAGES.sign_in_ends(entry, START + timedelta(days=days), days, "")


def reads_well(alert: Alert) -> None:
    """Fail unless a person can read the text, on a phone, in full, and without learning a secret."""
    check(alert)
    text = mail(alert)
    assert text.endswith(".\n")
    assert "\n\n\n" not in text
    assert all(name in text for name in alert.named), "a credential is not named"
    assert not re.search(r"\bNone\b|\[\]|\{|\}", text), "a value instead of a word"
    assert not re.search(r"\S{401}", text), "a line that cannot be broken"
    assert not re.search(r"  |\.\.(?!\.)|: \.|,,", text.replace("...", "")), "a gap where words are missing"
    assert max(len(line) for line in text.splitlines()) < 700, "a wall of text"
    assert len(alert.summary) < 250, "too long for a locked phone"
    assert "planted" not in text + alert.to_json()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("key", sampled(DIAGNOSES))
def test_every_message_about_every_diagnosis_reads_well(key: str, state: str) -> None:
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
@pytest.mark.parametrize("caveat", CAVEATS)
def test_good_news_with_a_caveat_does_not_say_that_nobody_has_to_do_anything(caveat: str, state: str) -> None:
    """The event and the facts for machines stay those of good news."""
    entry = replace(STATES[state], account=REACHED)
    with_caveat = replace(entry, **CAVEATS[caveat])
    for alert, well in zip(good_news_of_one(with_caveat), good_news_of_one(entry), strict=False):
        reads_well(alert)
        assert "obody has to do anything" not in mail(alert)
        assert "All clear" not in alert.summary
        assert ", but " in alert.summary
        assert (alert.event, alert.cause, alert.action, alert.since) == (well.event, "", "", well.since)
        assert json.loads(alert.to_json()).keys() == json.loads(well.to_json()).keys()


@pytest.mark.parametrize("paused", [status for name, status in CAVEATS.items() if "paused" in name])
def test_a_message_about_a_paused_credential_does_not_promise_a_renewal(paused: dict[str, Any]) -> None:
    text = mail(MESSAGES.connected(replace(ENTRY, **paused), OWNER, None))
    assert "is renewed before" not in text
    assert "Nothing" not in text


@pytest.mark.parametrize("state", STATES)
def test_expiry_warnings_read_well(state: str) -> None:
    for alert in expiry_warnings(STATES[state]):
        reads_well(alert)
        assert "Nothing yet." in mail(alert)


@pytest.mark.parametrize("state", STATES)
def test_microsoft_is_not_blamed_if_aws_does_not_store_the_tokens(state: str) -> None:
    alert = MESSAGES.at_risk(STATES[state], tokens_kept(), Notification(SINCE))
    assert "AWS does not store the new access of ads" in alert.summary
    assert "Microsoft's" not in mail(alert)


@pytest.mark.parametrize("key", sampled(key for key, one in DIAGNOSES.items() if one.actor is Actor.USER))
def test_the_person_who_has_to_sign_in_gets_a_link_and_reads_where_it_leads(key: str) -> None:
    for alert in messages_of(ENTRY, DIAGNOSES[key]):
        assert (alert.connect_url or "").startswith(f"{PUBLIC_URL}/connect/ads?invite=")
        assert f"Give it only to the person who has to sign in:\n{alert.connect_url}\n" in mail(alert)


@pytest.mark.parametrize("key", sampled(key for key, one in DIAGNOSES.items() if one.actor is not Actor.USER))
def test_nobody_else_gets_a_link(key: str) -> None:
    assert {alert.connect_url for alert in messages_of(ENTRY, DIAGNOSES[key])} == {None}


def test_a_link_for_an_unknown_consent_is_not_made() -> None:
    alert = MESSAGES.action_needed(Event.RECONSENT_REQUIRED, ENTRY, first_consent(), Notification(SINCE))
    assert alert.connect_url is None


def test_an_incident_never_begins_after_its_message() -> None:
    """Another machine, whose clock is ahead, may have recorded when it began."""
    ahead = START + timedelta(seconds=2)
    alerts = [
        MESSAGES.at_risk(ENTRY, tokens_kept(), Notification(ahead)),
        MESSAGES.recovered(ENTRY, ahead),
        MESSAGES.all_recovered(ENTRY, Incident("application#1", Event.RECOVERED, ahead, (), SHARING)),
    ]
    assert [alert.since for alert in alerts] == [START] * 3


# --- Several credentials ------------------------------------------------------------------------------------------


def refused(affected: tuple[str, ...], sharing: tuple[str, ...], entry: RegistryEntry = ENTRY) -> Alert:
    incident = Incident("application#app", Event.OPERATOR_ACTION_REQUIRED, SINCE, affected, affected, notifications=1)
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
            id="one, and others will follow",
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


def test_a_refusal_of_a_new_credential_is_not_reported_for_those_that_work() -> None:
    assert refused(("ads",), SHARING, replace(ENTRY, expires_at=None)).summary == (
        "The operator has to act before pipelines can use ads;"
        " others that sign in as the same application may stop, too."
    )


def test_a_message_about_an_application_concerns_all_that_share_it() -> None:
    """A subscriber to one of the others is notified now: there is one message, and not one for each credential."""
    assert refused(("ads",), SHARING).concerned == SHARING


def test_a_message_about_an_application_says_which_have_stopped_and_which_will_stop() -> None:
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
            " with its next refresh unless this is corrected before then. It signs in as the application app.",
            id="one, and there is no other",
        ),
        pytest.param(
            ("ads",),
            SHARING,
            "Nothing yet. The renewal of the credential ads, with which pipelines read Microsoft Advertising, stops"
            " with its next refresh unless this is corrected before then. It signs in as the application app. It"
            " will stop for these too, unless they hold another client secret: more-ads, video.",
            id="one, and others will follow",
        ),
        pytest.param(
            ("ads", "video"),
            ("ads", "video"),
            "The renewal of others has stopped: video. The renewal of the credential ads, with which pipelines read"
            " Microsoft Advertising, stops with its next refresh unless this is corrected before then. It signs in as"
            " the application app.",
            id="one, after others have",
        ),
    ],
)
def test_nothing_is_reported_as_stopped_if_a_sign_in_was_refused_first(
    affected: tuple[str, ...], sharing: tuple[str, ...], stopped: str
) -> None:
    """It is renewed until now, and its pipelines keep working until its access ends."""
    incident = Incident("application#app", Event.OPERATOR_ACTION_REQUIRED, SINCE, affected, affected)
    alert = MESSAGES.application_refused(ENTRY, DIAGNOSES["client_secret_expired"], incident, sharing)
    assert alert.stopped == stopped
    assert ("Nothing has stopped yet." in mail(alert)) is (affected == ("ads",))
    assert "2026-01-31 09:15 UTC, 15 minutes after this was sent." in alert.until
    assert "stop" in alert.summary


@pytest.mark.parametrize(
    ("sharing", "more"),
    [
        pytest.param(("ads",), "", id="one, and there is no other"),
        pytest.param(SHARING, " It most likely fails for these, too: more-ads, video.", id="one of several"),
    ],
)
def test_nothing_is_reported_as_stopped_if_only_a_sign_in_fails(sharing: tuple[str, ...], more: str) -> None:
    incident = Incident("application#app", Event.OPERATOR_ACTION_REQUIRED, SINCE, ("ads",), ("ads",))
    alert = MESSAGES.application_refused(ENTRY, DIAGNOSES["redirect_uri"], incident, sharing)
    assert alert.stopped == (
        f"Nothing. ads is still renewed. Only a new sign-in for it, as the application app, fails.{more}"
    )
    assert alert.summary.endswith("before anybody can sign in for ads; pipelines are not affected.")
    assert (alert.until, alert.concerned) == ("As long as it is renewed: they are not affected.", sharing)


def test_an_outage_is_about_all_credentials() -> None:
    incident = Incident("authority#1", Event.REFRESH_AT_RISK, SINCE, ("ads", "video"), ("ads", "video"))
    alert = MESSAGES.authority_down(ENTRY, held_back(), incident)
    assert (alert.subject, alert.named) == ("At risk: many credentials", ("ads", "video"))


def test_the_end_of_a_shared_incident_does_not_say_that_each_credential_works() -> None:
    """The last one may have left because something else is wrong with it, or because it was deleted."""
    over = Incident("application#1", Event.OPERATOR_ACTION_REQUIRED, SINCE, (), SHARING, notifications=1)
    alert = MESSAGES.all_recovered(replace(ENTRY, status=Status.NEEDS_CONSENT), over)
    assert (alert.expires_at, alert.concerned) == (None, SHARING)
    assert "the problem reported for ads, more-ads, video is over" in alert.summary


# --- The two events of a consent ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "event", "words"),
    [
        pytest.param(None, Event.CONNECTED, "ads-owner@example.com connected ads", id="for the first time"),
        pytest.param(SINCE, Event.RECOVERED, "ads-owner@example.com reconnected ads", id="after an incident"),
    ],
)
def test_the_message_of_a_consent_names_the_person(since: Any, event: Event, words: str) -> None:
    alert = MESSAGES.connected(ENTRY, OWNER, since)
    assert alert.event is event
    assert words in alert.summary


@pytest.mark.parametrize("reason", Reason)
def test_the_message_of_a_failed_connection_has_its_cause_and_its_remedy(reason: Reason) -> None:
    diagnosis = diagnose(ProviderFailure(FailureKind.NOT_SENT, 407, reason=reason))
    alert = MESSAGES.at_risk(ENTRY, diagnosis, Notification(SINCE))
    assert alert.code == reason
    assert diagnosis.cause in mail(alert)
    assert diagnosis.if_it_lasts(MICROSOFT) in mail(alert)
    reads_well(alert)
