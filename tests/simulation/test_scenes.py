"""Important orders of events, with every kind of provider."""

from collections.abc import Callable

import pytest

from tests.fakes.kind import KINDS, Kind
from tests.simulation.scenes import SCENES, play
from tests.simulation.simulation import Simulation


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])
@pytest.mark.parametrize("scene", [pytest.param(scene, id=scene.__name__.replace("_", " ")) for scene in SCENES])
def test_nothing_is_lost_nothing_spent_is_presented_and_what_ranks_highest_stands(
    scene: Callable[[Simulation], None], kind: Kind
) -> None:
    play(scene, kind)
