"""A person with Chromium, who opens links and presses buttons, and the problems that the browser reports."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

from local.stack.waiting import GENEROUS_SECONDS

_MOST_STOPS: Final = 20
"""More presses of the tab key than any page needs."""

_VISIBLE_PIXELS: Final = 2
"""WCAG 2.2, success criterion 2.4.13: an indicator is at least as thick as this."""

_STATUS_OF_A_PAGE: Final = re.compile(r"Failed to load resource: the server responded with a status of \d{3}")
"""Chromium's console message for a page with a status such as 403, which is intended."""


class Visitor:
    """One browser of one person, with its cookies and its tabs.

    Args:
        chromium: The running Chromium.
        ours: The front door, as scheme, host and port.
        theirs: The stand-in for Microsoft, as scheme, host and port.
        settings: Settings of the browser for Playwright, such as ``java_script_enabled``.
    """

    def __init__(self, chromium: Browser, ours: str, theirs: str, **settings: Any) -> None:
        self.ours, self.theirs = ours, theirs
        self.context = chromium.new_context(**settings)
        self.context.set_default_timeout(GENEROUS_SECONDS * 1000)
        self.context.on("request", self._notice_request)
        self.context.on("console", self._notice_console)
        self.context.on("weberror", lambda error: self._wrong.append(f"script: {error.error}"))
        self._requests: list[Request] = []
        self._wrong: list[str] = []

    def open_tab(self) -> "Tab":
        """Open a tab."""
        return Tab(self, self.context.new_page())

    @property
    def cookies(self) -> list[Mapping[str, Any]]:
        """The cookies of the front door."""
        return [dict(cookie) for cookie in self.context.cookies(self.ours)]

    def requests_to(self, host: str) -> list[Request]:
        """Return the browser's requests to a host, in order."""
        return [request for request in self._requests if _host(request.url) == host]

    def prompts(self) -> list[str]:
        """Return the `prompt` of each request to Microsoft."""
        queries = [parse_qs(urlsplit(request.url).query) for request in self.requests_to(self.theirs)]
        return [query["prompt"][0] for query in queries if "prompt" in query]

    def what_went_wrong(self) -> list[str]:
        """Return the problems: requests to other hosts, errors on the console, errors of scripts."""
        return self._wrong

    def close(self) -> None:
        """Close the browser."""
        self.context.close()

    def _notice_request(self, request: Request) -> None:
        self._requests.append(request)
        if _host(request.url) not in {self.ours, self.theirs}:
            self._wrong.append(f"asked {_host(request.url)}")
        elif request.resource_type != "document" and _host(request.url) == self.ours:
            self._wrong.append(f"loaded a {request.resource_type} besides the page")

    def _notice_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _STATUS_OF_A_PAGE.match(message.text):
            self._wrong.append(f"console: {message.text}")


class Tab:
    """One tab: the actions of a person, and what they see.

    Attributes:
        visitor: The browser of the tab.
        page: Playwright's object of the tab.
        clicks: The number of clicks so far.
    """

    def __init__(self, visitor: Visitor, page: Page) -> None:
        self.visitor = visitor
        self.page = page
        self.clicks = 0
        self._response: Response | None = None

    # What they do.

    def open(self, link: str) -> None:
        """Open a link."""
        self.clicks += 1
        self._response = self._a_page(self.page.goto(link))

    def press(self, label: str) -> None:
        """Press the button with this label, and wait for the next page."""
        self._follow(self.button(label))

    def choose(self, person: str) -> None:
        """Choose an account in Microsoft's account chooser, and wait for the next page."""
        self._follow(self.button(person))

    def sign_in(self, link: str, person: str) -> None:
        """Open a link, press its button and choose an account."""
        self.start(link)
        self.choose(person)

    def start(self, link: str) -> None:
        """Open a link and press its button, as far as Microsoft's account chooser."""
        self.open(link)
        self.press("Continue to Microsoft")

    def press_twice(self, label: str) -> None:
        """Press a button with a double click, as many people do."""
        self.clicks += 2
        self.button(label).dblclick()

    def press_again_while_it_loads(self, label: str) -> None:
        """Press a button, and once more while the browser waits for the callback."""
        box = self.button(label).bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        # By position: Playwright's click would wait for the next page, which an impatient person does not.
        with self.page.expect_request(f"{self.visitor.ours}/callback*"):
            self.page.mouse.click(*middle)
        with self.page.expect_event("load"):
            self.page.mouse.click(*middle)

    def tab_to(self, label: str) -> None:
        """Press the tab key until the button with this label has the focus."""
        wanted = self.button(label)
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("button => button === document.activeElement"):
                return
        raise AssertionError(f"the tab key does not lead to {label!r}")

    def press_enter(self) -> None:
        """Press the enter key, and wait for the next page."""
        with self.page.expect_navigation() as navigation:
            self.page.keyboard.press("Enter")
        self._response = navigation.value

    def go_back(self) -> None:
        """Press the back button of the browser."""
        self._response = self.page.go_back()

    def reload(self) -> None:
        """Press the reload button of the browser."""
        self._response = self.page.reload()

    # What they see.

    @property
    def heading(self) -> str:
        """The heading of the page."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def text(self) -> str:
        """The text of the page."""
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons."""
        return self.page.get_by_role("button").all_inner_texts()

    @property
    def url(self) -> str:
        """The address of the page."""
        return self.page.url

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        assert self._response is not None
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the page, with lower-case names."""
        assert self._response is not None
        return self._response.all_headers()

    def button(self, label: str) -> Locator:
        """Return the one button whose label contains a text."""
        return self.page.get_by_role("button", name=label)

    def shows_the_focus(self) -> bool:
        """Return whether an outline shows the focus."""
        style, width = self.page.locator(":focus").evaluate(
            "focused => [getComputedStyle(focused).outlineStyle, parseFloat(getComputedStyle(focused).outlineWidth)]"
        )
        return bool(style != "none" and width >= _VISIBLE_PIXELS)

    def waits_for(self, heading: str) -> None:
        """Wait until the page has a heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=GENEROUS_SECONDS * 1000)

    def picture(self, path: Path) -> Path:
        """Take a screenshot of the whole page, and return its path."""
        self.page.screenshot(path=path, full_page=True)
        return path

    def _follow(self, button: Locator) -> None:
        self.clicks += 1
        with self.page.expect_navigation() as navigation:
            button.click()
        self._response = self._a_page(navigation.value)

    def _a_page(self, response: Response | None) -> Response:
        """Return a response, and fail at once if it is not a page: a wait for a heading would take long."""
        assert response is not None
        kind = response.headers.get("content-type", "")
        assert kind.startswith("text/html"), f"{response.status} {response.status_text} of type {kind!r}"
        return response


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
