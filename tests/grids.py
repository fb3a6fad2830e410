"""Parameter grids: ``make test`` runs a sample of each, and ``make check`` the whole grid."""

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(values: Iterable[Any], every: int = 10) -> list[Any]:
    """Return the values of a grid as test parameters; all but every n-th one have the mark `exhaustive`."""
    return [
        pytest.param(value, marks=pytest.mark.exhaustive if number % every else ())
        for number, value in enumerate(values)
    ]
