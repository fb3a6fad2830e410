"""One deployed stack and one Chromium for all tests, and a new browser for each test."""

import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from local.stack.calm import no_ticks
from local.stack.ports import Ports
from local.stack.stack import LocalStack, running
from local.stack.toolchain import ROOT
from tests.browser.gallery import Gallery
from tests.browser.scene import Scene, slug
from tests.browser.visitor import Tab, Visitor
from tests.flows.household import Held, Household
from tools.chromium import launched

_FAILED: Final = pytest.StashKey[bool]()

_ABOUT: Final = {"waiting": "", "another": "-too"}
"""The fixtures for the credentials of one test, and the endings of their names."""

NewBrowser = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module", autouse=True)
def _no_event_loop_of_another_module() -> None:
    """Let Playwright's event loop run on: these tests have a process of their own, and start no other loop."""


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder for pictures of the pages that the tests saw."""
    folder = ROOT / "build" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """A stack without ticks, so that only clicks change it."""
    with running(Ports.free(), print, {}, more_ticks=False) as deployed, no_ticks(deployed.aws):
        yield deployed


@pytest.fixture(scope="session")
def household(request: pytest.FixtureRequest, stack: LocalStack) -> Household:
    """The operator and the inbox of the stack, with the credentials of the selected tests, which wait for a consent."""
    household = Household(stack)
    household.prepare(plain=_needed(request.session.items), connected={})
    stack.aws.client("lambda").invoke(FunctionName=stack.outputs["DispatchFunctionName"], Payload=b"{}")
    return household


def _needed(tests: list[pytest.Item]) -> dict[str, dict[str, Any]]:
    """Return the documents of the credentials of some tests, by name."""
    needed: dict[str, dict[str, Any]] = {}
    for test in tests:
        if isinstance(test, pytest.Function):
            needed |= {_named_after(test, fixture): {} for fixture in _ABOUT if fixture in test.fixturenames}
            for scene in test.callspec.params.values() if hasattr(test, "callspec") else []:
                needed |= {scene.credential: dict(scene.document)} if isinstance(scene, Scene) else {}
    return needed


def _named_after(test: pytest.Item, fixture: str) -> str:
    return f"{slug(test.name.removeprefix('test_'))}{_ABOUT[fixture]}"


@pytest.fixture(scope="session")
def new_browser(chromium: Browser, stack: LocalStack) -> NewBrowser:
    def open_browser(**settings: Any) -> Visitor:
        return Visitor(chromium, stack.public_url, stack.identity_provider.url, **settings)

    return open_browser


@pytest.fixture(scope="session")
def gallery(household: Household, new_browser: NewBrowser, pictures: Path) -> Gallery:
    return Gallery(household, new_browser, pictures)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record that a test has failed, for `start_browser`."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture
def start_browser(request: pytest.FixtureRequest, new_browser: NewBrowser, pictures: Path) -> Iterator[NewBrowser]:
    """Start browsers for one test, and check at its end that none of them reported a problem."""
    started: list[Visitor] = []

    def start(**settings: Any) -> Visitor:
        started.append(new_browser(**settings))
        return started[-1]

    yield start
    if request.node.stash.get(_FAILED, False):
        pages = [page for visitor in started for page in visitor.context.pages]
        for number, page in enumerate(pages):
            path = pictures / f"failed-{slug(request.node.name)}-{number}.png"
            page.screenshot(path=path, full_page=True)
            sys.stdout.write(f"The last page: {path}\n")
    wrong = [what for visitor in started for what in visitor.what_went_wrong()]
    for visitor in started:
        visitor.close()
    assert not wrong


@pytest.fixture
def tab(start_browser: NewBrowser) -> Tab:
    """A tab of a new browser."""
    return start_browser().open_tab()


@pytest.fixture
def waiting(request: pytest.FixtureRequest, household: Household) -> Held:
    """The credential of a test, which waits for a consent and is named after the test."""
    return household.put(_named_after(request.node, "waiting"))


@pytest.fixture
def another(request: pytest.FixtureRequest, household: Household) -> Held:
    """A second credential of a test."""
    return household.put(_named_after(request.node, "another"))


@pytest.fixture
def link(household: Household, waiting: Held) -> str:
    """The link in the alert of the test's credential."""
    return household.link(waiting.name)
