"""dlt."""

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline
from tests.recipes.publisher import Publisher

RECIPE = code("dlt")
ROWS = """
import duckdb
print(duckdb.connect("acme_ads.duckdb").sql("select id from acme_ads_dataset.accounts").fetchall())
"""
AGAIN = '\nads.post("User/Query", json={"UserId": None})\n'


def _variables(pipeline: Pipeline) -> dict[str, str]:
    return {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(pipeline.folder)}


def test_dlt_loads_with_the_token_and_survives_its_end(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    publisher.replace_what_lasts_for_four_minutes(microsoft)
    printed = pipeline.run("dlt", RECIPE + ROWS, **_variables(pipeline))
    assert printed.endswith("[('1234567',)]\n")
    assert [call.access_token for call in microsoft.calls] == publisher.published[1:]
    assert [call.code for call in microsoft.calls] == [0, 0]
    assert microsoft.token_requests == []


def test_with_the_reader_dlt_repeats_a_request_with_the_next_token(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    microsoft.after(1, publisher.replace)
    pipeline.run("dlt", code("dlt", number=1) + AGAIN, **_variables(pipeline))
    first, second = publisher.published
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(first, 0), (first, 109), (second, 0)]
    assert microsoft.token_requests == []
