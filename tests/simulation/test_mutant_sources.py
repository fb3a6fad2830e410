"""The deliberate mistakes still fit the code: `make test` notices a rename that only the long run would."""

import pytest

from tests.simulation.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.mistake) for mutant in MUTANTS])
def test_the_mistake_can_be_made(mutant: Mutant) -> None:
    with mutant.alive():
        pass
