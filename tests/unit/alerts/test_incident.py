"""An incident that is a risk at first, and later needs a person: two alerts, and one end."""

from datetime import timedelta

from tests.fakes.manual_clock import START
from tests.fakes.world import World
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.incident import Incident
from token_refresher.registry.open_alert import Event, OpenAlert

HOUR = timedelta(hours=1)
RISK, NOTIFIED, OVER = Event.REFRESH_AT_RISK, Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED
KNOWN = Incident("authority#a", RISK, START).joined_by("ads-a", START).notified_of(RISK, START)


def message(event: Event) -> Alert:
    if event is OVER:
        return Alert(event, "ads-a", "Summary.", "", "", START)
    return Alert(event, "ads-a", "Summary.", "Why.", "What to do.", START, code="no_answer")


def test_a_raised_risk_is_not_yet_notified_and_remembers_the_warning() -> None:
    raised = KNOWN.raised(NOTIFIED)
    assert (raised.event, raised.notifications, raised.notified_at, raised.is_known) == (NOTIFIED, 0, None, True)
    assert raised.members == KNOWN.members


def test_an_incident_that_needs_a_person_does_not_become_a_risk_again() -> None:
    raised = KNOWN.raised(NOTIFIED).notified_of(NOTIFIED, START + HOUR)
    assert raised.raised(RISK) == raised
    assert raised.raised(NOTIFIED) == raised


def test_a_risk_without_an_alert_is_not_known() -> None:
    assert not Incident("authority#a", RISK, START).raised(NOTIFIED).is_known


def test_a_warning_that_is_published_while_the_risk_is_raised_does_not_count_as_the_alert() -> None:
    raised = Incident("authority#a", RISK, START).claimed("ads-a", START).raised(NOTIFIED)
    notified = raised.notified_of(RISK, START)
    assert (notified.notifications, notified.is_known, notified.claimed_by) == (0, True, "")


def test_an_incident_lasts_since_the_first_credential_failed() -> None:
    assert KNOWN.joined_by("ads-b", START - HOUR).joined_by("ads-c", START).since == START - HOUR


def test_the_next_incident_starts_without_the_alerts_of_the_last() -> None:
    over = KNOWN.raised(NOTIFIED).left_by("ads-a", works=True).over(START)
    assert not over.is_known
    assert not over.next(RISK, START + HOUR).is_known


def test_a_raised_risk_ends_with_one_message_although_its_alert_was_not_published() -> None:
    world = World()
    shared = world.alerting.shared
    shared.join("authority#a", RISK, "ads-a", lambda _: message(RISK), has_reminders=False)
    shared.join("authority#a", NOTIFIED, "ads-a", lambda _: message(NOTIFIED), may_notify=False)
    shared.leave(
        OpenAlert(RISK, "at_risk", START, START, incident="authority#a"),
        "ads-a",
        lambda _: message(OVER),
        works=True,
    )
    assert world.topic.events == [RISK, OVER]


def test_a_worker_that_may_not_notify_leaves_the_alert_to_the_next_one() -> None:
    world = World()
    shared = world.alerting.shared
    assert (
        shared.join("authority#a", NOTIFIED, "held-back", lambda _: message(NOTIFIED), may_notify=False).notifications
        == 0
    )
    assert shared.join("authority#a", NOTIFIED, "tried", lambda _: message(NOTIFIED)).notifications == 1
    assert world.topic.events == [NOTIFIED]


def test_a_warning_of_another_credential_does_not_stand_for_the_alert_that_somebody_has_to_act() -> None:
    """Tokens with different lifetimes: one has been gone for an hour while another is about to end."""
    world = World()
    shared = world.alerting.shared
    shared.join("authority#a", NOTIFIED, "held-back", lambda _: message(NOTIFIED), may_notify=False)
    shared.join("authority#a", RISK, "about-to-end", lambda _: message(RISK), has_reminders=False)
    shared.join("authority#a", NOTIFIED, "tried", lambda _: message(NOTIFIED))
    assert world.topic.events == [NOTIFIED]
