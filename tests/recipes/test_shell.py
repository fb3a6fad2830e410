"""The AWS CLI, jq and curl."""

import json

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline
from tests.recipes.publisher import Publisher


def test_the_shell_reads_the_token_and_sends_it(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    pipeline.write(".curlrc", f'cacert = "{microsoft.certificate}"\nconnect-to = "::127.0.0.1:{microsoft.port}"\n')
    answer = json.loads(pipeline.shell("aws_cli", code("Shell: AWS CLI, jq and curl", "sh")))
    assert answer["User"]["UserName"] == "ads-owner@example.com"
    [call] = microsoft.calls
    assert call.access_token == publisher.published[-1]
    assert call.headers["developertoken"] == "planted-developer-token"
    assert microsoft.token_requests == []
