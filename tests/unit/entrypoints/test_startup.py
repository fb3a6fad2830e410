"""The garbage collector is off until a function's service is built."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from local.stack.toolchain import REGION, ROOT
from token_refresher.base.errors import ConfigurationError
from token_refresher.entrypoints.startup import collecting_afterwards

FUNCTIONS = ("dispatch", "refresh", "callback")

IS_ENABLED = """
import gc, json, runpy, sys
runpy.run_path(sys.argv[1])
print(json.dumps(gc.isenabled()))
"""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_turns_the_collector_off_while_it_loads_its_modules(function: str) -> None:
    app = str(ROOT / "functions" / function / "app.py")
    environment = {"PYTHONPATH": str(ROOT / "layers"), "AWS_DEFAULT_REGION": REGION, "POWERTOOLS_TRACE_DISABLED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IS_ENABLED, app], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) is False


def test_the_collector_runs_again_when_the_service_is_built() -> None:
    gc.disable()
    assert collecting_afterwards(lambda: "the service")() == "the service"
    assert gc.isenabled()


def test_what_the_start_has_made_is_never_looked_at() -> None:
    gc.disable()
    collecting_afterwards(lambda: None)()
    assert gc.get_freeze_count() > 0


def test_the_collector_runs_again_if_the_service_cannot_be_built() -> None:
    def build() -> None:
        raise ConfigurationError("QUEUE_URL is not set")

    gc.disable()
    with pytest.raises(ConfigurationError):
        collecting_afterwards(build)()
    assert gc.isenabled()
