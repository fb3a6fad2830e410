"""Which versions an exchange may have left behind. A version that was current once is history, and not promoted.

A roll-back by an operator moves ``AWSCURRENT`` to an earlier version, and leaves ``AWSPENDING`` where it was. Then the
version that was taken back looks, by its ID, like a successor that was stored and not promoted.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from token_refresher.rotation.intent import ExchangeIntent
from token_refresher.rotation.secret_store import SecretState

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Unfinished:
    """Which versions can still be unfinished.

    Attributes:
        since: When the first exchange began of those whose end is not recorded. Older versions are history.
        were_current: Versions that are known to have been current.
    """

    since: datetime
    were_current: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, state: SecretState, intent: ExchangeIntent | None, version_id: str, refreshed_at: datetime | None
    ) -> Self:
        """Return what can be unfinished, by the registry entry and the staging labels of the secret.

        Secrets Manager itself tells which version was current: it moves ``AWSPREVIOUS`` to the version that
        ``AWSCURRENT`` leaves. That survives a loss of the registry. After such a loss, the entry has no intent and no
        time of a refresh.

        Args:
            state: The state of the secret.
            intent: The last exchange in the entry.
            version_id: The current version in the entry.
            refreshed_at: When tokens were stored last, by the entry.
        """
        if intent is not None and not intent.is_settled:
            since = intent.since
        else:
            is_known = intent is not None or refreshed_at is not None
            since = _NEVER if is_known else _ALWAYS
        return cls(since).seeing(state, version_id)

    def seeing(self, state: SecretState, *known: str) -> Self:
        """Return the same with more versions that are known to have been current."""
        seen = {*known, state.previous} - {state.current, None}
        return type(self)(self.since, self.were_current | {str(one) for one in seen})

    @property
    def is_in_doubt(self) -> bool:
        """Whether any version can be unfinished."""
        return self.since != _NEVER

    def may_be(self, version_id: str, issued_at: datetime) -> bool:
        """Tell whether a version may be unfinished whose tokens were issued at this time."""
        return version_id not in self.were_current and issued_at >= self.since
