"""The command on the deployed local stack, as an operator and their scripts use it."""

import json
from typing import Any

import pytest

from local.stack.waiting import eventually
from local.story.application import ACCOUNT_ID, Application
from local.story.consumer import fingerprint
from local.story.operator import Operator, Printed
from tests.commands.conftest import AN_HOUR
from tests.flows.household import PERSON, Held, Household

PERSON_NEEDED = 5
NOT_FOUND = 3


def read(printed: Printed) -> Any:
    assert printed.exit_code == 0, printed.stderr
    return json.loads(printed.stdout)


def add(operator: Operator, household: Household, name: str, **settings: Any) -> Held:
    """Add a credential with the command, with its secrets in the environment, and connect it."""
    application = Application.register(
        operator.stack, planted="planted-client-secret", access_token_lifetime_seconds=AN_HOUR, **settings
    )
    secrets = {
        "TOKEN_REFRESHER_CLIENT_SECRET": application.client_secret,
        "TOKEN_REFRESHER_DEVELOPER_TOKEN": "planted-developer-token",
    }
    options = ["--client-id", application.client_id, "--account-id", ACCOUNT_ID, "--customer-id", "7654321"]
    added = read(operator.run("add", name, *options, "--output", "json", "--yes", variables=secrets))
    assert added["redirect_uri"] == operator.stack.outputs["CallbackUrl"]
    assert household.consent(added["connect_url"]).heading == "Connected"
    return household.held(name, application.client_id, application.client_secret)


def entry(operator: Operator, name: str) -> dict[str, Any]:
    listed = read(operator.run("list", "--output", "json"))
    [row] = [row for row in listed["credentials"] if row["name"] == name]
    return dict(row)


def outcomes(operator: Operator, held: Held) -> list[str]:
    return [str(event["outcome"]) for event in operator.stack.identity_provider.journal(held.client_id)]


@pytest.fixture(scope="module")
def acme(operator: Operator, household: Household) -> Held:
    return add(operator, household, "acme-bing-ads")


def test_a_credential_that_was_added_is_connected_by_the_link_that_was_printed(operator: Operator, acme: Held) -> None:
    shown = entry(operator, acme.name)
    assert shown["status"] == "healthy"
    assert acme.consumer.call_ads_api() == 200


def test_list_names_who_consented_to_a_pipe(operator: Operator, acme: Held) -> None:
    listed = operator.run("list")
    assert listed.exit_code == 0, listed.stderr
    assert PERSON in listed.stdout
    assert "\x1b" not in listed.stdout, "there are colours in a pipe"


def test_a_refresh_on_demand_rotates_the_refresh_token_before_it_is_due(operator: Operator, acme: Held) -> None:
    presented, version = acme.lineage, acme.consumer.version_id()
    refreshed = operator.run("refresh", acme.name)
    assert refreshed.exit_code == 0, refreshed.stderr
    assert acme.lineage != presented
    assert acme.consumer.version_id() != version
    assert {presented, acme.lineage} <= set(refreshed.stdout.replace(",", " ").replace(".", " ").split())


def test_token_prints_what_a_pipeline_reads_and_nothing_else(operator: Operator, acme: Held) -> None:
    printed = operator.run("token", acme.name)
    assert printed.exit_code == 0, printed.stderr
    assert fingerprint(printed.stdout.strip()) == fingerprint(acme.consumer.document()["access_token"])


def test_verify_asks_microsoft_advertising_for_the_account(operator: Operator, acme: Held) -> None:
    verified = operator.run("verify", acme.name)
    assert verified.exit_code == 0, verified.stderr
    assert PERSON in verified.stdout
    assert ACCOUNT_ID in verified.stdout


def test_verify_ends_with_the_code_for_a_person_if_the_account_is_not_reached(operator: Operator, acme: Held) -> None:
    operator.stack.identity_provider.fault(acme.client_id, "ads_error", code=106)
    assert operator.run("verify", acme.name).exit_code == PERSON_NEEDED


def test_show_and_history_know_the_consent_and_the_refreshes(operator: Operator, acme: Held) -> None:
    shown = operator.run("show", acme.name, "--output", "json")
    assert PERSON in json.dumps(read(shown))
    history = operator.run("history", acme.name)
    assert history.exit_code == 0, history.stderr
    assert "refreshed" in history.stdout
    assert "connected" in history.stdout


def test_a_key_that_is_set_survives_the_next_rotation(operator: Operator, acme: Held) -> None:
    assert operator.run("set", acme.name, "note=of the operator").exit_code == 0
    assert operator.run("refresh", acme.name).exit_code == 0
    assert acme.consumer.document()["note"] == "of the operator"


def test_export_holds_no_secret_unless_asked(operator: Operator, acme: Held) -> None:
    document = acme.consumer.document()
    secrets = [document[key] for key in ("client_secret", "developer_token", "refresh_token", "access_token")]
    exported, in_clear = operator.run("export"), operator.run("export", "--with-secrets", "--yes")
    assert read(exported)
    assert not [secret for secret in secrets if secret in exported.stdout + exported.stderr]
    assert not [secret for secret in secrets if secret not in in_clear.stdout]


def test_a_paused_credential_has_that_status_tag_and_is_not_refreshed_until_it_is_resumed(
    operator: Operator, household: Household, acme: Held
) -> None:
    version = acme.consumer.version_id()
    assert operator.run("pause", acme.name).exit_code == 0
    assert household.tagged(acme.name, "paused")
    assert operator.run("refresh", acme.name).exit_code != 0
    assert acme.consumer.version_id() == version
    assert operator.run("resume", acme.name).exit_code == 0
    assert household.tagged(acme.name, "healthy")


