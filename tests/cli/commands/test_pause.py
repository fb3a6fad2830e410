"""``token-refresher pause`` and ``token-refresher resume``."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.steps import Steps
from tests.cli.worker import REVOKED, TOKENS, Worker
from tests.fakes.calls import KilledError
from token_refresher.credential.status import Status
from token_refresher.credential.status_tags import StatusTags
from token_refresher.registry.outcome import Result
from token_refresher.rotation.publication import Publication

NAME = "acme-bing-ads"
PUBLISHED = (Publication("token-refresher-consumers/acme", "first", 1, digest="0123"),)


@pytest.fixture
def worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Worker:
    return Worker(desk, monkeypatch)


def _shown(desk: Desk) -> StatusTags | None:
    return desk.installation.store.describe(NAME).status_tags


def _status(desk: Desk) -> Status:
    entry = desk.installation.registry.get(NAME)
    assert entry is not None
    return entry.status


def test_a_paused_credential_is_on_record_as_paused_and_shows_it_to_its_consumers(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    desk.know(NAME)
    assert desk.done("pause", NAME) == f"{NAME} is paused.\n"
    assert _status(desk) is Status.PAUSED
    assert _shown(desk) == StatusTags("paused", "-")


def test_what_will_happen_is_said(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    said = desk.run("pause", NAME).stderr
    assert "Pipelines have access until 2026-11-22 09:30 UTC" in said
    assert "expires after 90 days: resume the credential before 2027-02-20 08:30 UTC" in said
    assert f"token-refresher resume {NAME}" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "no access yet", id="before the first sign-in"),
        pytest.param({"expires_at": "2026-11-22T08:59:00Z"}, "no access since 2026-11-22 08:59", id="after the end"),
    ],
)
def test_a_token_that_is_not_there_or_has_ended_is_said(desk: Desk, changes: dict[str, str], said: str) -> None:
    desk.put(NAME, **changes)
    assert said in desk.run("pause", NAME).stderr


def test_before_the_first_tick_pausing_works_all_the_same(desk: Desk) -> None:
    desk.put(NAME)
    desk.done("pause", NAME)
    assert _status(desk) is Status.PAUSED


def test_a_secret_that_is_no_document_can_be_paused(desk: Desk) -> None:
    desk.put(NAME, client_id=None)
    desk.done("pause", NAME)
    assert _status(desk) is Status.PAUSED


def test_pipelines_that_read_a_secret_of_their_own_get_the_status_by_an_attempt(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    desk.know(NAME, publications=PUBLISHED)
    desk.done("pause", NAME)
    [request] = desk.requests()
    assert (request["credential"], request.get("request_id")) == (NAME, None)
    entry = desk.installation.registry.get(NAME)
    assert entry is not None
    assert [one.is_outdated for one in entry.publications] == [True]


def test_a_credential_that_publishes_nothing_needs_no_attempt(desk: Desk) -> None:
    desk.put(NAME, **TOKENS)
    desk.done("pause", NAME)
    assert desk.requests() == []


def test_pausing_again_changes_nothing_and_says_so(desk: Desk) -> None:
    desk.put(NAME)
    desk.done("pause", NAME)
    before = desk.installation.registry.get(NAME)
    assert desk.done("pause", NAME) == f"{NAME} is paused already.\n"
    assert desk.installation.registry.get(NAME) == before


@pytest.mark.parametrize("after", range(1, 6))
def test_a_pause_that_is_killed_after_any_call_is_done_by_doing_it_again(desk: Desk, after: int) -> None:
    desk.put(NAME, **TOKENS)
    desk.know(NAME, publications=PUBLISHED)
    with Steps.killing(after).of(desk), pytest.raises(KilledError):
        desk.run("pause", NAME)
    desk.done("pause", NAME)
    assert _status(desk) is Status.PAUSED
    assert _shown(desk) == StatusTags("paused", "-")
    assert desk.requests()


def test_a_refresh_that_records_its_end_at_the_same_time_is_kept_and_the_pause_is_on_top(desk: Desk) -> None:
    desk.put(NAME)
    known = desk.know(NAME)
    seen = known.expires_at

    def recorded() -> None:
        registry = Worker(desk, desk.monkeypatch).registry
        registry.save(replace(known, expires_at=NOW + timedelta(hours=1)))

    with Steps(3, recorded).of(desk) as steps:
        desk.done("pause", NAME)
    entry = desk.installation.registry.get(NAME)
    assert steps.log.count("PutItem") == 2, "one was refused"
    assert entry is not None
    assert (entry.status, entry.expires_at, seen) == (Status.PAUSED, NOW + timedelta(hours=1), None)


def test_a_resumed_credential_is_refreshed_and_the_end_of_that_is_said(desk: Desk, worker: Worker) -> None:
    desk.put(NAME, **TOKENS)
    desk.done("pause", NAME)
    said = desk.done("resume", NAME)
    assert said.startswith(f"{NAME} is resumed.\n{NAME} was refreshed: ")
    assert worker.asked == [NAME]
    assert _status(desk) is not Status.PAUSED


def test_a_resumed_credential_no_longer_shows_that_it_is_paused(desk: Desk, worker: Worker) -> None:
    desk.put(NAME, **TOKENS)
    desk.know(NAME, refreshed_at=NOW)
    desk.done("pause", NAME)
    desk.done("resume", NAME, "--no-wait")
    assert _shown(desk) == StatusTags("healthy", "-")


def test_what_failed_when_it_was_paused_shows_that_again_until_it_was_tried(desk: Desk, worker: Worker) -> None:
    desk.put(NAME, **TOKENS)
    desk.know(NAME, Status.NEEDS_CONSENT, diagnosis=REVOKED)
    desk.done("pause", NAME)
    desk.done("resume", NAME, "--no-wait")
    label = _shown(desk)
    assert label is not None
    assert label.status == "needs_consent"


def test_resuming_without_waiting_asks_for_a_look_and_ends(desk: Desk, worker: Worker) -> None:
    desk.put(NAME, **TOKENS)
    desk.done("pause", NAME)
    assert desk.done("resume", NAME, "--no-wait") == f"{NAME} is resumed.\n"
    [request] = desk.requests()
    assert (request["credential"], request.get("request_id")) == (NAME, None)


def test_resuming_what_needs_a_sign_in_says_so(desk: Desk, worker: Worker) -> None:
    desk.put(NAME, **TOKENS)
    desk.done("pause", NAME)
    worker.ends(Result.NEEDS_A_PERSON, REVOKED)
    result = desk.run("resume", NAME)
    assert result.exit_code == 5
    assert f"token-refresher link {NAME}" in result.stderr


def test_what_is_not_paused_is_left_alone(desk: Desk, worker: Worker) -> None:
    desk.put(NAME)
    desk.know(NAME)
    assert desk.done("resume", NAME) == f"{NAME} is not paused.\n"
    assert worker.asked == []


def test_where_the_registry_was_lost_the_secret_tells_that_it_is_paused(desk: Desk, worker: Worker) -> None:
    desk.put(NAME, **TOKENS)
    desk.done("pause", NAME)
    desk.installation.registry.forget(NAME)
    assert desk.done("pause", NAME) == f"{NAME} is paused already.\n"
    desk.installation.registry.forget(NAME)
    assert desk.done("resume", NAME).startswith(f"{NAME} is resumed.\n")


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_credential_that_is_not_there_is_not_found(desk: Desk, command: str) -> None:
    assert desk.run(command, NAME).exit_code == 3


def test_the_idle_end_is_that_of_the_provider_and_a_fixed_end_is_said_too(desk: Desk) -> None:
    quickbooks = {"provider": "quickbooks", "scope": "com.intuit.quickbooks.accounting"}
    desk.put(NAME, **TOKENS, **quickbooks, refresh_token_expires_at="2027-06-01T00:00:00Z")
    said = desk.run("pause", NAME).stderr
    assert "expires after 100 days: resume the credential before 2027-03-02 08:30 UTC" in said
    assert "ends at 2027-06-01 00:00 UTC in any case" in said


def test_of_a_refresh_token_that_does_not_idle_out_nothing_is_said(desk: Desk) -> None:
    desk.put(NAME, **TOKENS, provider="linkedin", scope="r_ads")
    assert "resume the credential before" not in desk.run("pause", NAME).stderr
