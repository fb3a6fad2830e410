"""Finds or installs Chromium, for the tests of the pages."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The names of the executable at Debian, Ubuntu and Google."""

_NEITHER: Final = (
    "No Chromium was found, and none could be installed. Install Chromium or Google Chrome, so that one of"
    f" {', '.join(_NAMES)} is on the PATH (Debian: apt install chromium), and try again."
)


class NoChromiumError(Exception):
    """There is no Chromium on this machine. The message says what to do."""


def executable() -> Path:
    """Return the Chromium of this machine, or the one that Playwright has downloaded.

    Raises:
        NoChromiumError: There is neither.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
    if not Path(found).exists():
        raise NoChromiumError(_NEITHER)
    return Path(found)


def install() -> None:
    """Make sure that there is a Chromium: install Debian's as root, otherwise Playwright's.

    Raises:
        NoChromiumError: Neither could be installed.
    """
    try:
        executable()
    except NoChromiumError:
        if shutil.which("apt-get") and os.geteuid() == 0:
            _run("apt-get", "update")
            _run("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        else:
            _run(sys.executable, "-m", "playwright", "install", "chromium")
        executable()


def _run(*command: str) -> None:
    # No check here: the caller looks for the executable afterwards.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=False, stdin=subprocess.DEVNULL, env=environment)


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a headless Chromium.

    Raises:
        NoChromiumError: There is none.
    """
    # Chromium's sandbox does not work as root. It opens only pages of this machine.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    try:
        install()
    except NoChromiumError as error:
        sys.exit(str(error))
