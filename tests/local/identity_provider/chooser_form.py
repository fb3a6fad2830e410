"""Reads and submits the account chooser as a browser without scripts does."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from tests.local.identity_provider.client_app import TIMEOUT_SECONDS


class Form(HTMLParser):
    """The only form of a page."""

    def __init__(self, page: requests.Response) -> None:
        super().__init__()
        self.page_url = page.url
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert found["method"] == "post"
            self.action = found["action"]
        elif tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag == "button":
            self.buttons.append((found["name"], found["value"]))

    def click(self, value: str) -> requests.Response:
        name = next(name for name, one in self.buttons if one == value)
        return requests.post(
            urljoin(self.page_url, self.action),
            data={**self.hidden, name: value},
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )
