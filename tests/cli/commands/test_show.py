"""``token-refresher show``."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.commands.test_list import TOKENS, healthy, refuse
from tests.cli.desk import CLIENT_ID, NOW, Desk
from tests.cli.function_logs import FunctionLogs
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.registry.outcome import LastRequest, Outcome, Result

NAME = "acme-bing-ads"


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> FunctionLogs:
    return FunctionLogs.behind(monkeypatch)


def shown(desk: Desk) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(desk.done("show", NAME, "--output", "json"))
    return answer


def revoked() -> Diagnosis:
    return diagnose(
        ProviderFailure(FailureKind.REFUSED, 400, error="invalid_grant", codes=(50173,), correlation_id="0000-0009")
    )


def test_a_healthy_credential_is_shown_with_what_a_person_wants_to_know(desk: Desk) -> None:
    healthy(desk, developer_token="planted-developer", note="planted-note")
    printed = desk.done("show", NAME)
    assert printed.startswith("acme-bing-ads: healthy; refreshed in 20 minutes\n")
    for line in (
        "  Good              until 2026-11-22 09:45 UTC, 45 minutes",
        "  Refresh token     of 2026-11-12 09:00 UTC, 10 days old",
        "  By                ads-owner@example.com",
        "  Name              Example Search",
        "  Access            reachable",
        f"  client_id         {CLIENT_ID}",
        "  tenant            common",
        f"  refresh_token     fingerprint {Sensitive('planted-refresh-token').fingerprint}",
        f"  developer_token   fingerprint {Sensitive('planted-developer').fingerprint}",
        "  Other keys        note",
    ):
        assert " ".join(line.split()) in [" ".join(shown.split()) for shown in printed.splitlines()]
    assert "What is wrong" not in printed


def test_a_trouble_on_the_way_is_shown_with_its_status_and_reason(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    refused = diagnose(ProviderFailure(FailureKind.NOT_SENT, 407, reason=Reason.PROXY_WANTS_SIGN_IN))
    desk.know(NAME, Status.RETRYING, failures=1, failing_since=NOW, diagnosis=refused)
    printed = desk.done("show", NAME)
    for line in (
        "  Code              proxy_wants_sign_in",
        "  HTTP status       407",
        "  Reason            proxy_wants_sign_in",
        f"  Cause             {refused.cause}",
        f"  What to do        {refused.action}",
    ):
        assert line in printed
    document = shown(desk)["diagnosis"]
    assert (document["http_status"], document["reason"]) == (407, "proxy_wants_sign_in")


def test_what_is_wrong_is_shown_with_who_must_act_and_how_and_what_people_were_told(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    since = NOW - timedelta(hours=3)
    alert = OpenAlert(Event.RECONSENT_REQUIRED, "consent", NOW - timedelta(hours=1), since, notifications=2)
    warned = ("client_secret:2027-01-31T00:00:00Z:30", "refresh_token:2026-09-01T09:00:00Z:60")
    desk.know(
        NAME,
        Status.NEEDS_CONSENT,
        failures=1,
        failing_since=since,
        diagnosis=revoked(),
        alert=alert,
        warned=warned,
        lineage=("0123456789ab", "ba9876543210"),
    )
    printed = desk.done("show", NAME)
    assert "needs_consent; ads-owner@example.com: sign in with token-refresher link acme-bing-ads" in printed
    for line in (
        "  Code              50173",
        "  Who must act      user",
        f"  What to do        {revoked().action}",
        "  Attempts          1 in a row, since 2026-11-22 06:00 UTC",
        "  Correlation id    0000-0009",
        "  Open              reconsent_required, since 2026-11-22 06:00 UTC",
        "  Notified          2 times, last at 2026-11-22 08:00 UTC",
        "  Warning sent      the client secret expires at 2027-01-31 00:00 UTC; sent 30 days before",
        "  Warning sent      the refresh token of 2026-09-01 09:00 UTC was not replaced; sent after 60 days",
        "  0123456789ab\n  ba9876543210",
    ):
        assert line in printed
    document = shown(desk)
    assert document["diagnosis"]["actor"] == "user"
    assert document["alert"] == {
        "event": "reconsent_required",
        "since": "2026-11-22T06:00:00Z",
        "told": 2,
        "told_at": "2026-11-22T08:00:00Z",
        "incident": None,
    }


def test_the_answer_to_the_last_refresh_on_demand_is_shown(desk: Desk) -> None:
    healthy(desk)
    entry = desk.installation.registry.get(NAME)
    assert entry is not None
    tokens = (NOW, "0123456789ab", "ba9876543210")
    outcome = Outcome(NAME, Result.REFRESHED, None, *tokens, used_previous_client_secret=True, request_id="r1")
    answer = LastRequest(NOW, outcome)
    desk.installation.registry.save(entry.answered(answer))
    printed = desk.done("show", NAME)
    assert "  Result            refreshed\n" in printed
    assert "  Refresh token     0123456789ab became ba9876543210\n" in printed
    assert "  Client secret     previous_client_secret worked\n" in printed
    assert shown(desk)["answer"]["request_id"] == "r1"


def test_the_timeline_is_the_last_ten_events(desk: Desk, logs: FunctionLogs) -> None:
    healthy(desk)
    for minute in range(12):
        at = NOW - timedelta(minutes=30 - minute)
        logs.logged("refresh", at, "credential", credential=NAME, result="not_due")
    assert len(shown(desk)["timeline"]) == 10


def test_an_edit_that_no_tick_has_seen_is_told(desk: Desk) -> None:
    healthy(desk)
    secret_id = desk.installation.secret_id(NAME)
    desk.installation.secrets_client.put_secret_value(
        SecretId=secret_id, SecretString=json.dumps({"client_id": CLIENT_ID})
    )
    document = shown(desk)
    assert document["secret"]["observed_version_id"] != document["secret"]["version_id"]
    assert document["next_action"]["what"] == "checked with the next tick"
    assert "another one: the next tick checks the secret again" in desk.done("show", NAME)


def test_of_a_malformed_secret_no_value_is_shown_for_a_secret_may_be_under_the_wrong_key(desk: Desk) -> None:
    desk.put(NAME, account_id="planted-no-number", client_id="planted-client-id")
    result = desk.run("show", NAME)
    assert result.exit_code == 0
    assert "Malformed         account_id must be a number" in result.stdout
    assert "planted" not in result.output
    assert shown(desk)["document"]["settings"] == {}


def test_a_document_that_may_not_be_read_leaves_what_the_registry_and_the_secret_know(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy(desk)
    refuse(desk, monkeypatch)
    printed = desk.done("show", NAME)
    assert "AWS does not let you read it" in printed
    assert "until 2026-11-22 09:45 UTC, 45 minutes" in printed
    assert shown(desk)["document"]["readable"] is False


def test_what_is_remembered_of_another_account_is_not_shown_of_this_one(desk: Desk) -> None:
    healthy(desk, account_id="7777777")
    assert shown(desk)["account"] == {"id": "7777777", "name": None, "status": None, "access": None}


def test_a_credential_that_no_tick_has_seen_can_be_shown(desk: Desk) -> None:
    desk.put(NAME)
    document = shown(desk)
    assert (document["status"], document["diagnosis"], document["lineage"]) == ("unseen", None, [])
    assert desk.done("show", NAME).startswith("acme-bing-ads: unseen")


def test_a_key_that_no_terminal_can_show_is_named_without_what_does_not_print(desk: Desk) -> None:
    desk.put(NAME, **{"odd\ud800\x1b[31mkey": "planted"})
    assert "Other keys        odd [31mkey" in desk.done("show", NAME)
    assert shown(desk)["document"]["other_keys"] == ["odd [31mkey"]


def test_a_name_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.run("show", NAME).exit_code == 3


def test_the_end_of_a_refresh_token_is_shown_with_what_to_do_before(desk: Desk) -> None:
    desk.put(NAME, **TOKENS, provider="linkedin", scope="r_ads", refresh_token_expires_at="2026-12-12T09:00:00Z")
    desk.know(NAME, warned=("refresh_token_end:2026-12-12T09:00:00Z:30",))
    said = desk.done("show", NAME)
    assert "It ends" in said
    assert "2026-12-12 09:00 UTC, in 20 days: a person has to sign in before" in said
    assert "the refresh token ends at 2026-12-12 09:00 UTC; sent 30 days before" in said
    token = json.loads(desk.done("show", NAME, "--output", "json"))["token"]
    assert (token["refresh_token_expires_at"], token["refresh_token_idle_until"]) == ("2026-12-12T09:00:00Z", None)


def test_when_an_unused_refresh_token_ends_is_shown(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    assert "Unused, it ends" in desk.done("show", NAME)
