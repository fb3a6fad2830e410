"""Are people told: the subscriptions of the topic, and the alarms."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.finding import Finding, ok, problem, warning
from token_refresher_cli.own_command import CHANGED_BY_HAND, runbook


@dataclass(frozen=True)
class Subscription:
    """Who is told, and of what.

    Attributes:
        protocol: Such as ``email``.
        endpoint: Such as an address.
        confirmed: Whether it has been confirmed.
        filtered: Whether it gets some alerts only.
    """

    protocol: str
    endpoint: str
    confirmed: bool
    filtered: bool = False

    def __str__(self) -> str:
        return f"{self.protocol} {self.endpoint}{' (some alerts only)' if self.filtered else ''}"


def subscription_findings(subscriptions: Sequence[Subscription], topic_arn: str) -> Iterator[Finding]:
    """Judge who is told."""
    subscribe = f"aws sns subscribe --topic-arn {topic_arn} --protocol email --notification-endpoint ADDRESS"
    confirmed = [subscription for subscription in subscriptions if subscription.confirmed]
    if not confirmed:
        what = "Nobody has confirmed a subscription" if subscriptions else "The topic has no subscription"
        yield problem(f"{what}: nobody is told of anything.", subscribe)
    for pending in (subscription for subscription in subscriptions if not subscription.confirmed):
        yield warning(
            f"{pending.protocol} {pending.endpoint} has not confirmed its subscription, and gets no alerts.",
            f"Have them follow the link in the message of SNS; after three days subscribe anew: {subscribe}",
        )
    if confirmed:
        yield ok(f"Alerts go to {', '.join(map(str, confirmed))}.")


@dataclass(frozen=True)
class Alarm:
    """One alarm of the stack.

    Attributes:
        logical_id: Its name in the template.
        name: Its name in CloudWatch.
        state: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``; ``None`` where the alarm is gone.
        actions_enabled: Whether it tells anybody.
    """

    logical_id: str
    name: str
    state: str | None
    actions_enabled: bool = True

    @property
    def anchor(self) -> str:
        """Its entry in the runbook."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.logical_id.removesuffix("Alarm")).lower()


def alarm_findings(alarms: Sequence[Alarm], page: str) -> Iterator[Finding]:
    """Judge the alarms.

    Args:
        alarms: Those of the stack.
        page: The runbook.
    """
    for alarm in alarms:
        match alarm.state:
            case None:
                yield problem(f"The alarm {alarm.anchor} is gone.", CHANGED_BY_HAND)
            case "ALARM":
                yield problem(f"The alarm {alarm.anchor} is red.", f"{page}#{alarm.anchor}")
            case _ if not alarm.actions_enabled:
                yield warning(
                    f"The alarm {alarm.anchor} is switched off: it would tell nobody.",
                    f"aws cloudwatch enable-alarm-actions --alarm-names {alarm.name}",
                )
    yield ok(f"None of {len(alarms)} alarms is red.")


def _alerts(visit: Visit) -> Iterator[Finding]:
    arn = visit.installation.outputs["AlertTopicArn"]
    yield from subscription_findings(subscriptions_of(visit), arn)


def subscriptions_of(visit: Visit) -> list[Subscription]:
    """Return who is subscribed to the topic."""
    client = visit.installation.client("sns")
    pages = client.get_paginator("list_subscriptions_by_topic")
    found = []
    for page in pages.paginate(TopicArn=visit.installation.outputs["AlertTopicArn"]):
        for entry in page["Subscriptions"]:
            arn = entry["SubscriptionArn"]
            confirmed = arn.startswith("arn:")  # Else it says PendingConfirmation, or Deleted.
            attributes = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"] if confirmed else {}
            confirmed = confirmed and attributes.get("PendingConfirmation", "false") != "true"
            filtered = attributes.get("FilterPolicy", "{}") not in {"", "{}"}
            if arn != "Deleted":
                found.append(Subscription(entry["Protocol"], entry["Endpoint"], confirmed, filtered))
    return found


def _alarms(visit: Visit) -> Iterator[Finding]:
    ours = {logical: name for logical, name in visit.resources.items() if logical.endswith("Alarm")}
    pages = visit.installation.client("cloudwatch").get_paginator("describe_alarms")
    found = {
        alarm["AlarmName"]: alarm
        for page in pages.paginate(AlarmNames=list(ours.values()), AlarmTypes=["MetricAlarm"])
        for alarm in page["MetricAlarms"]
    }
    alarms = [
        Alarm(logical, name, found[name]["StateValue"], found[name]["ActionsEnabled"])
        if name in found
        else Alarm(logical, name, None)
        for logical, name in sorted(ours.items())
    ]
    page = runbook(visit.installation, "").removesuffix("#")
    yield from alarm_findings(alarms, page)


ALERTS: Final = Check(
    "alerts",
    "Somebody has subscribed to the alerts, and has confirmed it.",
    ("sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"),
    _alerts,
)
ALARMS: Final = Check(
    "alarms",
    "No alarm of the stack is red, gone or switched off.",
    ("cloudformation:ListStackResources", "cloudwatch:DescribeAlarms"),
    _alarms,
)
