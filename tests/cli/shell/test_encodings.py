"""What is for programs is valid JSON in UTF-8, whatever the terminal, the pipe or the code page of the machine take."""

import inspect
import io
import json
import os
import subprocess
import sys

import pytest
import responses

from local.stack.toolchain import ROOT
from tests.cli.desk import Desk
from tests.cli.everything import TEXT, as_json, furnish
from tests.cli.print_json import print_all
from tests.cli.registered import commands

ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}


def _expect_json(printed: bytes) -> None:
    *outputs, rest = printed.split(b"\0")
    assert rest == b""
    documents = dict(zip(as_json(), (json.loads(output.decode("utf-8")) for output in outputs), strict=True))
    assert documents["show"]["account"]["name"] == TEXT
    assert documents["verify"]["account"]["name"] == TEXT
    assert documents["list"]["credentials"][0]["account"]["name"] == TEXT
    assert documents["export"]["credentials"][0]["tags"]["team"] == TEXT


def test_every_output_for_programs_is_json_in_a_locale_of_ascii() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.print_json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["layers", "cli", "."]), **ASCII},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    _expect_json(done.stdout)


@pytest.mark.exhaustive  # The locale of ASCII is the hardest of them.
def test_every_output_for_programs_is_json_on_every_code_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, api: responses.RequestsMock
) -> None:
    furnish(desk, monkeypatch, api)
    for code_page in ("ascii", "cp1252", "cp437", "cp932", "utf-8"):
        printed = io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(printed, code_page))
            print_all(patch)
            _expect_json(printed.getvalue())


def test_whatever_prints_json_is_among_them() -> None:
    for name, command in commands().items():
        module = inspect.getmodule(command.callback)
        assert module is not None
        source = inspect.getsource(module)
        prints_json = any(call in source for call in ("say_json(", "write_json(", "json.dumps("))
        assert not prints_json or name in as_json(), name
