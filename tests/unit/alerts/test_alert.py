"""An alert for machines: its JSON, the schema of the JSON, and the subject."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from local.story.schemas import ALERT_SCHEMA
from token_refresher.alerts.alert import Alert
from token_refresher.registry.open_alert import Event, Severity

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
ALERT = Alert(
    event=Event.RECONSENT_REQUIRED,
    credential="team/ads",
    summary="A person has to sign in again.",
    cause="The sign-in was revoked.",
    action="Open the link and sign in again.",
    at=AT,
    code="50173",
    correlation_id="00000000-0000-4000-8000-000000000009",
    expires_at=AT + timedelta(minutes=40),
    connect_url="https://connect.example.com/connect/team/ads?invite=x",
    stopped="The renewal.",
    until="2026-01-31 09:40 UTC.",
    who="A person.",
    since=AT - timedelta(minutes=5),
    help_url="https://learn.example.com/50173",
    runbook_url="https://wiki.example.com/operations#reconsent_required",
)
BARE = Alert(Event.CONNECTED, "ads", "Connected.", "", "", AT)
SECRET_NAMES = st.text(
    alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+=.@-", min_size=1, max_size=512
)
DOCUMENT: dict[str, Any] = json.loads(ALERT.to_json())


def test_machines_get_exactly_the_keys_of_the_contract() -> None:
    assert DOCUMENT == {
        "event": "reconsent_required",
        "severity": "critical",
        "credential": "team/ads",
        "credentials": ["team/ads"],
        "summary": "A person has to sign in again.",
        "cause": "The sign-in was revoked.",
        "action": "Open the link and sign in again.",
        "code": "50173",
        "correlation_id": "00000000-0000-4000-8000-000000000009",
        "expires_at": "2026-01-31T09:40:00Z",
        "connect_url": "https://connect.example.com/connect/team/ads?invite=x",
        "at": "2026-01-31T09:00:00Z",
    }


def test_an_unknown_fact_is_null_and_not_left_out() -> None:
    document = json.loads(BARE.to_json())
    assert list(document) == list(DOCUMENT)
    assert [document[key] for key in ("code", "correlation_id", "expires_at", "connect_url")] == [None] * 4


# --- Which credentials --------------------------------------------------------------------------------------------


def test_the_credential_that_failed_first_is_named_first_and_once() -> None:
    alert = replace(ALERT, credential="b", credentials=("a", "b", "c"))
    assert json.loads(alert.to_json())["credentials"] == ["b", "a", "c"]


def test_the_credential_that_failed_first_is_named_however_many_there_are() -> None:
    alert = replace(ALERT, credential="last", credentials=(*(f"c{number}" for number in range(300)), "last"))
    assert (len(alert.named), alert.named[0], len(alert.concerned)) == (100, "last", 301)


# --- The schema ---------------------------------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    return dict(json.loads(ALERT_SCHEMA.path.read_text("utf-8")))


def test_the_schema_has_the_keys_that_machines_get_and_says_what_they_mean() -> None:
    properties = schema()["properties"]
    assert set(properties) == set(schema()["required"]) == set(DOCUMENT)
    assert all(len(rule["description"]) > 20 for rule in properties.values())


@pytest.mark.parametrize(("key", "values"), [("event", Event), ("severity", Severity)])
def test_the_schema_knows_the_values_of_the_code(key: str, values: type[Event] | type[Severity]) -> None:
    assert schema()["properties"][key]["enum"] == [str(value) for value in values]


def test_the_schema_says_what_each_event_means() -> None:
    description = schema()["properties"]["event"]["description"]
    assert all(f"{event}: " in description for event in Event)


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(ALERT, id="with everything"),
        pytest.param(BARE, id="with the fewest facts"),
        pytest.param(replace(ALERT, connect_url=None), id="without a link"),
        pytest.param(replace(ALERT, credentials=("team/ads", "other")), id="of two credentials"),
    ],
)
def test_the_json_of_an_alert_fits_the_schema(alert: Alert) -> None:
    ALERT_SCHEMA.validate(json.loads(alert.to_json()))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"more": 1}, id="a key that was not promised"),
        pytest.param({"event": "sign_in"}, id="an unknown event"),
        pytest.param({"severity": "info"}, id="the severity of another event"),
        pytest.param({"event": "operator_action_required"}, id="a link although a sign-in does not help"),
        pytest.param({"connect_url": "https://connect.example.com/"}, id="a link without an invite"),
        pytest.param({"credentials": []}, id="no credential"),
        pytest.param({"credentials": ["ads", "ads"]}, id="a name twice"),
        pytest.param({"credentials": [f"c{number}" for number in range(101)]}, id="more names than a message holds"),
        pytest.param({"at": "2026-01-31T09:00:00+00:00"}, id="a time that is not written with Z"),
        pytest.param({"expires_at": "soon"}, id="a text that is no time"),
        pytest.param({"summary": ""}, id="no summary"),
        pytest.param({"summary": "Two\nlines."}, id="a summary of two lines"),
        pytest.param({"cause": ""}, id="no cause although a person has to act"),
        pytest.param({"action": ""}, id="no action although a person has to act"),
        pytest.param({"code": None}, id="no code although a person has to act"),
        pytest.param(
            {"event": "expiry_warning", "severity": "warning", "connect_url": None, "expires_at": None},
            id="an expiry without a day",
        ),
        pytest.param({"event": "recovered", "severity": "info", "connect_url": None}, id="good news with a cause"),
    ],
)
def test_a_change_of_the_contract_does_not_fit_the_schema(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ALERT_SCHEMA.validate({**DOCUMENT, **changes})


@pytest.mark.parametrize("key", list(DOCUMENT))
def test_a_message_that_lacks_a_key_does_not_fit_the_schema(key: str) -> None:
    with pytest.raises(ValidationError):
        ALERT_SCHEMA.validate({name: value for name, value in DOCUMENT.items() if name != key})


# --- The subject --------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        pytest.param({"notifications": 2}, "Reminder: Connected: ads", id="a reminder says so"),
        pytest.param({"credentials": ("ads", "b", "c")}, "Connected: ads and 2 more", id="others are counted"),
        pytest.param({"credentials": ("ads",)}, "Connected: ads", id="a single credential is not counted"),
        pytest.param(
            {"everything": True}, "Connected: many credentials", id="an alert about all credentials names none"
        ),
        pytest.param({"credential": "x" * 88}, f"Connected: {'x' * 88}", id="99 characters fit"),
        pytest.param({"credential": "x" * 89}, f"Connected: {'x' * 85}...", id="a name that is cut ends with dots"),
        pytest.param(
            {"credential": "x" * 89, "credentials": ("a", "b")},
            f"Connected: {'x' * 74}... and 2 more",
            id="a name that is cut still counts the others",
        ),
    ],
)
def test_a_subject_says_what_happened_and_to_which_credential(changes: dict[str, Any], subject: str) -> None:
    assert replace(BARE, **changes).subject == subject


@given(st.sampled_from(Event), SECRET_NAMES, st.integers(1, 2000), st.integers(1, 30), st.booleans())
def test_a_subject_is_one_that_sns_takes(event: Event, name: str, count: int, notified: int, everything: bool) -> None:
    """ASCII, printable, no line break, fewer than 100 characters, beginning with a letter; for whatever name."""
    credentials = tuple(f"c{number}" for number in range(count))
    alert = replace(
        BARE, event=event, credential=name, credentials=credentials, notifications=notified, everything=everything
    )
    subject = alert.subject
    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject[0].isalpha()


@given(SECRET_NAMES)
def test_machines_get_the_name_in_full(name: str) -> None:
    document = json.loads(replace(ALERT, credential=name).to_json())
    assert (document["credential"], document["credentials"]) == (name, [name])
    ALERT_SCHEMA.validate(document)
