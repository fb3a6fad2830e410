"""What every memory of circuits does, on this machine or at AWS."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from tests.fakes.manual_clock import START
from token_refresher.circuit import Circuit, Circuits
from token_refresher.errors import StaleObservationError

AUTHORITY: Final = "https://login.example.com"
MINUTE: Final = timedelta(minutes=1)
BARE: Final = Circuit(AUTHORITY)
FULL: Final = Circuit(
    AUTHORITY,
    failing=("team/search-ads", "other"),
    last_failure_at=START,
    opened_at=START - 2 * MINUTE,
    window_began_at=START - MINUTE,
    probes=("other",),
    others=("a-third",),
)


class CircuitsContract:
    """Inherited by one test class a memory; it brings the fixture ``circuits``."""

    def test_a_circuit_that_is_not_there_is_none(self, circuits: Circuits) -> None:
        assert circuits.get(AUTHORITY) is None

    @pytest.mark.parametrize(
        "circuit",
        [
            pytest.param(BARE, id="one of which nothing is known"),
            pytest.param(FULL, id="one that is open"),
            pytest.param(BARE.failed("search-ads", START), id="one with a failure"),
            pytest.param(FULL.worked(), id="one that was closed"),
        ],
    )
    def test_a_circuit_is_read_as_it_was_written(self, circuits: Circuits, circuit: Circuit) -> None:
        circuits.save(circuit)
        assert circuits.get(AUTHORITY) == replace(circuit, revision=1)

    def test_what_is_written_is_returned_as_it_is_read(self, circuits: Circuits) -> None:
        assert circuits.save(FULL) == circuits.get(AUTHORITY)

    def test_each_authority_has_its_own(self, circuits: Circuits) -> None:
        circuits.save(FULL)
        other = circuits.save(Circuit("https://login.example.org"))
        assert circuits.get("https://login.example.org") == other != circuits.get(AUTHORITY)

    def test_what_is_over_does_not_stay_in_the_circuit(self, circuits: Circuits) -> None:
        circuits.save(circuits.save(FULL).worked())
        assert circuits.get(AUTHORITY) == Circuit(AUTHORITY, last_failure_at=START, revision=2)

    def test_a_circuit_that_was_made_from_nothing_is_stale_where_there_is_one(self, circuits: Circuits) -> None:
        stored = circuits.save(BARE)
        with pytest.raises(StaleObservationError):
            circuits.save(FULL)
        assert circuits.get(AUTHORITY) == stored

    def test_of_two_circuits_that_were_made_from_the_same_one_the_second_is_stale(self, circuits: Circuits) -> None:
        stored = circuits.save(FULL)
        first = circuits.save(stored.failed("a-third", START))
        with pytest.raises(StaleObservationError):
            circuits.save(stored.worked())
        assert circuits.get(AUTHORITY) == first

    def test_a_circuit_that_is_gone_is_stale(self, circuits: Circuits) -> None:
        with pytest.raises(StaleObservationError):
            circuits.save(replace(FULL, revision=3))
        assert circuits.get(AUTHORITY) is None

    def test_a_write_that_is_repeated_meets_itself(self, circuits: Circuits) -> None:
        """A client repeats what took effect and went unanswered."""
        changed = circuits.save(BARE).failed("search-ads", START)
        assert circuits.save(changed) == circuits.save(changed) == circuits.get(AUTHORITY)
