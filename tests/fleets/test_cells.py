"""How a fleet is divided into cells."""

import pytest

from tests.fleets.cells import cell_names, cell_of, moved, sizes

NAMES = [f"credential-{number}" for number in range(10_000)]


@pytest.mark.parametrize("number", [2, 5, 25])
def test_a_new_cell_takes_its_share_and_nothing_else_moves(number: int) -> None:
    before, after = cell_names(number), cell_names(number + 1)
    taken = sizes(NAMES, after)[after[-1]]
    assert moved(NAMES, before, after) == taken
    assert taken == pytest.approx(len(NAMES) / (number + 1), rel=0.2)


def test_cells_are_about_equal() -> None:
    counts = sizes(NAMES, cell_names(5)).values()
    assert max(counts) < 1.1 * min(counts)


def test_the_order_of_the_cells_does_not_matter() -> None:
    cells = cell_names(5)
    assert [cell_of(name, cells) for name in NAMES[:100]] == [cell_of(name, cells[::-1]) for name in NAMES[:100]]
