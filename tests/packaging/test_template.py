"""The template agrees with the code, the settings and the docs."""

import re
from typing import Any

import pytest

from local.toolchain import ROOT
from tests.packaging.cloudformation import default_environment, template
from token_refresher.settings import Settings
from token_refresher.status_label import REASON_TAG, STATUS_TAG

TEMPLATE = template()
PARAMETERS: dict[str, Any] = TEMPLATE["Parameters"]
OUTPUTS: dict[str, Any] = TEMPLATE["Outputs"]
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
VARIABLES: dict[str, Any] = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

POWERTOOLS = {"POWERTOOLS_LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"}
"""What Powertools reads by itself."""

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


def test_the_docs_name_no_parameter_or_output_that_is_not_there() -> None:
    rows = re.findall(r"^\| `([A-Z]\w+)` \|", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted([*PARAMETERS, *OUTPUTS])


def test_the_functions_accept_the_environment_that_the_defaults_make() -> None:
    Settings.from_environment(default_environment())


@pytest.mark.parametrize("variable", sorted(VARIABLES.keys() - POWERTOOLS))
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
def test_a_star_stands_only_where_the_action_knows_no_resource(where: str, statement: dict[str, Any]) -> None:
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


def test_the_workers_may_set_the_two_tags_of_ours_under_the_prefix_and_no_other() -> None:
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


def test_what_waits_and_what_is_known_is_encrypted() -> None:
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


def test_the_access_log_holds_no_path_and_no_query() -> None:
    stage = RESOURCES["ApiStage"]["Properties"]
    logged = re.findall(r"\$context\.([A-Za-z.]+)", stage["AccessLogSettings"]["Format"])
    assert logged
    assert not [field for field in logged if "path" in field.lower() or "query" in field.lower()]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ConnectRateLimit"}
