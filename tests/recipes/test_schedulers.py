"""Airflow, Prefect and Dagster."""

from configparser import RawConfigParser

from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline
from tests.recipes.publisher import Publisher


def _assert_sent(microsoft: Microsoft, publisher: Publisher) -> None:
    assert [(call.access_token, call.code) for call in microsoft.calls] == [(publisher.published[-1], 0)]
    assert microsoft.calls[0].headers["developertoken"] == "planted-developer-token"
    assert microsoft.token_requests == []


def test_a_task_of_airflow_reads_the_secret_as_a_variable(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    settings = RawConfigParser()
    settings.read_string(code("Airflow", "ini"))
    variables = {f"AIRFLOW__SECRETS__{name.upper()}": value for name, value in settings["secrets"].items()}
    variables |= {
        "AIRFLOW_HOME": str(pipeline.folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(pipeline.folder / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
    }
    pipeline.write("dags/acme_ads.py", code("Airflow"))
    pipeline.call("airflow", "airflow", "db", "migrate", **variables)
    printed = pipeline.call("airflow", "airflow", "dags", "test", "acme_ads", **variables)
    _assert_sent(microsoft, publisher)
    assert publisher.published[-1] not in printed


def test_a_block_of_prefect_reads_the_secret(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    variables = {"PREFECT_HOME": str(pipeline.folder), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    assert pipeline.run("prefect", code("Prefect"), **variables).endswith("ads-owner@example.com\n")
    _assert_sent(microsoft, publisher)


def test_a_resource_of_dagster_reads_the_secret(pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher) -> None:
    run = "\nassert definitions.resolve_implicit_global_asset_job_def().execute_in_process().success\n"
    pipeline.run("dagster", code("Dagster") + run)
    _assert_sent(microsoft, publisher)
