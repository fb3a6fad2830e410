"""The environment is validated: an error names the variable and the reason."""

from datetime import timedelta

import pytest

from token_refresher.base.errors import ConfigurationError
from token_refresher.entrypoints.settings import LATEST_TICK, Settings

GOOD = {
    "SECRET_PREFIX": "token-refresher",
    "CONSUMER_PREFIX": "token-refresher-consumers",
    "CREDENTIALS_TABLE": "credentials",
    "CONSENTS_TABLE": "consents",
    "INCIDENTS_TABLE": "incidents",
    "REFRESH_QUEUE_URL": "https://sqs.example.com/queue.fifo",
    "ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:alerts",
    "INVITE_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:invites",
    "AUTHORITY_URL": "https://login.microsoftonline.com",
    "ADS_API_URL": "https://clientcenter.api.bingads.microsoft.com",
    "SANDBOX_ADS_API_URL": "https://clientcenter.api.sandbox.bingads.microsoft.com",
    "PUBLIC_URL": "https://connect.example.com",
    "REFRESH_SCHEDULE": "rate(5 minutes)",
    "MINIMUM_FRESHNESS_SECONDS": "900",
    "ACCESS_TOKEN_LIFETIME_SECONDS": "3600",
    "MINIMUM_INTERVAL_SECONDS": "1200",
    "JITTER_SECONDS": "120",
    "HEARTBEAT_MINUTES": "15",
    "REFRESH_TIMEOUT_SECONDS": "60",
    "QUEUE_VISIBILITY_SECONDS": "120",
    "REMINDER_HOURS": "24",
    "LATER_REMINDER_DAYS": "3,7",
    "RUNBOOK_URL": "docs/operations.md",
    "CONNECT_LINK_DAYS": "7",
    "ESCROW_PATH": "/token-refresher/escrow/my-stack",
    "ESCROW_KEY_ARN": "arn:aws:kms:eu-west-1:000000000000:key/escrow",
    "KMS_KEY_ARN": "",
    "EVENT_BUS_NAME": "",
    "PROVIDERS_PATH": "",
}
URLS = ["REFRESH_QUEUE_URL", "AUTHORITY_URL", "ADS_API_URL", "SANDBOX_ADS_API_URL", "PUBLIC_URL"]
NUMBERS = [name for name in GOOD if name.endswith(("_SECONDS", "_MINUTES", "_HOURS", "LINK_DAYS"))]


def refused(**changes: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({**GOOD, **changes})
    return str(caught.value)


def test_the_environment_becomes_values() -> None:
    settings = Settings.from_environment(GOOD)
    assert (settings.secret_prefix, settings.credentials_table) == ("token-refresher", "credentials")
    assert (settings.reminders, settings.connect_link_lifetime) == (
        (timedelta(hours=24), timedelta(days=3), timedelta(days=7)),
        timedelta(days=7),
    )
    assert settings.timing.schedule_period == timedelta(minutes=5)
    assert settings.timing.visibility_timeout == timedelta(minutes=2)


def test_a_second_more_than_an_exchange_is_a_run() -> None:
    timing = Settings.from_environment(
        {**GOOD, "REFRESH_TIMEOUT_SECONDS": "49", "QUEUE_VISIBILITY_SECONDS": "80"}
    ).timing
    assert timing.exchange == timedelta(seconds=48)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("", "", id="nothing: the key of AWS"),
        pytest.param("  ", "", id="blanks: the key of AWS"),
        pytest.param("arn:aws:kms:eu-west-1:1:key/1", "arn:aws:kms:eu-west-1:1:key/1", id="a key of our own"),
    ],
)
def test_a_key_may_be_left_to_aws(written: str, read: str) -> None:
    assert Settings.from_environment({**GOOD, "KMS_KEY_ARN": written}).kms_key_arn == read


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("token-refresher/escrow", id="no slash before it"),
        pytest.param("/token-refresher/escrow/", id="a slash after it"),
        pytest.param("/token-refresher//escrow", id="an empty level"),
        pytest.param("/", id="the root"),
        pytest.param("/token refresher", id="a space"),
    ],
)
def test_an_invalid_path_is_refused_with_the_name_of_its_variable(path: str) -> None:
    assert refused(ESCROW_PATH=path).startswith("ESCROW_PATH must be a path of parameters")


def test_other_variables_of_the_environment_do_not_matter() -> None:
    assert Settings.from_environment({**GOOD, "PATH": "/usr/bin"}) == Settings.from_environment(GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is not set"):
        Settings.from_environment({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"EVENT_BUS_NAME", "KMS_KEY_ARN", "PROVIDERS_PATH"}))
