"""The escrow in memory; it keeps texts, as Parameter Store does."""

from collections.abc import Iterable

from tests.fakes.calls import Calls
from token_refresher.rotation.escrow import EscrowedGrant


class MemoryEscrow:
    """An `Escrow` and an `EscrowInventory`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.kept: dict[tuple[str, str], str] = {}
        """The text of each escrowed grant, by credential and attempt."""

    def put(self, escrowed: EscrowedGrant) -> None:
        """See `Escrow.put`."""
        with self.calls.boundary("escrow.put"):
            self.kept[escrowed.credential, escrowed.attempt] = escrowed.dump()

    def of(self, credential: str) -> list[EscrowedGrant]:
        """See `Escrow.of`."""
        with self.calls.boundary("escrow.of"):
            found = [(attempt, text) for (name, attempt), text in sorted(self.kept.items()) if name == credential]
        return [EscrowedGrant.parse(credential, attempt, text) for attempt, text in found]

    def remove(self, escrowed: EscrowedGrant) -> None:
        """See `Escrow.remove`."""
        with self.calls.boundary("escrow.remove"):
            self.kept.pop((escrowed.credential, escrowed.attempt), None)

    def credentials(self) -> Iterable[str]:
        """See `EscrowInventory.credentials`."""
        with self.calls.boundary("escrow.credentials"):
            return {name for name, _ in self.kept}
