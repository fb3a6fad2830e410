"""Imports every built handler as Lambda does: with the built layers and boto3, and nothing else of the project.

Run by ``make imports`` with an interpreter that has neither the project nor its dependencies:
``python -I import_handlers.py BUILD_FOLDER``.
"""

import importlib.util
import os
import sys
from pathlib import Path

FUNCTIONS = ("DispatchFunction", "RefreshFunction", "CallbackFunction")
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""The packages of the Lambda runtime: boto3 and its dependencies."""

LAYERS = ("PackageLayer", "DependenciesLayer")


def main() -> None:
    """Import the handlers, and fail if a dependency comes from outside of the layers."""
    build = Path(sys.argv[1]).resolve()
    for dependency in ("requests", "aws_lambda_powertools", "jinja2", "itsdangerous", "token_refresher"):
        if importlib.util.find_spec(dependency):
            sys.exit(f"{dependency} is installed beside the layers: this interpreter proves nothing")
    sys.path[:0] = [str(build / layer / "python") for layer in LAYERS]
    # An import must need no settings and no network.
    os.environ.clear()
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    for function in FUNCTIONS:
        spec = importlib.util.spec_from_file_location(function, build / function / "app.py")
        if spec is None or spec.loader is None:
            sys.exit(f"{function} was not built")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not callable(module.handler):
            sys.exit(f"{function} has no handler")
    strays = [name for name, module in sys.modules.items() if _is_stray(name, module, build)]
    if strays:
        sys.exit(f"not from the layers: {', '.join(sorted(strays))}")
    print(f"{len(FUNCTIONS)} handlers import from the built layers and boto3 alone")  # noqa: T201 - A command's answer.


def _is_stray(name: str, module: object, build: Path) -> bool:
    """Tell whether a module comes neither from the layers nor from the standard library nor from the Lambda runtime."""
    file = getattr(module, "__file__", None)
    if file is None or name.partition(".")[0] in {*sys.stdlib_module_names, *RUNTIME, "__main__", "__mp_main__"}:
        return False
    return build not in Path(file).resolve().parents


if __name__ == "__main__":
    main()
