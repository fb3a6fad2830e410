"""The contract of every event bus, in memory and on AWS."""

from collections.abc import Sequence
from typing import Protocol

import pytest

from tests.unit.alerts.test_credential_event import NEED, REFRESHED
from token_refresher.alerts.credential_event import CredentialEvent, EventBus
from token_refresher.base.errors import ServiceUnavailableError


class Driven(Protocol):
    """A bus, and what a test makes of the service behind it."""

    bus: EventBus

    def expect(self, events: Sequence[CredentialEvent]) -> None:
        """Let the service take these events."""
        ...

    def fail(self, *, passing: bool) -> None:
        """Let the service refuse the next call, for now or for good."""
        ...

    def taken(self) -> list[CredentialEvent]:
        """Return the events that the service took, in order."""
        ...


class EventBusContract:
    """Inherited by the test class of each bus, which has the fixture ``driven``."""

    def test_all_events_of_a_call_are_taken_in_their_order(self, driven: Driven) -> None:
        driven.expect([REFRESHED, NEED])
        driven.bus.send([REFRESHED, NEED])
        assert driven.taken() == [REFRESHED, NEED]

    @pytest.mark.parametrize("passing", [True, False], ids=["for now", "for good"])
    def test_a_failure_says_whether_it_passes_and_takes_nothing(self, driven: Driven, passing: bool) -> None:
        driven.fail(passing=passing)
        with pytest.raises(ServiceUnavailableError) as caught:
            driven.bus.send([REFRESHED])
        assert (caught.value.passing, driven.taken()) == (passing, [])
