"""boto3 and requests, with the module that all other recipes import."""

from datetime import timedelta

import pytest

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline, RecipeFailedError
from tests.recipes.publisher import Publisher

RECIPE = code("Python: boto3 and requests")
AGAIN = '\nprint(call("User/Query", {"UserId": None})["User"]["UserName"])\n'


def test_boto3_reads_the_token_and_requests_sends_it(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    assert pipeline.run("boto3", RECIPE) == "ads-owner@example.com\n"
    [call] = microsoft.calls
    assert call.access_token == publisher.published[-1]
    assert call.headers["developertoken"] == "planted-developer-token"
    assert microsoft.token_requests == []


def test_a_token_that_has_ended_is_read_once_more(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    microsoft.after(1, publisher.replace)
    pipeline.run("boto3", RECIPE + AGAIN)
    first, second = publisher.published
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(first, 0), (first, 109), (second, 0)]


def test_a_token_that_is_about_to_end_is_not_used(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    publisher.replace_what_lasts_for_four_minutes(microsoft)
    pipeline.run("boto3", RECIPE + AGAIN)
    _, second, third = publisher.published
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(second, 0), (third, 0)]


@pytest.mark.parametrize("ago", [timedelta(hours=3)], ids=["three hours ago"])
def test_a_secret_without_a_fresh_token_is_an_error_that_names_the_credential(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    with pytest.raises(RecipeFailedError, match="Ask the operator of the credential acme-bing-ads"):
        pipeline.run("boto3", RECIPE)
    assert microsoft.calls == []
