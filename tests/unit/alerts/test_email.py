"""The mail of an alert: the order of its lines, and no line for an unknown fact."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from tests.unit.alerts.test_alert import ALERT, AT, BARE, SECRET_NAMES
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.email import mail
from token_refresher.registry.open_alert import Event


def test_people_read_the_answers_in_this_order() -> None:
    text, about = mail(ALERT).split("About this message: ")
    assert text == (
        "A person has to sign in again.\n\n"
        "What stopped: The renewal.\n"
        "Since when: 2026-01-31 08:55 UTC.\n"
        "Until when pipelines keep working: 2026-01-31 09:40 UTC.\n"
        "Why: The sign-in was revoked.\n"
        "Who has to act: A person.\n"
        "What to do: Open the link and sign in again.\n\n"
        "The link. It leads to a page that names the credential, and from there to Microsoft's own sign-in page."
        " It works once, and only for some days. Each reminder brings a new one. Give it only to the person who has to"
        " sign in:\n"
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


def test_an_unknown_fact_has_no_line() -> None:
    text, _ = mail(BARE).split("About this message: ")
    assert text == "Connected.\n\nFor support\nCredential: ads\nSent: 2026-01-31 09:00 UTC\n\n"


@pytest.mark.parametrize(
    ("alert", "line"),
    [
        pytest.param(
            replace(ALERT, event=Event.EXPIRY_WARNING, since=None), "Nothing has stopped yet.", id="a warning"
        ),
        pytest.param(replace(BARE, since=AT - timedelta(hours=1)), "It lasted since 2026-01-31 08:00 UTC.", id="over"),
    ],
)
def test_the_mail_says_since_when(alert: Alert, line: str) -> None:
    assert f"\nSince when: {line}\n" in mail(alert)


def test_a_reminder_says_its_number() -> None:
    assert "\nSent: 2026-01-31 09:00 UTC (message 3 about this)\n" in mail(replace(ALERT, notifications=3))


def test_several_credentials_are_counted_and_at_most_twenty_are_named() -> None:
    text = mail(replace(ALERT, credential="c00", credentials=tuple(f"c{number:02}" for number in range(25))))
    assert "\nCredentials (25): c00, c01, " in text
    assert ", c19 and 5 more\n" in text


def test_an_alert_about_all_credentials_says_so() -> None:
    assert "\nCredential: team/ads first, and others\n" in mail(replace(ALERT, everything=True))


@given(SECRET_NAMES)
def test_the_name_of_a_credential_is_never_cut(name: str) -> None:
    assert f"\nCredential: {name}\n" in mail(replace(ALERT, credential=name))
