"""A figure that was measured several times."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True)
class Spread:
    """The median of several measurements, and the quartiles beside it.

    Attributes:
        median: The median.
        low: The first quartile.
        high: The third quartile.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> Self:
        """Return the spread of at least one measurement."""
        if len(measured) == 1:
            return cls(measured[0], measured[0], measured[0])
        low, _, high = quantiles(measured, n=4, method="inclusive")
        return cls(median(measured), low, high)

    @classmethod
    def of_ratios(cls, measured: Sequence[float], to: Sequence[float]) -> Self:
        """Return the spread of the ratios of two contenders that took turns: each ratio is of one turn."""
        return cls.of([ours / theirs for ours, theirs in zip(measured, to, strict=True)])

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.low:{spec}} to {self.high:{spec}})"
