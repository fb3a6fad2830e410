"""Amazon DynamoDB as the memory of consents under way."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from token_refresher.aws_errors import translated
from token_refresher.clock import from_rfc3339, to_rfc3339
from token_refresher.consent_result import ConsentResult
from token_refresher.consents import RESULT_LIFETIME, ForeignBrowserError, StartedConsent
from token_refresher.invite import Invite
from token_refresher.sensitive import Sensitive

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class DynamoDbConsents:
    """The table ``consents``, keyed by ``id``, with ``ttl`` as its time to live.

    DynamoDB removes expired items within days, not at once, so every read also looks at the time.
    """

    def __init__(self, table: "Table") -> None:
        self._table = table

    @translated("dynamodb")
    def start(self, consent: StartedConsent) -> None:
        """See `Consents.start`."""
        item: dict[str, Any] = {
            "id": _started(consent.state_digest),
            "cookie": consent.cookie_digest,
            "invite": consent.invite.to_document(),
            "verifier": consent.verifier.reveal(),
            "nonce": consent.nonce,
            "expires_at": to_rfc3339(consent.expires_at),
            "accepted_person": consent.accepted_person,
            "ttl": int(consent.expires_at.timestamp()),
        }
        try:
            self._table.put_item(
                Item=item,
                ConditionExpression=Attr("id").not_exists(),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            # botocore repeats a write whose answer was lost: what is there is this very consent then.
            if _refused_item(error) != item:
                raise

    @translated("dynamodb")
    def take(self, state_digest: str, cookie_digest: str, now: datetime) -> StartedConsent | None:
        """See `Consents.take`: one conditional delete, so that of two callbacks one finds it."""
        try:
            answer = self._table.delete_item(
                Key={"id": _started(state_digest)},
                ConditionExpression=Attr("cookie").eq(cookie_digest),
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            if _refused_item(error):
                raise ForeignBrowserError from error
            return None
        consent = _consent(state_digest, answer["Attributes"])
        return consent if now < consent.expires_at else None

    @translated("dynamodb")
    def remember(self, consent: StartedConsent, result: ConsentResult, now: datetime) -> None:
        """See `Consents.remember`."""
        expires_at = now + RESULT_LIFETIME
        self._table.put_item(
            Item={
                "id": _ended(consent.state_digest),
                "cookie": consent.cookie_digest,
                "result": result.to_document(),
                "expires_at": to_rfc3339(expires_at),
                "ttl": int(expires_at.timestamp()),
            }
        )

    @translated("dynamodb")
    def result(self, state_digest: str, cookie_digest: str, now: datetime) -> ConsentResult | None:
        """See `Consents.result`."""
        item = self._table.get_item(Key={"id": _ended(state_digest)}, ConsistentRead=True).get("Item")
        if item is None or now >= from_rfc3339(str(item["expires_at"])):
            return None
        if item["cookie"] != cookie_digest:
            raise ForeignBrowserError
        document: Any = item["result"]
        return ConsentResult.from_document(document)


def _refused_item(error: ClientError) -> dict[str, Any]:
    """Return the item that stood in the way of a write; the resource does not deserialize it in an error."""
    item: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment] # Only this error has one.
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def _started(state_digest: str) -> str:
    return f"started#{state_digest}"


def _ended(state_digest: str) -> str:
    return f"ended#{state_digest}"


def _consent(state_digest: str, item: Mapping[str, Any]) -> StartedConsent:
    return StartedConsent(
        state_digest=state_digest,
        cookie_digest=item["cookie"],
        invite=Invite.from_document(item["invite"]),
        verifier=Sensitive(item["verifier"]),
        nonce=item["nonce"],
        expires_at=from_rfc3339(item["expires_at"]),
        accepted_person=item["accepted_person"],
    )
