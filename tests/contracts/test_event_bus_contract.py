"""The event bus in memory and that of EventBridge keep the same contract."""

from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.contracts.event_bus_contract import EventBusContract
from tests.fakes.fake_bus import FakeBus
from token_refresher.alerts.credential_event import CredentialEvent
from token_refresher.aws.event_bus import EventBridgeBus


class InMemory:
    """Drives a `FakeBus`."""

    def __init__(self) -> None:
        self.bus = FakeBus()

    def expect(self, events: Sequence[CredentialEvent]) -> None:
        pass

    def fail(self, *, passing: bool) -> None:
        self.bus.is_down, self.bus.refuses = passing, not passing

    def taken(self) -> list[CredentialEvent]:
        return self.bus.events


class OnAws:
    """Drives an `EventBridgeBus` over a stubbed service, which refuses every call but the expected one."""

    def __init__(self, client: Any, stub: Stubber) -> None:
        self.bus = EventBridgeBus(client, "pipelines")
        self._stub = stub
        self._expected: list[CredentialEvent] = []

    def expect(self, events: Sequence[CredentialEvent]) -> None:
        entries = [
            {
                "EventBusName": "pipelines",
                "Source": "token-refresher",
                "DetailType": str(event.kind),
                "Detail": event.to_json(),
                "Time": event.at,
            }
            for event in events
        ]
        answer = {"FailedEntryCount": 0, "Entries": [{"EventId": str(number)} for number in range(len(events))]}
        self._stub.add_response("put_events", answer, {"Entries": entries})
        self._expected += events

    def fail(self, *, passing: bool) -> None:
        code = "ThrottlingException" if passing else "ResourceNotFoundException"
        self._stub.add_client_error("put_events", code, "canary-message")

    def taken(self) -> list[CredentialEvent]:
        self._stub.assert_no_pending_responses()
        return self._expected


class TestFakeBus(EventBusContract):
    @pytest.fixture
    def driven(self) -> InMemory:
        return InMemory()


class TestEventBridgeBus(EventBusContract):
    @pytest.fixture
    def driven(self) -> Iterator[OnAws]:
        client = boto3.client(
            "events", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        with Stubber(client) as stub:
            yield OnAws(client, stub)
