"""Reads the documents of many credentials: twenty a call, a few calls at once, and a bounded number held."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol, TypeVar

from token_refresher.base.errors import ServiceUnavailableError
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.secret import Secrets

BATCH: Final = 20
"""How many secrets Secrets Manager returns in one call.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
"""

AT_ONCE: Final = 4
"""How many calls run in parallel. Secrets Manager allows 100 of them a second, which more would only run into.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
"""

HELD: Final = 2 * AT_ONCE * BATCH
"""How many documents are held at most, beside the batch that the caller has."""


class Described(Protocol):
    """A secret as a list has it: `SecretState` or `Secret`."""

    @property
    def name(self) -> str:
        """The name of the credential."""

    @property
    def current(self) -> str | None:
        """The version under ``AWSCURRENT``; ``None`` if the secret has no value yet."""


D = TypeVar("D", bound=Described)
T = TypeVar("T")
R = TypeVar("R")

Found = Mapping[str, CurrentDocument | None]
"""Documents by the names of their credentials; ``None`` for a secret that is deleted."""


@dataclass(frozen=True)
class Documents:
    """Reads the documents under ``AWSCURRENT``, as `Secrets.current` does one by one.

    A method raises `ServiceUnavailableError` if AWS does not answer, unless `is_tolerant`.

    Attributes:
        secrets: The secrets of the installation.
        is_tolerant: Whether a document that AWS does not return now counts as one that may not be read.
    """

    secrets: Secrets
    is_tolerant: bool = False

    def of(self, described: Iterable[D]) -> Iterator[tuple[D, CurrentDocument | None]]:
        """Yield each secret of a list with its document, in their order; ``None`` if it is deleted meanwhile."""

        def read(batch: Sequence[D]) -> list[tuple[D, CurrentDocument | None]]:
            found = self._read([one.name for one in batch if one.current is not None])
            return [(one, found[one.name] if one.current is not None else CurrentDocument.empty()) for one in batch]

        return _in_batches(described, read)

    def named(self, names: Iterable[str]) -> Iterator[tuple[str, CurrentDocument | None]]:
        """Yield each name with its document, in their order; ``None`` if there is no such secret or no value."""

        def read(batch: Sequence[str]) -> list[tuple[str, CurrentDocument | None]]:
            found = self._read(batch)
            return [(name, found[name]) for name in batch]

        return _in_batches(names, read)

    def _read(self, names: Sequence[str]) -> Found:
        if not names:
            return {}
        try:
            found = self.secrets.currents(names)
        except ServiceUnavailableError as error:
            if not self.is_tolerant:
                raise
            return dict.fromkeys(names, CurrentDocument.unread(error))
        return {name: found[name] if name in found else self._alone(name) for name in names}

    def _alone(self, name: str) -> CurrentDocument | None:
        """Read a document of which the answer for its batch does not say what is wrong with it for good."""
        try:
            return self.secrets.current(name)
        except ServiceUnavailableError as error:
            if not self.is_tolerant:
                raise
            return CurrentDocument.unread(error)


def _in_batches(items: Iterable[T], read: Callable[[Sequence[T]], list[R]]) -> Iterator[R]:
    """Yield what batches of items are read as, in order. A few are read ahead, while the items are still listed."""
    listed, waiting = iter(items), deque[Future[list[R]]]()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            while batch := list(islice(listed, BATCH)):
                waiting.append(pool.submit(read, batch))
                if len(waiting) * BATCH >= HELD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
