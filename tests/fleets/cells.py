"""Which cell has a credential: the one with the highest hash of both names (rendezvous hashing).

With one more cell a credential moves only if the new cell has its highest hash, which is one of n, and only to it.

Source: D. Thaler, C. Ravishankar, "A name-based mapping scheme for rendezvous" (1996).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence


def cell_names(number: int) -> list[str]:
    """Return the names of so many cells."""
    return [f"cell-{one}" for one in range(number)]


def cell_of(credential: str, cells: Sequence[str]) -> str:
    """Return the cell of a credential."""
    return max(cells, key=lambda cell: hashlib.sha256(f"{cell}/{credential}".encode()).digest())


def sizes(credentials: Iterable[str], cells: Sequence[str]) -> Counter[str]:
    """Return how many credentials each cell has."""
    return Counter(cell_of(credential, cells) for credential in credentials)


def moved(credentials: Iterable[str], before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many credentials change their cell."""
    return sum(cell_of(one, before) != cell_of(one, after) for one in credentials)
