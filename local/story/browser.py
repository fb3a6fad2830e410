"""A browser for the story and the flow tests: it opens links, submits forms and follows redirects.

It knows HTML forms and cookies but nothing of OAuth, so it does only what a person can do.
"""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

from local.stack.waiting import GENEROUS_SECONDS

_QUOTED = 200
"""How many characters of an answer an error quotes."""


class NoPageError(Exception):
    """The answer is not an HTML page. The message describes it."""


@dataclass(frozen=True)
class Button:
    """A button that submits a form."""

    label: str
    method: str
    action: str
    fields: dict[str, str]


@dataclass(frozen=True)
class PageSeen:
    """A page as a person sees it."""

    url: str
    status: int
    heading: str
    text: str
    html: str
    buttons: tuple[Button, ...]


class Browser:
    """One browser, with its cookies."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, url: str) -> PageSeen:
        """Open a link."""
        return _seen(self._session.get(url, timeout=GENEROUS_SECONDS))

    def press(self, page: PageSeen, label: str) -> PageSeen:
        """Press the button whose label contains a text, and return the page that follows.

        Raises:
            LookupError: There is no such button. The message lists the buttons of the page.
        """
        for button in page.buttons:
            if label in button.label:
                target = urljoin(page.url, button.action)
                sent = {"params": button.fields} if button.method == "get" else {"data": button.fields}
                return _seen(self._session.request(button.method, target, timeout=GENEROUS_SECONDS, **sent))  # type: ignore[arg-type] # Either is a mapping of texts.
        raise LookupError(f"no button {label!r} on the page {page.heading!r}: {[b.label for b in page.buttons]}")


def _seen(answer: requests.Response) -> PageSeen:
    if answer.headers.get("Content-Type", "").partition(";")[0] != "text/html":
        # Without the query, which holds invites and codes.
        where = urlsplit(answer.url)
        said = f"{answer.status_code} {answer.reason} of type {answer.headers.get('Content-Type')!r}"
        raise NoPageError(f"{where.netloc}{where.path} answered with {said}: {answer.text[:_QUOTED]!r}")
    reader = _Reader()
    reader.feed(answer.text)
    return PageSeen(
        answer.url, answer.status_code, reader.heading.strip(), reader.text(), answer.text, tuple(reader.buttons)
    )


class _Reader(HTMLParser):
    """Reads the heading, the text and the buttons of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = ""
        self.buttons: list[Button] = []
        self._words: list[str] = []
        self._form: dict[str, str] = {}
        self._fields: dict[str, str] = {}
        self._inside: list[str] = []
        self._pressed: dict[str, str] = {}
        self._label = ""

    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form, self._fields = attributes, {}
        elif tag == "input":
            self._fields[attributes.get("name", "")] = attributes.get("value", "")
        elif tag == "button":
            self._pressed, self._label = attributes, ""
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            named = {self._pressed["name"]: self._pressed.get("value", "")} if "name" in self._pressed else {}
            method, action = self._form.get("method", "get").lower(), self._form.get("action", "")
            self.buttons.append(Button(" ".join(self._label.split()), method, action, {**self._fields, **named}))
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._inside:
            return
        self._words.append(data)
        if "h1" in self._inside:
            self.heading += data
        if "button" in self._inside:
            self._label += data
