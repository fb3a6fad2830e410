"""The contract of every store of circuits, in memory and on AWS."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from tests.fakes.manual_clock import START
from token_refresher.base.errors import StaleObservationError
from token_refresher.refresh.circuit import Circuit, Circuits

AUTHORITY: Final = "https://login.example.com"
MINUTE: Final = timedelta(minutes=1)
BARE: Final = Circuit(AUTHORITY)
FULL: Final = Circuit(
    AUTHORITY,
    failing=("team/search-ads", "other"),
    last_failure_at=START,
    silent_since=START - 3 * MINUTE,
    opened_at=START - 2 * MINUTE,
    window_began_at=START - MINUTE,
    probes=("other",),
    others=("a-third",),
)


class CircuitsContract:
    """Inherited by the test class of each store, which has the fixture ``circuits``."""

    def test_a_missing_circuit_is_none(self, circuits: Circuits) -> None:
        assert circuits.get(AUTHORITY) is None

    @pytest.mark.parametrize(
        "circuit",
        [
            pytest.param(BARE, id="one without any failure"),
            pytest.param(FULL, id="one that is open"),
            pytest.param(BARE.failed("search-ads", START), id="one with a failure"),
            pytest.param(FULL.worked(), id="one that was closed"),
        ],
    )
    def test_a_circuit_is_read_as_it_was_written(self, circuits: Circuits, circuit: Circuit) -> None:
        circuits.save(circuit)
        assert circuits.get(AUTHORITY) == replace(circuit, revision=1)

    def test_save_returns_the_record_as_it_is_read(self, circuits: Circuits) -> None:
        assert circuits.save(FULL) == circuits.get(AUTHORITY)

    def test_each_authority_has_its_own(self, circuits: Circuits) -> None:
        circuits.save(FULL)
        other = circuits.save(Circuit("https://login.example.org"))
        assert circuits.get("https://login.example.org") == other != circuits.get(AUTHORITY)

    def test_saving_removes_old_values_of_the_circuit(self, circuits: Circuits) -> None:
        circuits.save(circuits.save(FULL).worked())
        assert circuits.get(AUTHORITY) == Circuit(AUTHORITY, last_failure_at=START, revision=2)

    def test_a_new_circuit_is_stale_if_one_is_stored_already(self, circuits: Circuits) -> None:
        stored = circuits.save(BARE)
        with pytest.raises(StaleObservationError):
            circuits.save(FULL)
        assert circuits.get(AUTHORITY) == stored

    def test_the_second_of_two_circuits_made_from_the_same_one_is_stale(self, circuits: Circuits) -> None:
        stored = circuits.save(FULL)
        first = circuits.save(stored.failed("a-third", START))
        with pytest.raises(StaleObservationError):
            circuits.save(stored.worked())
        assert circuits.get(AUTHORITY) == first

    def test_a_circuit_whose_item_is_gone_is_stale(self, circuits: Circuits) -> None:
        with pytest.raises(StaleObservationError):
            circuits.save(replace(FULL, revision=3))
        assert circuits.get(AUTHORITY) is None

    def test_a_repeated_write_succeeds(self, circuits: Circuits) -> None:
        """If the answer to a write is lost, the client repeats the write."""
        changed = circuits.save(BARE).failed("search-ads", START)
        assert circuits.save(changed) == circuits.save(changed) == circuits.get(AUTHORITY)
