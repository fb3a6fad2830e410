"""The template agrees with the code, the settings and the docs."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from local.stack.toolchain import ROOT
from tests.packaging import made
from tests.packaging.cloudformation import default_environment, template
from token_refresher.base.errors import ConfigurationError
from token_refresher.base.timeouts import INTERACTIVE
from token_refresher.credential.status_tags import REASON_TAG, STATUS_TAG
from token_refresher.entrypoints.settings import Settings
from token_refresher.rotation.rotation import TOKENS_RESERVE

TEMPLATE = template()
PARAMETERS: dict[str, Any] = TEMPLATE["Parameters"]
OUTPUTS: dict[str, Any] = TEMPLATE["Outputs"]
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
VARIABLES: dict[str, Any] = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

OF_LOGS = {"DETAILED_METRICS", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_TRACE_DISABLED"}
"""The variables of logs, metrics and traces, which do not wait for the settings."""

CONTRACT_PARAMETERS = {
    "SecretPrefix": "token-refresher",
    "RefreshSchedule": "rate(5 minutes)",
    "MinimumFreshnessSeconds": 900,
    "AuthorityUrl": "https://login.microsoftonline.com",
    "AdsApiUrl": "https://clientcenter.api.bingads.microsoft.com",
    "SandboxAdsApiUrl": "https://clientcenter.api.sandbox.bingads.microsoft.com",
    "PublicUrl": "",
    "AlertEmail": "",
    "ReminderHours": 24,
    "ConnectLinkDays": 7,
    "KmsKeyArn": "",
    "LogLevel": "INFO",
}
CONTRACT_OUTPUTS = {
    "CallbackUrl",
    "ConnectBaseUrl",
    "AlertTopicArn",
    "RefreshQueueUrl",
    "DispatchFunctionName",
    "RefreshFunctionName",
    "CallbackFunctionName",
    "CredentialsTableName",
    "DashboardUrl",
}


@pytest.mark.parametrize(("name", "default"), CONTRACT_PARAMETERS.items())
def test_a_parameter_of_the_contract_has_its_default(name: str, default: object) -> None:
    assert PARAMETERS[name]["Default"] == default


def test_the_outputs_of_the_contract_are_there() -> None:
    assert set(OUTPUTS) >= CONTRACT_OUTPUTS


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_described_bounded_and_optional(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter["Description"].endswith((".", ".)"))
    assert "Default" in parameter
    bounded = parameter.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}
    assert bounded


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_described(name: str) -> None:
    assert OUTPUTS[name]["Description"].endswith(".")


@pytest.mark.parametrize("name", [*PARAMETERS, *OUTPUTS])
def test_a_parameter_or_an_output_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "deploy.md").read_text("utf-8")


def test_the_parameters_and_outputs_that_the_docs_name_exist() -> None:
    rows = re.findall(r"^\| `([A-Z]\w+)` \|", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted([*PARAMETERS, *OUTPUTS])


def test_the_functions_accept_the_environment_that_the_defaults_make() -> None:
    Settings.from_environment(default_environment())


@pytest.mark.parametrize("variable", sorted(VARIABLES.keys() - OF_LOGS))
def test_every_variable_is_read_by_the_settings(variable: str) -> None:
    environment = default_environment()
    del environment[variable]
    with pytest.raises(Exception, match=variable):
        Settings.from_environment(environment)


@pytest.mark.parametrize("name", ["DispatchFunction", "RefreshFunction", "CallbackFunction"])
def test_a_function_has_a_role_of_its_own_and_a_log_group_that_ends(name: str) -> None:
    properties = RESOURCES[name]["Properties"]
    role = properties["Role"]["Fn::GetAtt"]
    assert role == f"{name.removesuffix('Function')}Role.Arn"
    group = RESOURCES[properties["LoggingConfig"]["LogGroup"]["Ref"]]
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def _statements() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name} {statement['Sid']}", statement)
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::IAM::Role"
        for policy in resource["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Sid" in statement
    ]


@pytest.mark.parametrize(("where", "statement"), _statements(), ids=[where for where, _ in _statements()])
def test_a_star_is_the_resource_only_of_actions_that_support_no_resource(where: str, statement: dict[str, Any]) -> None:
    without_resource = {
        "secretsmanager:ListSecrets",
        "ssm:DescribeParameters",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    if statement["Resource"] == "*":
        assert set(actions) <= without_resource
    assert "*" not in actions


def test_the_workers_may_set_only_the_two_status_tags_of_secrets_under_the_prefix() -> None:
    tagging = {where: statement for where, statement in _statements() if "Tag" in str(statement["Action"])}
    assert set(tagging) == {"RefreshRole ShowsTheStatus", "CallbackRole ShowsTheStatus"}
    for statement in tagging.values():
        assert statement["Action"] == "secretsmanager:TagResource"
        assert statement["Resource"]["Fn::Sub"].endswith(":secret:${SecretPrefix}/*")
        assert statement["Condition"] == {"ForAllValues:StringEquals": {"aws:TagKeys": [STATUS_TAG, REASON_TAG]}}


def test_one_message_is_one_invocation_and_failures_are_reported() -> None:
    mapping = RESOURCES["RefreshQueueMapping"]["Properties"]
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == {"Ref": "RefreshConcurrency"}


def test_queues_tables_and_secrets_are_encrypted() -> None:
    for name, resource in RESOURCES.items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::SQS::Queue":
                assert {"SqsManagedSseEnabled", "KmsMasterKeyId"} <= properties.keys(), name
            case "AWS::DynamoDB::Table":
                assert properties["SSESpecification"]["SSEEnabled"] is True, name
            case "AWS::SNS::Topic":
                assert "KmsMasterKeyId" in properties, name
            case _:
                continue


ODD = ["-", "", "Forbidden", 'a "quoted" word', "a \\ backslash", "two\nlines"]
"""Values that API Gateway inserts for a variable. It escapes nothing."""

TEXTS_OF_OTHERS = {"error.message", "error.messageString", "integrationErrorMessage", "identity.userAgent", "path"}
"""Variables that can be any text, or have quotes of their own, or have no value."""


@pytest.mark.parametrize("value", ODD)
def test_the_access_log_is_json_for_every_value_of_api_gateway(value: str) -> None:
    written = RESOURCES["ApiStage"]["Properties"]["AccessLogSettings"]["Format"]

    def filled(match: re.Match[str]) -> str:
        if match[1] == "error.messageString":
            return f'"{value}"' if value not in {"", "-"} else value
        # A word, a number or nothing: no other variable can be a text.
        return value if match[1] in TEXTS_OF_OTHERS or value in {"-", ""} else "word"

    line = json.loads(re.sub(r"\$context\.([A-Za-z.]+)", filled, written))
    assert {"requestId", "at", "route", "status", "ip", "latency", "error"} == line.keys()


def test_the_access_log_is_one_line_in_a_group_that_needs_no_policy_of_its_own() -> None:
    """API Gateway allows a line break only at the end of a format."""
    settings = RESOURCES["ApiStage"]["Properties"]["AccessLogSettings"]
    group = RESOURCES[settings["DestinationArn"]["Fn::GetAtt"].partition(".")[0]]["Properties"]
    assert "\n" not in settings["Format"]
    assert group["LogGroupName"]["Fn::Sub"].startswith("/aws/vendedlogs/")
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_callback_ends_before_api_gateway_stops_waiting_and_has_time_for_an_exchange() -> None:
    cold_start = timedelta(seconds=3)
    waits = timedelta(milliseconds=RESOURCES["CallbackIntegration"]["Properties"]["TimeoutInMillis"])
    runs = timedelta(seconds=RESOURCES["CallbackFunction"]["Properties"]["Timeout"])
    assert waits <= timedelta(seconds=30)  # The longest time of an HTTP API.
    assert runs + cold_start <= waits
    assert runs > INTERACTIVE.deadline + TOKENS_RESERVE


@pytest.mark.parametrize(
    ("public_url", "parameter", "closed"),
    [
        pytest.param("https://connect.example.com", "true", True, id="only the domain of the operator is open"),
        pytest.param("https://connect.example.com", "false", False, id="both are open"),
        pytest.param("", "true", False, id="without a domain the API's own URL stays open, which is the only one"),
    ],
)
def test_the_url_of_the_api_is_closed_if_the_operator_wants_it(
    public_url: str, parameter: str, *, closed: bool
) -> None:
    chosen = {**made.PARAMETERS, "PublicUrl": public_url, "DisableExecuteApiEndpoint": parameter}
    assert made.resolved(RESOURCES["Api"]["Properties"], chosen)["DisableExecuteApiEndpoint"] is closed


@pytest.mark.parametrize(("mode", "disabled"), [("PassThrough", "true"), ("Active", "false")])
def test_a_function_loads_the_sdk_of_x_ray_only_if_there_are_traces(mode: str, disabled: str) -> None:
    chosen = {**made.PARAMETERS, "Tracing": mode}
    assert made.resolved(VARIABLES["POWERTOOLS_TRACE_DISABLED"], chosen) == disabled
    assert TEMPLATE["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}


ADDRESSES = ["AuthorityUrl", "AdsApiUrl", "SandboxAdsApiUrl", "PublicUrl"]


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        pytest.param("https://login.example.com", True, id="https"),
        pytest.param("https://login.example.com:8443", True, id="https on another port"),
        pytest.param("http://localhost:8080", True, id="this machine"),
        pytest.param("http://127.0.0.1:8080", True, id="this machine by its IP address"),
        pytest.param("http://login.example.com", False, id="http"),
        pytest.param("http://localhost.example.com", False, id="a host name that begins with localhost"),
        pytest.param("http://127.0.0.1.example.com", False, id="a host name that begins with 127.0.0.1"),
    ],
)
def test_a_url_has_tls_unless_it_is_of_this_machine(name: str, address: str, *, allowed: bool) -> None:
    assert bool(re.fullmatch(PARAMETERS[name]["AllowedPattern"], address)) is allowed
    if allowed:
        Settings.from_environment({**default_environment(), VARIABLE_OF[name]: address})
    else:
        with pytest.raises(ConfigurationError, match=f"{VARIABLE_OF[name]} must begin with https://"):
            Settings.from_environment({**default_environment(), VARIABLE_OF[name]: address})


VARIABLE_OF = {
    "AuthorityUrl": "AUTHORITY_URL",
    "AdsApiUrl": "ADS_API_URL",
    "SandboxAdsApiUrl": "SANDBOX_ADS_API_URL",
    "PublicUrl": "PUBLIC_URL",
}


def test_the_access_log_contains_no_path_and_no_query() -> None:
    stage = RESOURCES["ApiStage"]["Properties"]
    logged = re.findall(r"\$context\.([A-Za-z.]+)", stage["AccessLogSettings"]["Format"])
    assert logged
    assert not [field for field in logged if "path" in field.lower() or "query" in field.lower()]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ConnectRateLimit"}
