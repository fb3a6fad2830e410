"""ECS, Batch and Glue. The services are not there: AWS's models check the definitions, and the code runs."""

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline, RecipeFailedError
from local.stack.aws import LocalAws
from tests.recipes.publisher import Publisher

SECTION = "ECS, Batch and Glue"
SHORT_TASK, LONG_TASK, BATCH_JOB, GLUE_JOB = (json.loads(code(SECTION, "json", number)) for number in range(4))
SHORT, LONG, GLUE = (code(SECTION, number=number) for number in range(3))
AGAIN = "\nprint(call())\n"


@pytest.mark.parametrize(
    ("service", "operation", "definition"),
    [
        pytest.param("ecs", "RegisterTaskDefinition", SHORT_TASK, id="a short task of ECS"),
        pytest.param("ecs", "RegisterTaskDefinition", LONG_TASK, id="a long task of ECS"),
        pytest.param("batch", "RegisterJobDefinition", BATCH_JOB, id="a job of Batch"),
        pytest.param("glue", "CreateJob", GLUE_JOB, id="a job of Glue"),
    ],
)
def test_aws_takes_the_definition(service: str, operation: str, definition: dict[str, Any]) -> None:
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    assert shape
    validate_parameters(definition, shape)


def _injected(aws: LocalAws) -> dict[str, str]:
    """Return the variables that ECS sets: a key of the secret that an ARN names, with its stage and version empty."""
    variables = {}
    for one in SHORT_TASK["containerDefinitions"][0]["secrets"]:
        found = re.fullmatch(r"arn:aws:secretsmanager:[^:]+:\d+:secret:([^:]+)-\w{6}:(\w+)::", one["valueFrom"])
        assert found
        answer = aws.client("secretsmanager").get_secret_value(SecretId=found[1])
        variables[one["name"]] = json.loads(answer["SecretString"])[found[2]]
    return variables


def test_a_short_task_uses_the_token_that_it_was_started_with(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, aws: LocalAws
) -> None:
    assert pipeline.run("boto3", SHORT, **_injected(aws)) == "ads-owner@example.com\n"
    assert [call.access_token for call in microsoft.calls] == publisher.published


def test_a_task_that_lives_longer_than_its_token_fails(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, aws: LocalAws
) -> None:
    microsoft.after(1, publisher.replace)
    with pytest.raises(RecipeFailedError, match="401 Client Error"):
        pipeline.run("boto3", SHORT + AGAIN, **_injected(aws))
    assert [call.code for call in microsoft.calls] == [0, 109]


def _named(containers: list[dict[str, Any]]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in containers}


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param(_named(LONG_TASK["containerDefinitions"][0]["environment"]), id="ECS"),
        pytest.param(_named(BATCH_JOB["containerProperties"]["environment"]), id="Batch"),
    ],
)
def test_a_long_task_reads_again(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, variables: dict[str, str]
) -> None:
    publisher.replace_what_lasts_for_four_minutes(microsoft)
    pipeline.run("boto3", LONG + AGAIN, **variables)
    assert [(call.access_token, call.code) for call in microsoft.calls] == [
        (token, 0) for token in publisher.published[-2:]
    ]


def test_a_job_of_glue_gets_the_name_of_the_secret_as_an_argument(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    arguments = ["--consumer_secret", GLUE_JOB["DefaultArguments"]["--consumer_secret"], "--JOB_NAME", "acme-ads"]
    assert pipeline.run("boto3", GLUE, *arguments) == "ads-owner@example.com\n"
    assert [call.access_token for call in microsoft.calls] == publisher.published
