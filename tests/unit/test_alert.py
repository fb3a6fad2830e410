"""An alert, for machines and for people."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.alert import Alert, Event, Severity

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
ALERT = Alert(
    event=Event.RECONSENT_REQUIRED,
    credential="team/ads",
    summary="The credential team/ads stopped.",
    cause="The sign-in was revoked.",
    action="Open the link and sign in again.",
    at=AT,
    code="50173",
    correlation_id="00000000-0000-4000-8000-000000000009",
    expires_at=AT + timedelta(minutes=40),
    connect_url="https://connect.example.com/connect/team/ads?invite=x",
)
BARE = Alert(Event.CONNECTED, "ads", "Connected.", "", "", AT)
SECRET_NAMES = st.text(
    alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+=.@-", min_size=1, max_size=512
)


def test_machines_get_exactly_the_keys_of_the_contract() -> None:
    assert json.loads(ALERT.to_json()) == {
        "event": "reconsent_required",
        "severity": "critical",
        "credential": "team/ads",
        "summary": "The credential team/ads stopped.",
        "cause": "The sign-in was revoked.",
        "action": "Open the link and sign in again.",
        "code": "50173",
        "correlation_id": "00000000-0000-4000-8000-000000000009",
        "expires_at": "2026-01-31T09:40:00Z",
        "connect_url": "https://connect.example.com/connect/team/ads?invite=x",
        "at": "2026-01-31T09:00:00Z",
    }


def test_what_is_not_known_is_null_and_not_left_out() -> None:
    document = json.loads(BARE.to_json())
    assert list(document) == list(json.loads(ALERT.to_json()))
    assert [document[key] for key in ("code", "correlation_id", "expires_at", "connect_url")] == [None] * 4


def test_people_read_what_why_until_when_and_what_to_do() -> None:
    assert ALERT.to_text() == (
        "The credential team/ads stopped.\n\n"
        "Why: The sign-in was revoked.\n\n"
        "Pipelines keep working until 2026-01-31 09:40 UTC.\n\n"
        "What to do: Open the link and sign in again.\n\n"
        "The link:\nhttps://connect.example.com/connect/team/ads?invite=x\n\n"
        "Credential: team/ads\n"
        "Time: 2026-01-31 09:00 UTC\n"
        "Code: 50173\n"
        "Correlation ID (for Microsoft's support): 00000000-0000-4000-8000-000000000009\n"
    )


def test_a_token_that_has_ended_is_told_as_such() -> None:
    text = replace(ALERT, expires_at=AT - timedelta(hours=1)).to_text()
    assert "Pipelines have had no valid token since 2026-01-31 08:00 UTC." in text


def test_good_news_does_not_say_until_when() -> None:
    assert "Pipelines" not in replace(ALERT, event=Event.RECOVERED).to_text()


def test_an_empty_part_leaves_no_trace() -> None:
    assert BARE.to_text() == "Connected.\n\nCredential: ads\nTime: 2026-01-31 09:00 UTC\n"


@pytest.mark.parametrize(
    ("event", "severity", "subject"),
    [
        pytest.param(Event.RECONSENT_REQUIRED, Severity.CRITICAL, "Sign-in needed: ads", id="the user must act"),
        pytest.param(
            Event.OPERATOR_ACTION_REQUIRED, Severity.CRITICAL, "Operator action needed: ads", id="the operator must act"
        ),
        pytest.param(Event.REFRESH_AT_RISK, Severity.WARNING, "At risk: ads", id="at risk"),
        pytest.param(Event.EXPIRY_WARNING, Severity.WARNING, "Expires soon: ads", id="expires soon"),
        pytest.param(Event.CONNECTED, Severity.INFO, "Connected: ads", id="connected"),
        pytest.param(Event.RECOVERED, Severity.INFO, "Recovered: ads", id="recovered"),
    ],
)
def test_every_event_has_its_severity_and_subject(event: Event, severity: Severity, subject: str) -> None:
    assert (event.severity, replace(BARE, event=event).subject) == (severity, subject)


@given(st.sampled_from(Event), SECRET_NAMES)
def test_a_subject_is_one_that_sns_takes(event: Event, name: str) -> None:
    """ASCII, printable, no line break, at most 100 characters, for every name that a secret may have."""
    subject = replace(BARE, event=event, credential=name).subject
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject[0].isalnum()


@given(SECRET_NAMES)
def test_both_forms_name_the_credential_in_full(name: str) -> None:
    alert = replace(ALERT, credential=name)
    assert json.loads(alert.to_json())["credential"] == name
    assert f"Credential: {name}\n" in alert.to_text()
