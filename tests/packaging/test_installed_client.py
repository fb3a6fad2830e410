"""The reader as a pipeline installs it: its wheel, and boto3."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from local.stack.toolchain import ROOT, tool

PACKAGE = ROOT / "client" / "token_refresher_client"

READ = """
import sys
from datetime import datetime, timezone
from token_refresher_client import TokenReader

class Secrets:
    def get_secret_value(self, **_):
        now = datetime.now(timezone.utc)
        return {"ARN": "arn:x", "VersionId": "1", "CreatedDate": now, "SecretString": sys.argv[1]}

print(TokenReader("acme-ads", client=Secrets()).token().expires_at.year)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"requests", "httpx", "bingads", "token_refresher"}))
"""

pytestmark = pytest.mark.exhaustive  # It installs the reader into an environment of its own.


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from a copy, because a build leaves files beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    # cp follows the link to the licence, as a copy of the repository on another machine may have to.
    subprocess.run(["cp", "-RL", ROOT / "client", folder / "source"], check=True)  # noqa: S607 - A program of every machine.
    locked = ["--build-constraint", str(ROOT / "requirements" / "dev.txt")]
    build = [tool(".venv", "uv"), "build", "--quiet", "--wheel", "--out-dir", str(folder), *locked]
    subprocess.run([*build, str(folder / "source")], check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path) -> Path:
    """Return a fresh environment with the wheel and what it depends on."""
    fresh = wheel.parent / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", fresh], check=True)
    pins = ["--constraint", str(ROOT / "requirements" / "dev.txt"), "--no-build"]
    into = ["--quiet", "--python", str(fresh / "bin" / "python")]
    subprocess.run([tool(".venv", "uv"), "pip", "install", *into, *pins, str(wheel)], check=True)
    return fresh


def test_the_wheel_has_every_file_of_the_package_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read(next(name for name in names if name.endswith("LICENSE"))) == (ROOT / "LICENSE").read_bytes()
    sources = {f"token_refresher_client/{path.name}" for path in PACKAGE.iterdir() if path.is_file()}
    assert "token_refresher_client/py.typed" in sources
    assert {name for name in names if name.startswith("token_refresher_client/")} == sources


def test_a_token_is_read_with_boto3_and_nothing_else(environment: Path) -> None:
    document = json.dumps({"access_token": "planted-token", "expires_at": "2099-01-01T00:00:00Z", "generation": 1})
    python = str(environment / "bin" / "python")
    done = subprocess.run(
        [python, "-I", "-W", "error", "-c", READ, document], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["2099", "[]"]


def test_boto3_brings_all_that_is_installed_beside_it(environment: Path) -> None:
    [packages] = environment.glob("lib/python*/site-packages")
    installed = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    of_boto3 = {"boto3", "botocore", "jmespath", "python_dateutil", "s3transfer", "six", "urllib3"}
    assert installed == {"token_refresher_client", *of_boto3}
