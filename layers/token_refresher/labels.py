"""Shows on a secret, where its consumers look, what the registry knows of its credential."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from token_refresher.errors import CredentialNotFoundError, ServiceUnavailableError
from token_refresher.patience import Patience
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import SecretState, SecretStore
from token_refresher.status import Status
from token_refresher.status_label import NO_REASON, StatusLabel, label_of

TRIED_FOR: Final = timedelta(seconds=2)
"""A throttled call is tried again. More of a worker's time is for tokens: other credentials wait for it."""

NOT_PAUSED: Final = StatusLabel(Status.HEALTHY, NO_REASON)
"""What is retried after a pause shows: as far as is known, nobody has to act."""

RESERVE: Final = timedelta(seconds=10)
"""What must be left of the invocation: the tries, a last one that hangs (4 s), and the page of a consent (4 s)."""


@dataclass(frozen=True)
class Labels:
    """Keeps the labels of secrets up to date.

    Attributes:
        store: Where the secrets are.
        patience: How much time the invocation has.
    """

    store: SecretStore
    patience: Patience

    def show(self, state: SecretState, entry: RegistryEntry) -> bool:
        """Show what was recorded of a credential, unless its secret showed it already.

        Args:
            state: The secret as it was described.
            entry: What was recorded since.

        Returns:
            Whether the secret shows it.
        """
        label, time_left = label_of(entry), self.patience.time_left()
        if label is None and state.shows_paused:
            # It is resumed, and being retried. Left as it is, this would be a pause again once the registry is lost.
            label = NOT_PAUSED
        if label is None or label == state.label:
            return True
        if time_left <= RESERVE:
            return False
        try:
            self.patience.call(time_left - TRIED_FOR, self.store.label, state.name, label)
        except (ServiceUnavailableError, CredentialNotFoundError):
            # On purpose: the tokens are stored and recorded, and a label must not make that look like a failure. The
            # next look finds that the secret shows something else, and repairs it; one that is gone shows nothing.
            return False
        return True
