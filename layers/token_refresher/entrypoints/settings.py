"""The settings of the functions, read once from the environment and validated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from urllib.parse import urlsplit

from token_refresher.base import identifiers
from token_refresher.base.errors import ConfigurationError
from token_refresher.base.timeouts import UNATTENDED
from token_refresher.base.timing import LATE_TICK, Timing, schedule_period

_WRITES_RESERVE: Final = timedelta(seconds=20)
"""One call to Secrets Manager that hangs, and all that `rotation.ESCROW_RESERVE` is for, and a little more."""

_CLOCK_SKEW: Final = timedelta(seconds=5)
"""AWS and Microsoft use NTP; a skew of five seconds is far more than that allows."""


LATEST_TICK: Final = LATE_TICK + timedelta(seconds=120)
"""How late a tick may end: it starts late, and dispatch runs for two minutes at the most."""

_PATH = re.compile(r"(/[A-Za-z0-9_.-]+)+")

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_NUMBER = re.compile(r"[0-9]{1,6}")

_DAYS = re.compile(r"[1-9][0-9]{0,2}(,[1-9][0-9]{0,2})*")


@dataclass(frozen=True)
class Settings:
    """The parameters of the stack. They are the same for all functions, so the functions cannot disagree.

    Attributes:
        secret_prefix: Secrets named ``{secret_prefix}/{name}`` are credentials.
        consumer_prefix: Secrets named ``{consumer_prefix}/{publish_to}`` are what pipelines read.
        credentials_table: The table of the registry.
        consents_table: The table of pending consents.
        incidents_table: The table of incidents and circuits.
        refresh_queue_url: The queue between dispatch and refresh.
        alert_topic_arn: The topic of the alerts.
        invite_secret_arn: The secret with the keys that sign connect links.
        authority_url: Microsoft's sign-in service.
        ads_api_url: The Microsoft Advertising API.
        sandbox_ads_api_url: The same, for credentials of its sandbox.
        public_url: Where browsers reach the callback function.
        reminders: The pauses between reminders; the last one repeats.
        runbook_url: The address of the runbook.
        connect_link_lifetime: How long a connect link works.
        timing: The durations, checked against each other.
        heartbeat: How long dispatch may be silent before the alarm.
        escrow_path: The path of the parameters that hold tokens while Secrets Manager is down.
        escrow_key_arn: The key that encrypts these parameters; only the functions may use it.
        kms_key_arn: The key that encrypts everything else; empty for the keys of AWS.
        event_bus_name: The event bus that gets the credential events; empty for none.
        providers_path: The path of the parameters that hold a team's own providers; empty for none.
    """

    secret_prefix: str
    consumer_prefix: str
    credentials_table: str
    consents_table: str
    incidents_table: str
    refresh_queue_url: str
    alert_topic_arn: str
    invite_secret_arn: str
    authority_url: str
    ads_api_url: str
    sandbox_ads_api_url: str
    public_url: str
    reminders: tuple[timedelta, ...]
    runbook_url: str
    connect_link_lifetime: timedelta
    timing: Timing
    heartbeat: timedelta
    escrow_path: str
    escrow_key_arn: str
    kms_key_arn: str
    event_bus_name: str
    providers_path: str

    @property
    def is_local(self) -> bool:
        """Whether the whole stack is on one machine, so that a provider may be on that machine too."""
        return urlsplit(self.authority_url).hostname in _LOOPBACK

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read and validate the environment.

        Raises:
            ConfigurationError: The message names the variable and what is wrong with it, or has the arithmetic.
        """
        read = _Environment(environment)
        timing = read.timing()
        return cls(
            secret_prefix=read.text("SECRET_PREFIX"),
            consumer_prefix=read.consumer_prefix(),
            credentials_table=read.text("CREDENTIALS_TABLE"),
            consents_table=read.text("CONSENTS_TABLE"),
            incidents_table=read.text("INCIDENTS_TABLE"),
            refresh_queue_url=read.url("REFRESH_QUEUE_URL"),
            alert_topic_arn=read.text("ALERT_TOPIC_ARN"),
            invite_secret_arn=read.text("INVITE_SECRET_ARN"),
            authority_url=read.service("AUTHORITY_URL"),
            ads_api_url=read.service("ADS_API_URL"),
            sandbox_ads_api_url=read.service("SANDBOX_ADS_API_URL"),
            public_url=read.url("PUBLIC_URL"),
            reminders=(read.hours("REMINDER_HOURS"), *read.list_of_days("LATER_REMINDER_DAYS")),
            runbook_url=read.text("RUNBOOK_URL"),
            connect_link_lifetime=read.days("CONNECT_LINK_DAYS"),
            timing=timing,
            heartbeat=read.heartbeat(timing.schedule_period),
            escrow_path=read.path("ESCROW_PATH"),
            escrow_key_arn=read.text("ESCROW_KEY_ARN"),
            kms_key_arn=read.may_be_empty("KMS_KEY_ARN"),
            event_bus_name=read.may_be_empty("EVENT_BUS_NAME"),
            providers_path=read.may_be_empty("PROVIDERS_PATH"),
        )