def test_pipelines_read_that_a_credential_is_paused_and_that_it_is_resumed(
    operator: Operator, household: Household, acme: Held
) -> None:
    def read_by_pipelines() -> dict[str, Any]:
        secret = f"token-refresher-consumers/{acme.name}"
        value: dict[str, Any] = json.loads(household.secrets.get_secret_value(SecretId=secret)["SecretString"])
        return value

    def status(wanted: str) -> bool:
        return eventually(lambda: bool(read_by_pipelines()["status"] == wanted))

    assert operator.run("publish", acme.name).exit_code == 0
    assert status("healthy")
    token = read_by_pipelines()["access_token"]
    assert operator.run("pause", acme.name).exit_code == 0
    assert status("paused")
    assert read_by_pipelines()["access_token"] == token
    assert operator.run("resume", acme.name).exit_code == 0
    assert status("healthy")


def test_a_client_secret_is_replaced_after_a_successful_refresh_with_it(
    operator: Operator, household: Household
) -> None:
    held = add(operator, household, "rotating-its-secret", newer_client_secret="planted-newer-client-secret")
    done = operator.run("rotate-client-secret", held.name, "--stdin", stdin="planted-newer-client-secret\n")
    assert done.exit_code == 0, done.stderr
    document = held.consumer.document()
    assert document["client_secret"] == "planted-newer-client-secret"
    assert "previous_client_secret" not in document


def test_a_client_secret_that_microsoft_refuses_is_put_back_and_no_alert_is_sent(
    operator: Operator, household: Household
) -> None:
    held = add(operator, household, "keeping-its-secret")
    done = operator.run("rotate-client-secret", held.name, "--stdin", stdin="planted-wrong-client-secret\n")
    assert done.exit_code == PERSON_NEEDED, done.stderr
    document = held.consumer.document()
    assert document["client_secret"] == held.client_secret
    assert "previous_client_secret" not in document
    assert entry(operator, held.name)["status"] == "healthy"
    assert "operator_action_required" not in household.events(held.name)


def test_a_refresh_of_a_revoked_grant_ends_with_the_code_for_a_person(operator: Operator, household: Household) -> None:
    held = add(operator, household, "revoked")
    operator.stack.identity_provider.revoke(held.client_id)
    refreshed = operator.run("refresh", held.name)
    assert refreshed.exit_code == PERSON_NEEDED, refreshed.stderr
    assert "token-refresher link revoked" in refreshed.stdout + refreshed.stderr
    assert operator.run("refresh", held.name).exit_code == PERSON_NEEDED

    def since_the_sign_in() -> list[str]:
        events = household.events(held.name)
        # On a slow machine a tick comes before the first sign-in, and sends an alert for it.
        return events[events.index("connected") + 1 :] if "connected" in events else events

    assert eventually(lambda: since_the_sign_in() == ["reconsent_required"]), household.events(held.name)


@pytest.mark.exhaustive  # A rename waits for a lease.
def test_a_renamed_credential_keeps_its_grant_and_leaves_a_pointer(operator: Operator, household: Household) -> None:
    held = add(operator, household, "old-name", rotation="strict")
    presented = held.lineage
    renamed = operator.run("rename", held.name, "new-name")
    assert renamed.exit_code == 0, renamed.stderr
    new = household.held("new-name", held.client_id, held.client_secret)
    assert operator.run("refresh", new.name).exit_code == 0
    assert new.lineage != presented
    pointer = held.consumer.document()
    assert pointer["moved_to"] == household.secret_id(new.name)
    assert not {"refresh_token", "client_secret"} & pointer.keys()
    assert operator.run("refresh", held.name).exit_code == NOT_FOUND
    assert "reuse_detected" not in outcomes(operator, held)


def test_a_removed_credential_is_forgotten_and_can_be_restored(operator: Operator, household: Household) -> None:
    held = add(operator, household, "removed")
    assert operator.run("remove", held.name, "--yes").exit_code == 0
    assert not household.entry(held.name)
    assert operator.run("show", held.name).exit_code == NOT_FOUND
    household.secrets.restore_secret(SecretId=household.secret_id(held.name))
    assert operator.run("show", held.name).exit_code == 0


def test_the_doctor_finds_a_secret_that_is_not_a_credential(
    operator: Operator, household: Household, acme: Held
) -> None:
    before = operator.run("doctor", "--output", "json", "--only", "secrets")
    assert before.exit_code == 0, before.stdout
    household.secrets.create_secret(Name=household.secret_id("broken"), SecretString="{}")
    try:
        after = operator.run("doctor", "--output", "json", "--only", "secrets")
    finally:
        household.secrets.delete_secret(SecretId=household.secret_id("broken"), ForceDeleteWithoutRecovery=True)
    assert after.exit_code == 11, after.stdout
    assert "client_id is missing" in after.stdout


def test_a_completion_of_a_shell_offers_the_names(operator: Operator, acme: Held) -> None:
    variables = {
        "_TOKEN_REFRESHER_COMPLETE": "complete_bash",
        "COMP_WORDS": "token-refresher show ac",
        "COMP_CWORD": "2",
    }
    assert acme.name in operator.run(variables=variables).stdout.split()
