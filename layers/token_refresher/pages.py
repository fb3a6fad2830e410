"""The pages that a person sees: server-rendered, without script, with one stylesheet and at most one primary button."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from token_refresher.clock import from_rfc3339, readable_time
from token_refresher.connect_link import ConnectLinks
from token_refresher.consent import Landing
from token_refresher.consent_result import ConsentResult, Ending


@dataclass(frozen=True)
class Page:
    """A page and its status."""

    status: int
    html: str


class Pages:
    """Renders the pages; a fresh start from one of them carries a fresh invite."""

    def __init__(self, links: ConnectLinks) -> None:
        self._links = links

    def landing(self, landing: Landing, invite: str) -> Page:
        """Return the page with the button, for an invite that holds."""
        action = self._links.page(landing.credential)
        return Page(200, _render("landing.html", landing=landing, invite=invite, action=action))

    def ending(self, result: ConsentResult) -> Page:
        """Return the page of an ending, with a fresh start where the visitor may have one."""
        restart = {}
        if result.invite is not None:
            restart = {
                "action": self._links.page(result.credential),
                "invite": self._links.sign(result.invite),
            }
        name = f"{result.ending}.html"
        return Page(result.ending.http_status, _render(name, result=result, restart=restart))

    def unknown(self) -> Page:
        """Return the page for an address that is none."""
        return Page(404, self.ending(ConsentResult(Ending.INVALID_INVITE)).html)

    def broken(self) -> Page:
        """Return the page for a fault of ours."""
        return Page(500, _render("broken.html"))


SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
    # No window that opened this page, and no other site, gets hold of it.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@cache
def security_headers() -> dict[str, str]:
    """Return the headers of every page: nothing but its own stylesheet and its own form runs or loads."""
    digest = base64.b64encode(hashlib.sha256(_stylesheet().encode()).digest()).decode()
    # No form-action: Chromium applies it to the redirect to Microsoft as well, which is the form's very purpose.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy}


@cache
def _stylesheet() -> str:
    return resources.files("token_refresher").joinpath("templates", "style.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("token_refresher"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["readable_time"] = _readable_time
    return environment


def _readable_time(rfc3339: str) -> str:
    return readable_time(from_rfc3339(rfc3339))


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(stylesheet=_stylesheet(), **values)
