"""The registry of the functions that write new tokens: with a bus, it sends the credential events."""

from typing import Final

from botocore.config import Config

from token_refresher.base.clock import system_clock
from token_refresher.entrypoints.clients import later, registry
from token_refresher.entrypoints.settings import Settings
from token_refresher.registry.registry import Registry

AT_ONCE: Final = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
"""A bus that hangs must hold up no refresh. The next tick sends the event again."""


def registry_with_events(settings: Settings) -> Registry:
    """Return the registry, which sends credential events if there is a bus."""
    entries = registry(settings)
    if not settings.event_bus_name:
        return entries
    # A stack without a bus loads none of it.
    from token_refresher.alerts.sending_registry import SendingRegistry  # noqa: PLC0415
    from token_refresher.aws.event_bus import EventBridgeBus  # noqa: PLC0415
    from token_refresher.entrypoints.logged_bus import LoggedBus  # noqa: PLC0415

    bus = LoggedBus(EventBridgeBus(later("events", AT_ONCE), settings.event_bus_name))
    return SendingRegistry(entries, bus, system_clock)
