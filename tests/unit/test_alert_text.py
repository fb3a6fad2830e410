"""The text of an alert: its order, and what is left out where it is not known."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from tests.unit.test_alert import ALERT, AT, BARE, SECRET_NAMES
from token_refresher.alert import Alert, Event
from token_refresher.alert_text import mail


def test_people_read_the_answers_in_this_order() -> None:
    text, about = mail(ALERT).split("About this message: ")
    assert text == (
        "Somebody has to sign in again.\n\n"
        "What stopped: The renewal.\n"
        "Since when: 2026-01-31 08:55 UTC.\n"
        "Until when pipelines keep working: 2026-01-31 09:40 UTC.\n"
        "Why: The sign-in was revoked.\n"
        "Who has to act: Somebody.\n"
        "What to do: Open the link and sign in again.\n\n"
        "The link. It leads to a page that names the credential, and from there to Microsoft's own sign-in page."
        " It works once, and for some days; each reminder brings a new one. Give it only to whoever has to sign in:\n"
        "https://connect.example.com/connect/team/ads?invite=x\n\n"
        "For support\n"
        "Code: 50173\n"
        "What Microsoft says about it: https://learn.example.com/50173\n"
        "Correlation ID (for Microsoft's support): 00000000-0000-4000-8000-000000000009\n"
        "Credential: team/ads\n"
        "Runbook: https://wiki.example.com/operations#reconsent_required\n"
        "Sent: 2026-01-31 09:00 UTC\n\n"
    )
    assert "Token Refresher" in about
    assert about.endswith(".\n")


def test_what_is_not_known_leaves_no_trace() -> None:
    text, _ = mail(BARE).split("About this message: ")
    assert text == "Connected.\n\nFor support\nCredential: ads\nSent: 2026-01-31 09:00 UTC\n\n"


@pytest.mark.parametrize(
    ("alert", "line"),
    [
        pytest.param(replace(ALERT, event=Event.EXPIRY_WARNING, since=None), "It has not stopped yet.", id="a warning"),
        pytest.param(
            replace(BARE, since=AT - timedelta(hours=1)), "It had lasted since 2026-01-31 08:00 UTC.", id="over"
        ),
    ],
)
def test_since_when_is_answered_as_it_is(alert: Alert, line: str) -> None:
    assert f"\nSince when: {line}\n" in mail(alert)


def test_a_reminder_says_the_how_manyth_it_is() -> None:
    assert "\nSent: 2026-01-31 09:00 UTC (message 3 about this)\n" in mail(replace(ALERT, told=3))


def test_several_credentials_are_counted_and_named_and_many_not_all_named() -> None:
    text = mail(replace(ALERT, credential="c00", credentials=tuple(f"c{number:02}" for number in range(25))))
    assert "\nCredentials (25): c00, c01, " in text
    assert ", c19 and 5 more\n" in text


def test_what_is_about_everything_says_so() -> None:
    assert "\nCredential: team/ads first, and others\n" in mail(replace(ALERT, everything=True))


@given(SECRET_NAMES)
def test_the_name_of_a_credential_stands_there_in_full(name: str) -> None:
    assert f"\nCredential: {name}\n" in mail(replace(ALERT, credential=name))