class _Environment:
    """Reads typed values. Each error names its variable."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str) -> str:
        value = self._variables.get(name, "").strip()
        if not value:
            raise ConfigurationError(f"{name} is not set; the template sets it for every function that needs it")
        return value

    def may_be_empty(self, name: str) -> str:
        value = self._variables.get(name)
        if value is None:
            raise ConfigurationError(f"{name} is not set; the template sets it, to nothing where there is nothing")
        return value.strip()

    def path(self, name: str) -> str:
        value = self.text(name)
        if not _PATH.fullmatch(value):
            raise ConfigurationError(f"{name} must be a path of parameters such as /token-refresher/escrow/my-stack")
        return value

    def url(self, name: str) -> str:
        value = self.text(name).rstrip("/")
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query or parts.fragment:
            raise ConfigurationError(f"{name} must be a URL such as https://example.com, without query or fragment")
        # Tokens, codes and client secrets are sent there.
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ConfigurationError(f"{name} must begin with https://; http is for an address of this machine alone")
        return value

    def service(self, name: str) -> str:
        """Read the address of a service in its normal form, which is a part of the ids of circuits and incidents."""
        try:
            return identifiers.url(self.url(name))
        except ValueError:
            raise ConfigurationError(
                f"{name} must be a URL such as https://example.com, with a port in digits"
            ) from None

    def number(self, name: str) -> int:
        value = self.text(name)
        if not _NUMBER.fullmatch(value):
            raise ConfigurationError(f"{name} must be a whole number of at most six digits, and is {value!r}")
        return int(value)

    def seconds(self, name: str) -> timedelta:
        return timedelta(seconds=self.number(name))

    def hours(self, name: str) -> timedelta:
        return timedelta(hours=self.number(name))

    def days(self, name: str) -> timedelta:
        return timedelta(days=self.number(name))

    def list_of_days(self, name: str) -> list[timedelta]:
        value = self.text(name)
        if not _DAYS.fullmatch(value):
            raise ConfigurationError(f"{name} must be numbers of days such as 3,7, and is {value!r}")
        return [timedelta(days=int(days)) for days in value.split(",")]

    def consumer_prefix(self) -> str:
        """Return where the secrets for consumers are; neither prefix may be below the other one."""
        managed, consumers = self.text("SECRET_PREFIX"), self.text("CONSUMER_PREFIX")
        if f"{consumers}/".startswith(f"{managed}/") or f"{managed}/".startswith(f"{consumers}/"):
            raise ConfigurationError(
                f"CONSUMER_PREFIX: {consumers!r} and SECRET_PREFIX {managed!r} overlap, so secrets for pipelines would"
                " be managed as credentials. Choose another ConsumerPrefix."
            )
        return consumers

    def timing(self) -> Timing:
        """Read the durations, and refuse those that cannot work together."""
        timing = Timing(
            minimum_freshness=self.seconds("MINIMUM_FRESHNESS_SECONDS"),
            schedule_period=schedule_period(self.text("REFRESH_SCHEDULE")),
            longest_run=self.seconds("REFRESH_TIMEOUT_SECONDS"),
            visibility_timeout=self.seconds("QUEUE_VISIBILITY_SECONDS"),
            http_deadline=UNATTENDED.deadline,
            writes_reserve=_WRITES_RESERVE,
            jitter=self.seconds("JITTER_SECONDS"),
            clock_skew=_CLOCK_SKEW,
            access_token_lifetime=self.seconds("ACCESS_TOKEN_LIFETIME_SECONDS"),
            minimum_interval=self.seconds("MINIMUM_INTERVAL_SECONDS"),
        )
        timing.check()
        return timing

    def heartbeat(self, schedule_period: timedelta) -> timedelta:
        """Read how long dispatch may be silent, and refuse a time after which the alarm rings although it ticks."""
        heartbeat = timedelta(minutes=self.number("HEARTBEAT_MINUTES"))
        apart = schedule_period + LATEST_TICK
        if heartbeat <= apart:
            raise ConfigurationError(
                "The alarm on a silent dispatch would ring while it ticks: two finished ticks are up to period"
                f" {schedule_period.total_seconds():g} s + late start and run {LATEST_TICK.total_seconds():g} s"
                f" = {apart.total_seconds():g} s apart, and HeartbeatMinutes is {heartbeat.total_seconds():g} s."
                " Raise HeartbeatMinutes."
            )
        return heartbeat
