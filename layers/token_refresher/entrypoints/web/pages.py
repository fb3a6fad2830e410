"""The pages: rendered on the server, without script, with one stylesheet and at most one primary button."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from token_refresher.base.clock import from_rfc3339, readable_time
from token_refresher.base.words import NAMELESS, capital
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.consent.service import LandingPage
from token_refresher.invites.links import ConnectLinks


@dataclass(frozen=True)
class Page:
    """A page and its HTTP status."""

    status: int
    html: str


class Pages:
    """Renders the pages. The form for a new start has a newly signed invite."""

    def __init__(self, links: ConnectLinks) -> None:
        self._links = links

    def landing(self, landing: LandingPage, invite: str) -> Page:
        """Return the landing page, for a valid invite."""
        action = self._links.page(landing.credential)
        return Page(200, _render("landing.html", words=landing.words, landing=landing, invite=invite, action=action))

    def ending(self, result: ConsentResult) -> Page:
        """Return the page of a result, with the form for a new start if the result has an invite."""
        restart = {}
        if result.invite is not None:
            restart = {
                "action": self._links.page(result.credential),
                "invite": self._links.sign(result.invite),
            }
        name = f"{result.ending}.html"
        return Page(
            result.ending.http_status, _render(name, words=result.words or NAMELESS, result=result, restart=restart)
        )

    def unknown(self) -> Page:
        """Return the page for an unknown address."""
        return Page(404, self.ending(ConsentResult(ConsentOutcome.INVALID_INVITE)).html)

    def broken(self) -> Page:
        """Return the page for a fault of this service."""
        return Page(500, _render("broken.html", words=NAMELESS))


SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
    # No other site, and no window that opened this page, can access it.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@cache
def security_headers() -> dict[str, str]:
    """Return the headers of every page. They allow its own stylesheet, and nothing else to run or load."""
    digest = base64.b64encode(hashlib.sha256(_stylesheet().encode()).digest()).decode()
    # No form-action: Chromium would also apply it to the redirect to the provider after the form.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy}


@cache
def _stylesheet() -> str:
    return resources.files("token_refresher.entrypoints.web").joinpath("templates", "style.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("token_refresher.entrypoints.web"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["readable_time"] = _readable_time
    environment.filters["capital"] = capital
    return environment


def _readable_time(rfc3339: str) -> str:
    return readable_time(from_rfc3339(rfc3339))


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(stylesheet=_stylesheet(), **values)