def test_a_blank_variable_is_a_missing_one(name: str) -> None:
    assert refused(**{name: "  "}).startswith(f"{name} is not set")


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("example.com", id="no scheme"),
        pytest.param("ftp://example.com", id="another scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https://example.com?a=b", id="a query"),
        pytest.param("https://example.com#a", id="a fragment"),
        pytest.param("https://[", id="a host that is no host"),
    ],
)
def test_an_invalid_url_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    assert refused(**{name: value}).startswith(f"{name} must be a URL")


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "host", ["example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "[fe80::1]"]
)
def test_an_address_without_tls_is_refused_with_the_name_of_its_variable(name: str, host: str) -> None:
    assert refused(**{name: f"http://{host}:8080"}).startswith(f"{name} must begin with https://")


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_address_of_this_machine_needs_no_tls(name: str, host: str) -> None:
    settings = Settings.from_environment({**GOOD, name: f"http://{host}:8080"})
    assert getattr(settings, name.lower()) == f"http://{host}:8080"


@pytest.mark.parametrize("name", URLS)
def test_a_url_loses_its_last_slash(name: str) -> None:
    settings = Settings.from_environment({**GOOD, name: "http://localhost:8080/"})
    assert getattr(settings, name.lower()) == "http://localhost:8080"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("-1", id="negative"),
        pytest.param("1.5", id="broken"),
        pytest.param("many", id="a word"),
        pytest.param("1e3", id="an exponent"),
    ],
)
def test_an_invalid_number_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    message = refused(**{name: value})
    assert message.startswith(f"{name} must be a whole number")
    assert repr(value) in message


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_no_duration_can_hold_is_refused_with_the_name_of_its_variable(name: str) -> None:
    assert name in refused(**{name: "9" * 30})


def test_a_schedule_that_is_no_rate_is_refused() -> None:
    assert "RefreshSchedule" in refused(REFRESH_SCHEDULE="cron(* * * * ? *)")


@pytest.mark.parametrize(
    ("changes", "arithmetic"),
    [
        pytest.param({"REFRESH_TIMEOUT_SECONDS": "48"}, "28 s + writes 20 s = 48 s", id="a run that is too short"),
        pytest.param({"QUEUE_VISIBILITY_SECONDS": "60"}, "visibility timeout 60 s", id="a message hidden too short"),
        pytest.param(
            {"QUEUE_VISIBILITY_SECONDS": "89"}, "visibility timeout is 89 s", id="hidden shorter than a lease"
        ),
        pytest.param({"MINIMUM_FRESHNESS_SECONDS": "3000"}, "= 3845 s", id="a promise that is too long"),
    ],
)
def test_timing_that_cannot_hold_is_refused_with_the_arithmetic(changes: dict[str, str], arithmetic: str) -> None:
    assert arithmetic in refused(**changes)


def test_a_heartbeat_that_a_late_tick_keeps_is_accepted() -> None:
    settings = Settings.from_environment({**GOOD, "HEARTBEAT_MINUTES": "9"})
    assert settings.heartbeat == settings.timing.schedule_period + LATEST_TICK + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes", "seconds"),
    [
        pytest.param("4", 240, id="shorter than the period of the schedule"),
        pytest.param("5", 300, id="as long as the period"),
        pytest.param("8", 480, id="as long as two finished ticks may be apart"),
    ],
)
def test_a_heartbeat_that_a_late_tick_would_miss_is_refused_with_the_arithmetic(minutes: str, seconds: int) -> None:
    arithmetic = f"period 300 s + late start and run 180 s = 480 s apart, and HeartbeatMinutes is {seconds} s"
    assert arithmetic in refused(HEARTBEAT_MINUTES=minutes)


@pytest.mark.parametrize("value", ["0", "3,", ",3", "3;7", "-3", "3, 7", "a week", "1000"])
def test_an_invalid_list_of_days_is_refused_with_the_name_of_its_variable(value: str) -> None:
    assert (
        refused(LATER_REMINDER_DAYS=value)
        == f"LATER_REMINDER_DAYS must be numbers of days such as 3,7, and is {value!r}"
    )


@pytest.mark.parametrize(
    "written", ["https://Login.Example.com", "HTTPS://login.example.com:443/", "https://login.example.com"]
)
def test_an_authority_has_one_form_however_it_is_written(written: str) -> None:
    assert Settings.from_environment({**GOOD, "AUTHORITY_URL": written}).authority_url == "https://login.example.com"


def test_the_public_url_keeps_its_letters_for_the_redirect_uri_is_registered_with_them() -> None:
    written = "https://Connect.Example.com"
    assert Settings.from_environment({**GOOD, "PUBLIC_URL": written}).public_url == written


def test_an_authority_with_an_invalid_port_is_refused_with_the_name_of_its_variable() -> None:
    assert refused(AUTHORITY_URL="https://login.example.com:port").startswith("AUTHORITY_URL must be a URL")
