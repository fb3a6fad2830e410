"""Amazon EventBridge as the bus of credential events."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from token_refresher.alerts.credential_event import CredentialEvent
from token_refresher.aws.errors import all_translated
from token_refresher.base.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE: Final = "token-refresher"
"""The source of every event, for the patterns of rules."""

_PASSING: Final = frozenset({"InternalFailure", "InternalException", "ThrottlingException"})
"""The error codes of single events that may be taken a moment later.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""


class EventBridgeBus:
    """Sends credential events to one bus."""

    def __init__(self, client: "EventBridgeClient", name: str) -> None:
        self._client = client
        self._name = name

    def send(self, events: Sequence[CredentialEvent]) -> None:
        """See `EventBus.send`.

        A call that succeeds may still have refused single events.
        Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        """
        with all_translated("events"):
            answer = self._client.put_events(Entries=[self._entry(event) for event in events])
        codes = [result["ErrorCode"] for result in answer["Entries"] if "ErrorCode" in result]
        if codes:
            raise ServiceUnavailableError("events.PutEvents", codes[0], passing=_PASSING.issuperset(codes))

    def _entry(self, event: CredentialEvent) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.kind,
            "Detail": event.to_json(),
            "Time": event.at,
        }
