"""Amazon DynamoDB as the store of pending consents and their results."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from token_refresher.aws.errors import translated
from token_refresher.base.clock import from_rfc3339, to_rfc3339
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import Words
from token_refresher.consent.pending import RESULT_LIFETIME, ForeignBrowserError, PendingConsent
from token_refresher.consent.result import ConsentResult
from token_refresher.invites.invite import Invite

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class DynamoDbConsents:
    """The table ``consents``, keyed by ``id``, with ``ttl`` as its time to live.

    DynamoDB removes expired items within days, not at once, so every read also compares the time.
    """

    def __init__(self, table: "Table") -> None:
        self._table = table

    @translated("dynamodb")
    def start(self, consent: PendingConsent) -> None:
        """See `PendingConsents.start`."""
        item: dict[str, Any] = {
            "id": _started(consent.state_digest),
            "cookie": consent.cookie_digest,
            "invite": consent.invite.to_document(),
            "verifier": consent.verifier.reveal(),
            "nonce": consent.nonce,
            "expires_at": to_rfc3339(consent.expires_at),
            "accepted_person": consent.accepted_person,
            "redirect_uri": consent.redirect_uri,
            "words": asdict(consent.words) if consent.words else None,
            "ttl": int(consent.expires_at.timestamp()),
        }
        try:
            self._table.put_item(
                Item=item,
                ConditionExpression=Attr("id").not_exists(),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            # If the answer to a write is lost, botocore repeats the write: then the item is this same consent.
            if _refused_item(error) != item:
                raise

    @translated("dynamodb")
    def take(self, state_digest: str, cookie_digest: str, now: datetime) -> PendingConsent | None:
        """See `PendingConsents.take`: one conditional delete, so that only one of two callbacks gets the consent."""
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
    def remember(self, consent: PendingConsent, result: ConsentResult, now: datetime) -> None:
        """See `PendingConsents.remember`."""
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
        """See `PendingConsents.result`."""
        item = self._table.get_item(Key={"id": _ended(state_digest)}, ConsistentRead=True).get("Item")
        if item is None or now >= from_rfc3339(str(item["expires_at"])):
            return None
        if item["cookie"] != cookie_digest:
            raise ForeignBrowserError
        document: Any = item["result"]
        return ConsentResult.from_document(document)


def _refused_item(error: ClientError) -> dict[str, Any]:
    """Return the item that made the condition of a write fail; in an error boto3 does not deserialize it."""
    item: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment] # Only this error has one.
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def _started(state_digest: str) -> str:
    return f"started#{state_digest}"


def _ended(state_digest: str) -> str:
    return f"ended#{state_digest}"


def _consent(state_digest: str, item: Mapping[str, Any]) -> PendingConsent:
    return PendingConsent(
        state_digest=state_digest,
        cookie_digest=item["cookie"],
        invite=Invite.from_document(item["invite"]),
        verifier=Sensitive(item["verifier"]),
        nonce=item["nonce"],
        expires_at=from_rfc3339(item["expires_at"]),
        accepted_person=item["accepted_person"],
        redirect_uri=item.get("redirect_uri", ""),
        words=Words(**item["words"]) if item.get("words") else None,
    )
