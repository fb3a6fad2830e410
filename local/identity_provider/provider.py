"""The provider's state: the authority, the journal and the faults, with one lock around them."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event as Signal
from threading import Lock
from typing import TYPE_CHECKING, cast

from flask import current_app

from local.identity_provider.authority import Authority
from local.identity_provider.faults import FaultQueues
from local.identity_provider.journal import Authorization, Event, Journal
from local.identity_provider.records import App

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.identity_provider.people import LifeCycleStatus

EXTENSION = "identity_provider"

DEFAULTS = App(client_id="", redirect_uris=())
"""The settings of an app whose registration leaves them out."""


def utc_now() -> datetime:
    """Return the current time, aware and in UTC."""
    return datetime.now(UTC)


class Provider:
    """The state of one running server.

    Attributes:
        lock: Held for a whole request, so that two requests with the same token have an order.
        life_cycles: The statuses of ads accounts that are not Active, by client id and account id: apps share
            nothing, not even the accounts of the people who sign in to them.
        closing: Set when the server stops. A hanging request waits for it, so that it never delays the stop.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now, defaults: App = DEFAULTS) -> None:
        self.authority = Authority(clock)
        self.faults = FaultQueues()
        self.journal: Journal[Event] = Journal()
        self.authorizations: Journal[Authorization] = Journal()
        self.life_cycles: dict[tuple[str, str], LifeCycleStatus] = {}
        self.defaults = defaults
        self.lock = Lock()
        self.closing = Signal()


def current() -> Provider:
    """Return the provider of the Flask app that serves this request."""
    return cast("Provider", current_app.extensions[EXTENSION])
