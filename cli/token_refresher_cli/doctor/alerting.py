"""Do alerts reach a person: the subscriptions of the topic, and the alarms."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, problem, warning
from token_refresher_cli.installation.own_command import CHANGED_BY_HAND, runbook


@dataclass(frozen=True)
class Subscription:
    """A subscription to the alert topic.

    Attributes:
        protocol: Such as ``email``.
        endpoint: Such as an address.
        confirmed: Whether it has been confirmed.
        filtered: Whether it gets only some of the alerts.
    """

    protocol: str
    endpoint: str
    confirmed: bool
    filtered: bool = False

    def __str__(self) -> str:
        return f"{self.protocol} {self.endpoint}{' (some alerts only)' if self.filtered else ''}"


def subscription_findings(subscriptions: Sequence[Subscription], topic_arn: str) -> Iterator[Finding]:
    """Judge who gets the alerts."""
    subscribe = f"aws sns subscribe --topic-arn {topic_arn} --protocol email --notification-endpoint ADDRESS"
    confirmed = [subscription for subscription in subscriptions if subscription.confirmed]
    if not confirmed:
        what = "Nobody has confirmed a subscription" if subscriptions else "The topic has no subscription"
        yield problem(f"{what}: no alert reaches anybody.", subscribe)
    for pending in (subscription for subscription in subscriptions if not subscription.confirmed):
        yield warning(
            f"{pending.protocol} {pending.endpoint} has not confirmed the subscription, and gets no alerts.",
            f"They have to open the link in the message of SNS. After three days, subscribe again: {subscribe}",
        )
    if confirmed:
        yield ok(f"Alerts go to {', '.join(map(str, confirmed))}.")


@dataclass(frozen=True)
class Alarm:
    """One alarm of the stack.

    Attributes:
        logical_id: Its logical id in the template.
        name: Its name in CloudWatch.
        state: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``; ``None`` if the alarm is deleted.
        actions_enabled: Whether it notifies anybody.
    """

    logical_id: str
    name: str
    state: str | None
    actions_enabled: bool = True

    @property
    def anchor(self) -> str:
        """The anchor of its entry in the runbook."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.logical_id.removesuffix("Alarm")).lower()


def alarm_findings(alarms: Sequence[Alarm], page: str) -> Iterator[Finding]:
    """Judge the alarms.

    Args:
        alarms: The alarms of the stack.
        page: The address of the runbook.
    """
    for alarm in alarms:
        match alarm.state:
            case None:
                yield problem(f"The alarm {alarm.anchor} is deleted.", CHANGED_BY_HAND)
            case "ALARM":
                yield problem(f"The alarm {alarm.anchor} is red.", f"{page}#{alarm.anchor}")
            case _ if not alarm.actions_enabled:
                yield warning(
                    f"The actions of the alarm {alarm.anchor} are off: it notifies nobody.",
                    f"aws cloudwatch enable-alarm-actions --alarm-names {alarm.name}",
                )
    yield ok(f"None of {len(alarms)} alarms is red.")


def _alerts(context: CheckContext) -> Iterator[Finding]:
    arn = context.installation.outputs["AlertTopicArn"]
    yield from subscription_findings(subscriptions_of(context), arn)


def subscriptions_of(context: CheckContext) -> list[Subscription]:
    """Return the subscriptions of the alert topic."""
    client = context.installation.client("sns")
    pages = client.get_paginator("list_subscriptions_by_topic")
    found = []
    for page in pages.paginate(TopicArn=context.installation.outputs["AlertTopicArn"]):
        for entry in page["Subscriptions"]:
            arn = entry["SubscriptionArn"]
            confirmed = arn.startswith("arn:")  # Otherwise it is PendingConfirmation or Deleted.
            attributes = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"] if confirmed else {}
            confirmed = confirmed and attributes.get("PendingConfirmation", "false") != "true"
            filtered = attributes.get("FilterPolicy", "{}") not in {"", "{}"}
            if arn != "Deleted":
                found.append(Subscription(entry["Protocol"], entry["Endpoint"], confirmed, filtered))
    return found


def _alarms(context: CheckContext) -> Iterator[Finding]:
    expected = {logical: name for logical, name in context.resources.items() if logical.endswith("Alarm")}
    pages = context.installation.client("cloudwatch").get_paginator("describe_alarms")
    found = {
        alarm["AlarmName"]: alarm
        for page in pages.paginate(AlarmNames=list(expected.values()), AlarmTypes=["MetricAlarm"])
        for alarm in page["MetricAlarms"]
    }
    alarms = [
        Alarm(logical, name, found[name]["StateValue"], found[name]["ActionsEnabled"])
        if name in found
        else Alarm(logical, name, None)
        for logical, name in sorted(expected.items())
    ]
    page = runbook(context.installation, "").removesuffix("#")
    yield from alarm_findings(alarms, page)


ALERTS: Final = Check(
    "alerts",
    "At least one person or system has confirmed a subscription to the alerts.",
    ("sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"),
    _alerts,
)
ALARMS: Final = Check(
    "alarms",
    "No alarm of the stack is red, deleted or switched off.",
    ("cloudformation:ListStackResources", "cloudwatch:DescribeAlarms"),
    _alarms,
)
