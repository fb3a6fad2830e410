"""Sends requests: as a browser with its cookies, or as an attacker who sends what no browser would."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.abuse.gateway import Gateway, event
from tests.fakes.world import NAME, World

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """A response.

    Attributes:
        status: Its status.
        headers: Its headers, without the cookies.
        cookies: The cookies that it sets, with their attributes.
        body: Its body.
    """

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: str

    @property
    def location(self) -> str:
        """The target of its redirect, or an empty text."""
        return self.headers.get("Location", "")

    @property
    def whole(self) -> str:
        """The whole response, for a search."""
        return f"{self.headers}\n{self.cookies}\n{self.body}"


@dataclass
class Visitor:
    """Sends requests to a gateway, and keeps the cookies.

    Attributes:
        gateway: The gateway.
        cookies: The cookies by name.
    """

    gateway: Gateway
    cookies: dict[str, str] = field(default_factory=dict)

    def request(
        self, method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send a request without changes."""
        cookies = [f"{name}={value}" for name, value in self.cookies.items()]
        answer: dict[str, Any] = self.gateway.invoke(event(method, path, query, headers, cookies, body))
        for cookie in answer["cookies"]:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer["statusCode"], answer["headers"], answer["cookies"], answer["body"])

    def open(self, path: str, parameters: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """Open an address."""
        return self.request("GET", path, urlencode(parameters), headers)

    def press(self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """Send a form."""
        return self.request("POST", path, "", {"content-type": FORM, **(headers or {})}, urlencode(fields).encode())

    def come_back(self, **parameters: str) -> Answer:
        """Open the callback."""
        return self.open("/callback", parameters)

    def start(self, **fields: str) -> Answer:
        """Press the button of a valid link, as the form of the page does."""
        form = {"invite": self.gateway.world.invite(), **fields}
        return self.press(f"/connect/{NAME}", form, {"sec-fetch-site": "same-origin"})


def visitor(world: World | None = None) -> Visitor:
    """Return a visitor of a world, by default of a new one whose only credential waits for its first consent."""
    return Visitor(Gateway(world or World.waiting()))


def snapshot(world: World) -> Any:
    """Return all state of a world, for a comparison."""
    store = world.store
    secrets = store._secrets.items()
    return (
        {name: (dict(one.versions), dict(one.labels), dict(one.tags), one.deleted) for name, one in secrets},
        dict(world.registry.entries),
        dict(world.consents.started),
        dict(world.consents.ended),
        dict(world.escrow.kept),
        dict(world.incidents.stored),
        dict(world.circuits.circuits),
        list(world.topic.alerts),
        list(world.queue.messages),
        list(world.authority.issued),
    )
