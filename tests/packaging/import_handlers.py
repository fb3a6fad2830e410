"""Imports every built handler as Lambda would: with the built layers and boto3, and nothing else of the project.

Run by ``make imports`` with an interpreter that has neither the project nor its dependencies:
``python -I import_handlers.py BUILD_FOLDER``.
"""

import importlib.util
import os
import sys
from pathlib import Path

FUNCTIONS = ("DispatchFunction", "RefreshFunction", "CallbackFunction")
LAYERS = ("PackageLayer", "DependenciesLayer")


def main() -> None:
    """Import the handlers, and refuse to have found a dependency anywhere but in the layers."""
    build = Path(sys.argv[1]).resolve()
    for dependency in ("requests", "aws_lambda_powertools", "jinja2", "itsdangerous", "token_refresher"):
        if importlib.util.find_spec(dependency):
            sys.exit(f"{dependency} is installed beside the layers: this interpreter proves nothing")
    sys.path[:0] = [str(build / layer / "python") for layer in LAYERS]
    # Importing must need no settings, and touch no network.
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
    strays = [name for name, module in sys.modules.items() if _is_stray(module, build)]
    if strays:
        sys.exit(f"not from the layers: {', '.join(sorted(strays))}")
    print(f"{len(FUNCTIONS)} handlers import from the built layers and boto3 alone")  # noqa: T201 - A command's answer.


def _is_stray(module: object, build: Path) -> bool:
    """Tell whether a module of ours, or one that should have shipped, came from elsewhere."""
    name, file = getattr(module, "__name__", ""), getattr(module, "__file__", None)
    shipped = name.partition(".")[0] in {"token_refresher", "requests", "aws_lambda_powertools", "jinja2"}
    return shipped and file is not None and build not in Path(file).parents


if __name__ == "__main__":
    main()
