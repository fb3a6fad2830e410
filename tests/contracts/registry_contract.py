"""The contract of every registry, in memory and on AWS."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fakes.manual_clock import START
from token_refresher.base.errors import StaleObservationError
from token_refresher.base.words import Words
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Concern, Diagnosis, held_back
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import Issuer
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher.registry.registry import Registry
from token_refresher.registry.sent_events import SentEvents
from token_refresher.registry.summary import DueEntry, EntrySummary
from token_refresher.rotation.intent import Base, End, ExchangeIntent

NAME = "team/search-ads"
MINUTE = timedelta(minutes=1)
BARE = RegistryEntry.discovered(NAME, "version-1", START)
INTENT = ExchangeIntent.begin("version-1", Base("0123456789ab", START), START, None)
DIAGNOSIS = Diagnosis(
    "50173",
    Actor.USER,
    certain=True,
    cause="Why.",
    action="What to do.",
    correlation_id="0-1",
    meaning="revoked",
    error="invalid_grant",
    suberror="bad_token",
    http_status=400,
    reason="forbidden",
    help_url="https://login.microsoftonline.com/error?code=50173",
    concerns=Concern.APPLICATION,
    outage=True,
    pause=timedelta(minutes=6),
)
FULL = RegistryEntry(
    NAME,
    "version-1",
    Status.NEEDS_CONSENT,
    next_action_at=START + 3 * MINUTE,
    expires_at=START + 4 * MINUTE,
    refreshed_at=START - MINUTE,
    refresh_token_issued_at=START - 5 * MINUTE,
    refresh_token_expires_at=START + 500 * MINUTE,
    failures=3,
    diagnosis=DIAGNOSIS,
    alert=OpenAlert(
        Event.RECONSENT_REQUIRED,
        "consent",
        START,
        START - MINUTE,
        notifications=2,
        generation="g",
        incident="application#x",
        beside=True,
        again=True,
        calm_since=START + MINUTE,
    ),
    notification_pending=True,
    identity=Identity("ads-owner@example.com", "tenant", "object", START - 2 * MINUTE),
    client_id="client-of-the-operator",
    issuer=Issuer("acme", "https://id.example.com", Words("Acme", "Acme Ads", "Acme's sign-in service")),
    unannounced=True,
    claims='{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
    failing_since=START - 5 * MINUTE,
    attempts=3,
    risk_over_at=START - 6 * MINUTE,
    warned=("refresh_token:2026-01-31T09:00:00Z:1",),
    intent=ExchangeIntent(
        "version-1", Base("0123456789ab", START - MINUTE), START, since=START - 2 * MINUTE, attempt="attempt-1"
    ),
    lineage=("00112233aabb", "0123456789ab"),
    versions_spent_until=START + 5 * MINUTE,
    account=KnownAccount("1234567", AccountAccess.REFUSED, "Example Search", "Active", Actor.USER, START - 7 * MINUTE),
    answers=(
        LastRequest(
            START - 8 * MINUTE,
            Outcome(
                NAME,
                Result.NEEDS_A_PERSON,
                DIAGNOSIS,
                expires_at=START + 4 * MINUTE,
                presented="0123456789ab",
                issued="ba9876543210",
                used_previous_client_secret=True,
                request_id="request-1",
            ),
        ),
        LastRequest(START - 7 * MINUTE, Outcome(NAME, Result.TOO_OFTEN, request_id="request-2")),
    ),
    sent_events=SentEvents(START - MINUTE, "version-1"),
)


def as_stored(entry: RegistryEntry) -> RegistryEntry:
    """Return a new entry as it is read after it was saved."""
    return replace(entry, revision=entry.revision + 1)


def due(registry: Registry, now: datetime) -> list[str]:
    """Return the names of the entries that are due, in their order."""
    return [entry.name for entry in registry.next_actions(now) if entry.next_action_at <= now]


class RegistryContract:
    """Inherited by the test class of each registry, which has the fixture ``registry``."""

    def test_a_missing_entry_is_none(self, registry: Registry) -> None:
        assert registry.get(NAME) is None

    @pytest.mark.parametrize(
        "entry",
        [
            pytest.param(BARE, id="one with the fewest attributes"),
            pytest.param(FULL, id="one with every attribute"),
            pytest.param(replace(FULL, next_action_at=None, status=Status.PAUSED), id="a paused one"),
            pytest.param(replace(FULL, identity=Identity.unknown(START)), id="one of a provider that names nobody"),
            pytest.param(
                replace(FULL, identity=Identity("owner", "", "", START, subject="acme/1")),
                id="one of a provider that names people in its own way",
            ),
            pytest.param(replace(FULL, account=KnownAccount("1234567")), id="one whose account is not verified"),
            pytest.param(replace(FULL, diagnosis=held_back()), id="one whose diagnosis has no facts of an answer"),
            pytest.param(
                replace(BARE, answers=(LastRequest(START, Outcome(NAME, Result.PAUSED, request_id="request-1")),)),
                id="one with the answer to a request during a pause",
            ),
            pytest.param(
                replace(BARE, intent=ExchangeIntent.begin("version-1", Base("", None), START, None, is_consent=True)),
                id="one whose first consent is under way",
            ),
            *(
                pytest.param(
                    replace(BARE, intent=INTENT.ended(end)),
                    id=f"one whose last exchange ended {end}",
                )
                for end in End
            ),
        ],
    )
    def test_an_entry_is_read_as_it_was_written(self, registry: Registry, entry: RegistryEntry) -> None:
        registry.save(entry)
        assert registry.get(NAME) == as_stored(entry)

    def test_save_returns_the_record_as_it_is_read(self, registry: Registry) -> None:
        assert registry.save(FULL) == registry.get(NAME)

    def test_saving_removes_old_values_of_the_entry(self, registry: Registry) -> None:
        revision = registry.save(FULL).revision
        registry.save(replace(BARE, revision=revision))
        assert registry.get(NAME) == replace(BARE, revision=revision + 1)

    def test_an_entry_replaces_the_one_it_was_made_from(self, registry: Registry) -> None:
        stored = registry.save(BARE)
        registry.save(replace(stored, version_id="version-2", failures=7))
        assert registry.get(NAME) == replace(BARE, version_id="version-2", failures=7, revision=stored.revision + 1)

    def test_every_write_has_another_revision(self, registry: Registry) -> None:
        first = registry.save(BARE)
        assert registry.save(first).revision > first.revision

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"version_id": "version-2"}, id="about another version"),
            pytest.param({"failures": 7}, id="about the same version"),
        ],
    )
    def test_a_new_entry_is_stale_if_one_is_stored_already(self, registry: Registry, changes: dict[str, Any]) -> None:
        registry.save(BARE)
        with pytest.raises(StaleObservationError):
            registry.save(replace(BARE, **changes))

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"version_id": "version-2"}, id="about another version"),
            pytest.param({"failures": 7}, id="about the same version"),
        ],
    )
    def test_the_second_of_two_entries_made_from_the_same_one_is_stale(
        self, registry: Registry, changes: dict[str, Any]
    ) -> None:
        stored = registry.save(BARE)
        registry.save(replace(stored, failures=1))
        with pytest.raises(StaleObservationError):
            registry.save(replace(stored, **changes))

    def test_two_exchanges_cannot_begin_from_the_same_entry(self, registry: Registry) -> None:
        stored = registry.save(BARE)
        base = Base("0123456789ab", START)
        registry.save(stored.intending(ExchangeIntent.begin("version-1", base, START, None)))
        with pytest.raises(StaleObservationError):
            registry.save(stored.intending(ExchangeIntent.begin("version-1", base, START, None)))

    def test_a_stale_entry_changes_nothing(self, registry: Registry) -> None:
        stored = registry.save(BARE)
        with pytest.raises(StaleObservationError):
            registry.save(FULL)
        assert registry.get(NAME) == stored

    def test_a_repeated_write_succeeds(self, registry: Registry) -> None:
        """If the answer to a write is lost, the client repeats the write."""
        stored = registry.save(BARE)
        changed = replace(stored, failures=7)
        assert registry.save(changed) == registry.save(changed) == registry.get(NAME)

    def test_an_entry_that_was_removed_since_it_was_read_is_stale(self, registry: Registry) -> None:
        stored = registry.save(BARE)
        registry.forget(NAME)
        with pytest.raises(StaleObservationError):
            registry.save(stored)
        assert registry.get(NAME) is None

    def test_a_forgotten_entry_is_gone(self, registry: Registry) -> None:
        registry.save(BARE)
        registry.forget(NAME)
        assert registry.get(NAME) is None

    def test_forgetting_a_missing_entry_raises_nothing(self, registry: Registry) -> None:
        registry.forget(NAME)
        assert list(registry.overview()) == []

    def test_the_overview_has_a_summary_of_every_entry(self, registry: Registry) -> None:
        registry.save(FULL)
        registry.save(RegistryEntry("other", "version-9", Status.PAUSED, next_action_at=None))
        assert {entry.name: entry for entry in registry.overview()} == {
            NAME: EntrySummary(
                NAME,
                "version-1",
                Status.NEEDS_CONSENT,
                START - 5 * MINUTE,
                START + 500 * MINUTE,
            ),
            "other": EntrySummary("other", "version-9", Status.PAUSED),
        }

    def test_the_summaries_of_some_names_are_those_of_the_overview(self, registry: Registry) -> None:
        names = [f"credential-{number:03}" for number in range(150)]
        for name in names:
            registry.save(replace(FULL, name=name))
        everything = {entry.name: entry for entry in registry.overview()}
        assert registry.summaries([*names[5:], "missing"]) == {name: everything[name] for name in names[5:]}
        assert registry.summaries([]) == {}

    def test_the_longest_overdue_entry_comes_first(self, registry: Registry) -> None:
        moments = {f"credential-{number:03}": START - (number * 37 % 250) * MINUTE for number in range(250)}
        for name, moment in moments.items():
            registry.save(RegistryEntry.discovered(name, "version-1", moment))
        assert due(registry, START) == sorted(moments, key=lambda name: (moments[name], name))

    def test_an_entry_is_due_from_its_second_on(self, registry: Registry) -> None:
        registry.save(BARE)
        assert (due(registry, START - timedelta(seconds=1)), due(registry, START)) == ([], [NAME])

    def test_what_is_due_next_comes_after_what_is_due(self, registry: Registry) -> None:
        for number, name in enumerate(["due", "next", "later"]):
            registry.save(RegistryEntry.discovered(name, "version-1", START + number * MINUTE))
        assert [entry.name for entry in registry.next_actions(START)] == ["due", "next", "later"]

    def test_of_many_that_are_not_due_only_a_few_come(self, registry: Registry) -> None:
        for number in range(500):
            registry.save(RegistryEntry.discovered(f"credential-{number:03}", "version-1", START + number * MINUTE))
        found = [entry.name for entry in registry.next_actions(START - MINUTE)]
        assert 0 < len(found) <= 200
        assert found[0] == "credential-000"

    def test_an_entry_without_a_next_action_is_never_due(self, registry: Registry) -> None:
        registry.save(replace(registry.save(BARE), next_action_at=None))
        assert list(registry.next_actions(START + timedelta(days=365))) == []

    def test_a_due_entry_has_what_a_tick_needs(self, registry: Registry) -> None:
        registry.save(FULL)
        assert list(registry.next_actions(START + timedelta(days=1))) == [
            DueEntry(
                NAME,
                "version-1",
                Status.NEEDS_CONSENT,
                START + 3 * MINUTE,
                expires_at=START + 4 * MINUTE,
                failing_since=START - 5 * MINUTE,
                meaning=DIAGNOSIS.meaning,
            )
        ]

    def test_the_credentials_of_an_application_are_found_by_its_client_id(self, registry: Registry) -> None:
        for name, client_id in [("b", "ours"), ("a", "ours"), ("c", "theirs"), ("d", "")]:
            registry.save(replace(BARE, name=name, client_id=client_id))
        assert sorted(registry.of_application("ours")) == ["a", "b"]

    @pytest.mark.parametrize("asked", [str.lower, str.upper], ids=["in small letters", "in capitals"])
    def test_an_application_is_found_in_every_notation_of_its_guid(
        self, registry: Registry, asked: Callable[[str], str]
    ) -> None:
        """Earlier versions stored the client id as the secret has it."""
        own = "0000aaaa-11bb-cccc-dd22-eeeeee333333"
        for name, client_id in [("small", own), ("capitals", own.upper()), ("other", own.replace("a", "b"))]:
            registry.save(replace(BARE, name=name, client_id=client_id))
        assert sorted(registry.of_application(asked(own))) == ["capitals", "small"]
