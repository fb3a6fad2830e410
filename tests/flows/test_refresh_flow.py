"""The scheduled refresh, the alert and the reconnect, on the deployed stack."""

import json

import pytest

from local.stack.waiting import eventually
from local.story.consumer import fingerprint
from tests.flows.household import Household


def test_the_schedule_refreshes_and_rotates_again_and_again(household: Household) -> None:
    held = household.connected("rotated")
    lineages = [held.lineage]
    for _ in range(2):
        lineage = household.refreshed(held, since=held.consumer.version_id())
        assert lineage, household.entry("rotated")
        lineages.append(lineage)
    assert len(set(lineages)) == 3
    assert lineages[-1] == household.stack.identity_provider.newest_refresh_token(held.client_id)
    assert held.consumer.document()["note"] == "kept"


def test_a_strict_provider_never_sees_a_spent_refresh_token(household: Household) -> None:
    held = household.connected("strict")
    for _ in range(2):
        assert household.refreshed(held, since=held.consumer.version_id())
    journal = household.stack.identity_provider.journal(held.client_id)
    presented = [event["presented"] for event in journal if event["presented"]]
    assert len(presented) == len(set(presented)) >= 2
    assert {event["outcome"] for event in journal} == {"issued"}


def test_without_rotation_the_refresh_token_stays(household: Household) -> None:
    held = household.connected("unrotated")
    before, access_token = held.lineage, held.consumer.document()["access_token"]
    assert household.refreshed(held, since=held.consumer.version_id()) == before
    assert held.consumer.document()["access_token"] != access_token


def test_a_revoked_grant_alerts_once_and_the_link_reconnects(household: Household) -> None:
    held = household.connected("revoked")
    household.stack.identity_provider.revoke(held.client_id)
    link = household.link("revoked", after=1)
    assert household.reaches("revoked", "needs_consent")
    asked = len(household.stack.identity_provider.journal(held.client_id))
    assert household.consent(link).heading == "Connected"
    assert household.inbox.wait_for("revoked", "recovered")
    # Only the code exchange: no attempt with the rejected grant between the alert and the consent.
    assert len(household.stack.identity_provider.journal(held.client_id)) == asked + 1
    assert household.refreshed(held, since=held.consumer.version_id())
    assert sorted(household.events("revoked")) == ["connected", "reconsent_required", "reconsent_required", "recovered"]


@pytest.mark.exhaustive  # It waits until SQS delivers the message again.
def test_a_short_outage_sends_no_alert_and_loses_no_token(household: Household) -> None:
    held = household.connected("outage")
    before = held.lineage
    for fault in ("server_error", "no_access_token"):
        household.stack.identity_provider.fault(held.client_id, fault, times=1, seconds=1)
    assert household.reaches("outage", "retrying")
    assert eventually(lambda: held.lineage if held.lineage != before else None)
    assert household.reaches("outage", "healthy")
    assert held.lineage == household.stack.identity_provider.newest_refresh_token(held.client_id)


def test_a_grant_that_an_operator_imports_is_picked_up_and_kept_alive(household: Household) -> None:
    source = household.connected("import-source")
    document = source.consumer.document()
    imported = {key: document[key] for key in ("client_id", "client_secret", "refresh_token")}
    household.secrets.create_secret(Name=household.secret_id("imported"), SecretString=json.dumps(imported))
    assert household.reaches("imported", "healthy")
    held = household.held("imported", source.client_id, source.client_secret)
    assert held.consumer.document()["access_token"]
    assert household.events("imported") == []


def test_a_secret_added_by_hand_is_found_and_a_deleted_one_is_forgotten(household: Household) -> None:
    household.put("by-hand")
    assert household.reaches("by-hand", "awaiting_consent")
    household.secrets.delete_secret(SecretId=household.secret_id("by-hand"), RecoveryWindowInDays=7)
    assert eventually(lambda: not household.entry("by-hand"))


def test_an_operators_edit_is_attempted_without_a_request(household: Household) -> None:
    held = household.put("mended")
    assert household.reaches("mended", "needs_operator")
    household.edit(held, client_id=held.client_id)
    assert household.reaches("mended", "awaiting_consent")


def test_a_malformed_secret_is_reported_with_its_field_and_delays_no_other(household: Household) -> None:
    healthy = household.connected("beside-malformed")
    malformed = household.put("malformed")
    version = malformed.consumer.version_id()
    alert = household.inbox.wait_for("malformed", "operator_action_required")
    assert alert
    assert "tenant" in alert["cause"]
    assert alert["connect_url"] is None
    assert household.reaches("malformed", "needs_operator")
    assert household.refreshed(healthy, since=healthy.consumer.version_id())
    assert malformed.consumer.version_id() == version
    assert household.events("malformed") == ["operator_action_required"]


def test_a_consent_that_could_not_be_verified_is_verified_by_the_next_refresh(household: Household) -> None:
    """Microsoft Advertising did not answer during the consent."""
    verified = eventually(lambda: household.entry("unverified").get("account", {}).get("access") == "reachable")
    assert verified, household.entry("unverified").get("account")
    assert household.events("unverified") == ["reconsent_required", "connected"]


def test_a_lost_registry_is_rebuilt_from_the_secrets(household: Household) -> None:
    held = household.connected("rebuilt")
    table = household.stack.aws.table(household.stack.outputs["CredentialsTableName"])
    table.delete_item(Key={"name": "rebuilt"})
    entry = household.reaches("rebuilt", "healthy")
    assert entry
    assert entry["version_id"]
    assert fingerprint(held.consumer.document()["refresh_token"]) == held.lineage
