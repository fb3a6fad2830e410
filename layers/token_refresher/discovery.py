"""What is known of a secret that the registry does not know: what is to be seen of it without any value."""

from datetime import datetime

from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import NO_VERSION, SecretState


def discovered(state: SecretState, now: datetime) -> RegistryEntry:
    """Return the first entry of a credential. The registry can be lost, and by that no pause must end."""
    return RegistryEntry.discovered(state.name, state.current or NO_VERSION, now, is_paused=state.shows_paused)
