"""The refresh tokens of a simulated world: which are stored where, and in which order they were issued."""

import json
from collections.abc import Iterator

from tests.fakes.world import NAME
from tests.simulation.simulated_world import SimulatedWorld
from token_refresher.base.errors import CredentialNotFoundError, MalformedCredentialError
from token_refresher.credential.document import Credential


class Tokens:
    """Reads the tokens that are stored, and compares them. The tokens of one sign-in are a family."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world

    def current(self) -> str | None:
        """Return the current refresh token, if there is one."""
        try:
            return token_in(self._world.store.current_text(NAME))
        except CredentialNotFoundError:
            return None

    def within_reach(self) -> set[str]:
        """Return the refresh tokens that an attempt can find: in a version, or in escrow."""
        return set(self._in_store()) | set(self._in_escrow())

    def family(self, token: str) -> int:
        """Return the number of a token's family."""
        return self._world.authority.family_of(token)

    def order(self, token: str) -> int:
        """Return the position of a token among all issued ones."""
        return self._world.authority.issued.index(token)

    def is_newer(self, one: str, other: str) -> bool:
        """Return whether a token is a successor of another one."""
        return self.family(one) == self.family(other) and self.order(one) > self.order(other)

    def _in_store(self) -> Iterator[str]:
        for content in self._world.store.contents(NAME).values():
            if token := token_in(content):
                yield token

    def _in_escrow(self) -> Iterator[str]:
        for text in self._world.escrow.kept.values():
            fields = json.loads(text)
            # The escrow of a deleted secret is of no use to a new secret with the same name.
            if fields["refresh_token"] and fields["arn"] == self._world.store.arn(NAME):
                yield fields["refresh_token"]


def token_in(content: str | bytes) -> str | None:
    """Return the refresh token in a document, or None if it has none or is malformed."""
    try:
        token = Credential.parse(content if isinstance(content, str) else "").refresh_token
    except MalformedCredentialError:
        return None
    return token.reveal() if token else None
