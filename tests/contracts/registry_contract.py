"""What every registry does, in memory or at AWS."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.alert import Event
from token_refresher.diagnosis import Actor, Diagnosis
from token_refresher.errors import StaleObservationError
from token_refresher.grant import Identity
from token_refresher.intent import Intent
from token_refresher.registry import OpenAlert, Registry, RegistryEntry, Status

NAME = "team/search-ads"
MINUTE = timedelta(minutes=1)
BARE = RegistryEntry.discovered(NAME, "version-1", START)
DIAGNOSIS = Diagnosis("50173", Actor.USER, certain=True, cause="Why.", action="What to do.", correlation_id="0-1")
FULL = RegistryEntry(
    NAME,
    "version-1",
    Status.NEEDS_CONSENT,
    next_action_at=START + 3 * MINUTE,
    expires_at=START + 4 * MINUTE,
    refreshed_at=START - MINUTE,
    failures=3,
    diagnosis=DIAGNOSIS,
    alert=OpenAlert(Event.RECONSENT_REQUIRED, "50173", START),
    identity=Identity("ads-owner@example.com", "tenant", "object", START - 2 * MINUTE),
    intent=Intent("version-1", "0123456789ab", START),
)


class RegistryContract:
    """Inherited by one test class a registry; it brings the fixture ``registry``."""

    def test_an_entry_that_is_not_there_is_none(self, registry: Registry) -> None:
        assert registry.get(NAME) is None

    @pytest.mark.parametrize(
        "entry",
        [
            pytest.param(BARE, id="one of which little is known"),
            pytest.param(FULL, id="one of which everything is known"),
            pytest.param(replace(FULL, next_action_at=None, status=Status.PAUSED), id="one that is paused"),
        ],
    )
    def test_an_entry_is_read_as_it_was_written(self, registry: Registry, entry: RegistryEntry) -> None:
        registry.save(entry, observed=None)
        assert registry.get(NAME) == entry

    def test_what_is_over_does_not_stay_in_the_entry(self, registry: Registry) -> None:
        registry.save(FULL, observed=None)
        registry.save(BARE, observed="version-1")
        assert registry.get(NAME) == BARE

    @pytest.mark.parametrize(
        ("written", "observed"),
        [
            pytest.param("version-1", "version-1", id="another observation of the same version"),
            pytest.param("version-2", "version-1", id="a new version, made from the stored one"),
            pytest.param("version-1", "version-0", id="the stored version, made from the one before it"),
        ],
    )
    def test_an_entry_is_written_over_what_it_was_made_from(
        self, registry: Registry, written: str, observed: str | None
    ) -> None:
        registry.save(BARE, observed=None)
        entry = replace(BARE, version_id=written, failures=7)
        registry.save(entry, observed=observed)
        assert registry.get(NAME) == entry

    @pytest.mark.parametrize(
        ("written", "observed"),
        [
            pytest.param("version-2", None, id="made from nothing"),
            pytest.param("version-1", None, id="made from nothing, about the same version"),
            pytest.param("version-0", "version-0", id="about an old version"),
            pytest.param("version-2", "version-0", id="made from an old version"),
        ],
    )
    def test_an_entry_about_something_else_is_stale(
        self, registry: Registry, written: str, observed: str | None
    ) -> None:
        registry.save(BARE, observed=None)
        with pytest.raises(StaleObservationError):
            registry.save(replace(BARE, version_id=written), observed=observed)

    def test_a_stale_entry_changes_nothing(self, registry: Registry) -> None:
        registry.save(BARE, observed=None)
        with pytest.raises(StaleObservationError):
            registry.save(replace(FULL, version_id="version-0"), observed="version-0")
        assert registry.get(NAME) == BARE

    def test_an_entry_that_was_forgotten_meanwhile_is_written(self, registry: Registry) -> None:
        registry.save(BARE, observed="version-0")
        assert registry.get(NAME) == BARE

    def test_a_forgotten_entry_is_gone(self, registry: Registry) -> None:
        registry.save(BARE, observed=None)
        registry.forget(NAME)
        assert registry.get(NAME) is None

    def test_what_is_not_there_can_be_forgotten(self, registry: Registry) -> None:
        registry.forget(NAME)
        assert list(registry.versions()) == []

    def test_the_versions_are_those_of_every_entry(self, registry: Registry) -> None:
        registry.save(BARE, observed=None)
        registry.save(
            RegistryEntry("other", "version-9", Status.PAUSED, next_action_at=None),
            observed=None,
        )
        assert dict(registry.versions()) == {NAME: "version-1", "other": "version-9"}

    def test_the_due_entries_come_the_longest_overdue_first(self, registry: Registry) -> None:
        for name, minutes in (("second", 2), ("first", 3), ("third", 1)):
            registry.save(RegistryEntry.discovered(name, "version-1", START - minutes * MINUTE), observed=None)
        assert [entry.name for entry in registry.due(START)] == ["first", "second", "third"]

    def test_an_entry_is_due_from_the_very_second(self, registry: Registry) -> None:
        registry.save(BARE, observed=None)
        assert list(registry.due(START)) == [BARE]

    def test_an_entry_is_not_due_a_second_before(self, registry: Registry) -> None:
        registry.save(BARE, observed=None)
        assert list(registry.due(START - timedelta(seconds=1))) == []

    def test_an_entry_without_a_next_action_is_never_due(self, registry: Registry) -> None:
        registry.save(BARE, observed=None)
        registry.save(replace(BARE, next_action_at=None), observed="version-1")
        assert list(registry.due(START + timedelta(days=365))) == []

    def test_a_due_entry_is_whole(self, registry: Registry) -> None:
        registry.save(FULL, observed=None)
        assert list(registry.due(START + timedelta(days=1))) == [FULL]
