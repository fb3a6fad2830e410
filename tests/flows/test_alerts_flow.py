"""Notifications of the deployed stack: one alert for an application, a warning ahead of time, and the status tags."""

from local.stack.waiting import eventually
from tests.flows.household import Household


def test_two_credentials_of_one_application_are_one_alert_and_one_recovery(household: Household) -> None:
    first = household.connected("shared-first")
    second = household.connected("shared-second", client_id=first.client_id, client_secret=first.client_secret)
    both = [first.name, second.name]
    for held in (first, second):
        household.edit(held, client_secret="planted-wrong-client-secret")
    for held in (first, second):
        assert household.reaches(held.name, "needs_operator"), household.entry(held.name)
        tags = household.tagged(held.name, "needs_operator")
        assert tags
        assert "7000215" in tags["token-refresher:reason"]
    notified = [alert for name in both for alert in household.inbox.of(name, "operator_action_required")]
    assert len(notified) == 1
    assert sorted(notified[0]["credentials"]) == sorted(both)
    for held in (first, second):
        household.edit(held, client_secret=first.client_secret)
    assert eventually(lambda: _of_all(household, both, "recovered"))
    for held in (first, second):
        assert household.reaches(held.name, "healthy")
        assert household.tagged(held.name, "healthy")
    assert len(_of_all(household, both, "recovered")) == 1
    assert len(_of_all(household, both, "operator_action_required")) == 1


def test_one_warning_is_sent_of_a_client_secret_that_expires_soon(household: Household) -> None:
    held = household.connected("expiring")
    alert = household.inbox.wait_for("expiring", "expiry_warning")
    assert alert
    assert (alert["code"], alert["expires_at"]) == (
        "client_secret_expires_at",
        held.consumer.document()["client_secret_expires_at"],
    )
    assert household.refreshed(held, since=held.consumer.version_id())
    assert len(household.inbox.of("expiring", "expiry_warning")) == 1


def _of_all(household: Household, names: list[str], event: str) -> list[dict[str, object]]:
    """Return the alerts that concern any of these credentials, each once."""
    household.inbox.collect()
    return [
        alert
        for alert in household.inbox.received
        if event == alert["event"] and set(names) & set(alert["credentials"])
    ]
