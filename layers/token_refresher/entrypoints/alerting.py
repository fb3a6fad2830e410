"""The alerting that refresh and callback share, and the topic that it publishes on."""

from typing import TYPE_CHECKING

from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.reminders import Reminders
from token_refresher.aws.alert_topic import SnsAlertTopic
from token_refresher.base.clock import system_clock
from token_refresher.entrypoints.clients import later, registry
from token_refresher.entrypoints.metered_topic import MeteredTopic
from token_refresher.entrypoints.settings import Settings

if TYPE_CHECKING:
    from token_refresher.alerts.messages import Messages
    from token_refresher.alerts.shared import SharedAlerting


def topic(settings: Settings) -> MeteredTopic:
    """Return the topic of the alerts."""
    return MeteredTopic(SnsAlertTopic(later("sns"), settings.alert_topic_arn))


def alerting(settings: Settings, messages: "Messages", shared: "SharedAlerting") -> Alerting:
    """Return the alerting."""
    return Alerting(
        topic(settings),
        messages,
        shared,
        registry(settings),
        Reminders(settings.reminders),
        settings.authority_url,
        system_clock,
    )
