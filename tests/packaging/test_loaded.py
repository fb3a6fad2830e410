"""The modules that each function loads when it starts: its own rooms and libraries. Each costs cold start time."""

import json
import subprocess
import sys
from functools import cache

import pytest

from local.stack.toolchain import REGION, ROOT

AWS = {"boto3", "botocore", "certifi", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
"""boto3 and its dependencies, which the Lambda runtime has."""

POWERTOOLS = {"aws_lambda_powertools", "typing_extensions"}
HTTP = {"requests", "charset_normalizer", "idna"}

LISTING = """
import json, runpy, sys
before = set(sys.modules)
runpy.run_path(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - before)))
"""
BESIDE_BOTO3 = LISTING.replace(
    "import json, runpy, sys", "import json, runpy, sys, boto3; from botocore import xform_name"
)
"""The same without what boto3 loads, which is AWS's."""

EVERYWHERE = {"aws", "base", "credential", "diagnosis", "entrypoints", "registry", "rotation"}

CONTRACTS = {
    "dispatch": (EVERYWHERE | {"dispatch"}, AWS | POWERTOOLS),
    # It reads the message that dispatch writes.
    "refresh": (
        EVERYWHERE | {"alerts", "dispatch", "providers", "refresh"},
        AWS | POWERTOOLS | HTTP,
    ),
    "callback": (
        EVERYWHERE | {"alerts", "consent", "invites", "providers"},
        AWS | POWERTOOLS | HTTP | {"itsdangerous", "jinja2", "markupsafe"},
    ),
}
"""The rooms of the package and the libraries that each function loads."""

MODULES = {"dispatch": 128, "refresh": 296, "callback": 425}
"""How many modules each function loads beside Python's start and boto3, at most: what it loads today, and a few."""


@cache
def loaded(function: str, *, tracing: bool = False, listing: str = LISTING) -> frozenset[str]:
    """Return the modules that a function loads in a process of its own."""
    environment = {
        "PYTHONPATH": str(ROOT / "layers"),
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_TRACE_DISABLED": "false" if tracing else "true",
    }
    app = str(ROOT / "functions" / function / "app.py")
    done = subprocess.run(
        [sys.executable, "-c", listing, app], env=environment, capture_output=True, text=True, check=True
    )
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize("function", CONTRACTS)
def test_a_function_loads_its_own_rooms_and_libraries_and_no_others(function: str) -> None:
    modules = loaded(function)
    rooms = {module.split(".")[1] for module in modules if module.startswith("token_refresher.")}
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"token_refresher"}
    # The compiled parts of charset_normalizer bring modules without a package.
    libraries = {top for top in tops if not top.startswith(("_", "cython"))}
    assert (rooms, libraries) == CONTRACTS[function]


@pytest.mark.parametrize("function", CONTRACTS)
def test_a_function_loads_no_more_modules_than_it_does_today(function: str) -> None:
    modules = loaded(function, listing=BESIDE_BOTO3)
    assert len(modules) <= MODULES[function], sorted(modules)


@pytest.mark.parametrize(
    ("function", "none"),
    [
        ("dispatch", "token_refresher.alerts"),
        ("dispatch", "token_refresher.rotation.rotation"),
        ("dispatch", "aws_lambda_powertools.utilities.data_classes"),
        ("dispatch", "aws_lambda_powertools.event_handler"),
        ("refresh", "token_refresher.entrypoints.web"),
        ("refresh", "aws_lambda_powertools.event_handler"),
        ("callback", "aws_lambda_powertools.utilities.batch"),
        # An ordinary refresh has nothing to tell, parses no catalogue, and is no coroutine.
        ("refresh", "aws_lambda_powertools.utilities.batch"),
        ("refresh", "aws_lambda_powertools.utilities.data_classes"),
        ("refresh", "token_refresher.alerts.messages"),
        ("refresh", "token_refresher.entrypoints.people"),
        ("refresh", "asyncio"),
        ("refresh", "tomllib"),
    ],
)
def test_a_function_does_not_load_the_modules_of_another_function(function: str, none: str) -> None:
    assert not [module for module in loaded(function) if module == none or module.startswith(f"{none}.")]


def test_the_tracing_library_is_loaded_only_if_tracing_is_on() -> None:
    assert not [module for module in loaded("dispatch") if module.startswith("aws_xray_sdk")]
    assert "aws_xray_sdk.core" in loaded("dispatch", tracing=True)
