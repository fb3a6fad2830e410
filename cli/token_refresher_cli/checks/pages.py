"""The redirect URI: does it fit what Microsoft accepts, and what the stack serves."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Health, Visit
from token_refresher_cli.finding import Finding, ok, problem
from token_refresher_cli.own_command import CHANGED_BY_HAND, runbook


def redirect_findings(callback_url: str, public_url: str, health: Health | None, page: str) -> Iterator[Finding]:
    """Judge the redirect URI.

    Args:
        callback_url: What is to be registered with Microsoft.
        public_url: What the functions take for their own address.
        health: What answered there, or ``None`` where it was not to be asked.
        page: Where the runbook tells what to do if nothing answers.
    """
    parts = urlsplit(callback_url)
    # Source: https://learn.microsoft.com/entra/identity-platform/reply-url
    if parts.scheme != "https" and parts.hostname != "localhost":
        yield problem(
            f"Microsoft accepts no redirect URI such as {callback_url}: it must be https, or http for localhost.",
            "Change PublicUrl, and deploy again: docs/deploy.md#parameters",
        )
    if callback_url != f"{public_url.rstrip('/')}/callback":
        yield problem(
            f"The functions serve {public_url}, and the output CallbackUrl is {callback_url}.",
            CHANGED_BY_HAND,
        )
    if health is not None and health.version is None:
        yield problem(f"Nobody can sign in: {health.url} {health.trouble}.", page)
    yield ok(
        f"Every app has to have {callback_url} registered under the platform Web. Whether it has, only a sign-in shows."
    )


def _run(visit: Visit) -> Iterator[Finding]:
    installation = visit.installation
    yield from redirect_findings(
        installation.outputs["CallbackUrl"],
        installation.environment["PUBLIC_URL"],
        visit.health if visit.options.http else None,
        runbook(installation, "callback-errors"),
    )


REDIRECT_URI: Final = Check(
    "redirect-uri", "The redirect URI is one that Microsoft accepts, and the connect page answers there.", (), _run
)
