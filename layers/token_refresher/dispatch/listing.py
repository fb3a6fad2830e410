"""The list of managed secrets, read in parts: if one tick has no time for the whole list, the next tick goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from token_refresher.base.time_share import TimeShare
from token_refresher.rotation.secret_store import SecretInventory, SecretState


@dataclass
class Listing:
    """Reads the list from its beginning to its end, then again from its beginning.

    It lives as long as the process does. A new process starts at the beginning, which costs only time.

    Attributes:
        inventory: The managed secrets.
        seen: The names that were read since the beginning of the list.
        is_whole: Whether the end was reached, so that a name that is not in ``seen`` is not in the list.
    """

    inventory: SecretInventory
    seen: set[str] = field(default_factory=set)
    is_whole: bool = False
    _rest: Iterator[SecretState] | None = None

    def read(self, share: TimeShare) -> Iterator[SecretState]:
        """Yield the secrets on the list, as long as there is time."""
        if self._rest is None:
            self._rest, self.seen, self.is_whole = self.inventory.managed(), set(), False
        rest, self._rest = self._rest, None  # After an error the list is read from its beginning.
        for state in rest:
            self.seen.add(state.name)
            yield state
            if share.is_spent:
                self._rest = rest
                return
        self.is_whole = True
