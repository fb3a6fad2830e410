"""Amazon SNS as the alert topic."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.alert import Alert
from token_refresher.errors import AlertNotSentError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class SnsAlertTopic:
    """Publishes alerts to one topic: text for mail, JSON for every other protocol."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, alert: Alert) -> None:
        """See `AlertTopic.publish`.

        Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (MessageStructure)
        """
        attributes = {"event": alert.event, "severity": alert.event.severity, "credential": alert.credential}
        try:
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject=alert.subject,
                MessageStructure="json",
                Message=json.dumps({"default": alert.to_json(), "email": alert.to_text()}),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": str(value)} for name, value in attributes.items()
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise AlertNotSentError(f"{alert.event} of {alert.credential}") from error
