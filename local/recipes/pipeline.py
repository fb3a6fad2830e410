"""A machine on which a pipeline runs: the client's environment, the code of the page, and the rights of a consumer."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.recipes import environment
from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.stack.toolchain import REGION, ROOT

MODULE: Final = "Python: one module for all"
"""The section with the module that the other recipes import."""

_HOSTS: Final = Path(__file__).parent / "hosts"
_CLIENT: Final = ROOT / "client"
_GENEROUS_SECONDS: Final = 300


class RecipeFailedError(Exception):
    """A program of a recipe ended with an error. The message has what it printed."""


@dataclass(frozen=True)
class Pipeline:
    """Runs recipes in a folder of its own.

    Attributes:
        folder: Its home and its working directory.
        aws_port: The port of the local AWS.
        rights: The variables with the AWS credentials of a consumer.
        microsoft: What answers under Microsoft's names.
        python: The Python of the clients' environments.
    """

    folder: Path
    aws_port: int
    rights: Mapping[str, str] = field(repr=False)
    microsoft: Microsoft
    python: str = environment.ALL_RUN_ON

    def write(self, name: str, text: str) -> Path:
        """Write a file beside the recipe."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def run(self, client: str, source: str, *arguments: str, **variables: str) -> str:
        """Run a recipe with a client's Python, and return what it prints."""
        self.write("ads_token.py", code(MODULE))
        recipe = self.write("recipe.py", source)
        return self.call(client, "python", str(recipe), *arguments, **variables)

    def shell(self, client: str, commands: str) -> str:
        """Run the commands of a recipe with a client's programs, and return what they print."""
        recipe = self.write("recipe.sh", f"set -euo pipefail\n{commands}")
        return self.call(client, "bash", str(recipe))

    def call(self, client: str, program: str, *arguments: str, **variables: str) -> str:
        """Run a program of a client's environment, and return what it prints.

        Raises:
            RecipeFailedError: It ended with an error.
        """
        folder = environment.programs(client, self.python)
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(folder / program) if (folder / program).exists() else program, *arguments],
            cwd=self.folder,
            env={**self._variables(), "PATH": path, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_GENEROUS_SECONDS,
        )
        if done.returncode:
            raise RecipeFailedError(f"{program} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _variables(self) -> dict[str, str]:
        certificate = str(self.microsoft.certificate)
        return {
            **self.rights,
            "AWS_ENDPOINT_URL": f"http://localhost:{self.aws_port}",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(map(str, [self.folder, _HOSTS, _CLIENT])),
            "MICROSOFT_PORT": str(self.microsoft.port),
            "SSL_CERT_FILE": certificate,
            "REQUESTS_CA_BUNDLE": certificate,
        }
