"""Amazon SNS as the alert topic."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.alerts.alert import Alert
from token_refresher.alerts.email import mail
from token_refresher.base.errors import AlertNotSentError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class SnsAlertTopic:
    """Publishes alerts to one topic: text to mail subscribers, JSON to every other protocol."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, alert: Alert) -> None:
        """See `AlertTopic.publish`.

        Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (MessageStructure),
        https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html (String.Array)
        """
        attributes = {
            "event": _text(alert.event),
            "severity": _text(alert.event.severity),
            # A filter policy on one name also matches a list that contains the name.
            "credential": _list(alert.named) if len(alert.named) > 1 else _text(alert.credential),
        }
        try:
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject=alert.subject,
                MessageStructure="json",
                Message=json.dumps({"default": alert.to_json(), "email": mail(alert)}),
                MessageAttributes=attributes,
            )
        except (ClientError, BotoCoreError) as error:
            raise AlertNotSentError(f"{alert.event} of {alert.credential}") from error


def _text(value: str) -> "MessageAttributeValueTypeDef":
    return {"DataType": "String", "StringValue": str(value)}


def _list(values: tuple[str, ...]) -> "MessageAttributeValueTypeDef":
    return {"DataType": "String.Array", "StringValue": json.dumps(values)}
