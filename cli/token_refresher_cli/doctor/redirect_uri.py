"""The redirect URI: does a provider accept it, and does the stack serve it."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext, Health
from token_refresher_cli.doctor.finding import Finding, ok, problem
from token_refresher_cli.installation.own_command import CHANGED_BY_HAND, runbook


def redirect_findings(callback_url: str, public_url: str, health: Health | None, page: str) -> Iterator[Finding]:
    """Judge the redirect URI.

    Args:
        callback_url: The redirect URI to register at the provider.
        public_url: The address that the functions use for themselves.
        health: The health of the connect page; ``None`` if the operator did not want it requested.
        page: The runbook's entry for a connect page that does not answer.
    """
    parts = urlsplit(callback_url)
    # Source: https://learn.microsoft.com/entra/identity-platform/reply-url
    if parts.scheme != "https" and parts.hostname != "localhost":
        yield problem(
            f"Providers accept no redirect URI such as {callback_url}: it must be https, or http for localhost.",
            "Change PublicUrl, and deploy again: docs/deploy.md#parameters",
        )
    if callback_url != f"{public_url.rstrip('/')}/callback":
        yield problem(
            f"The functions serve {public_url}, but the output CallbackUrl is {callback_url}.",
            CHANGED_BY_HAND,
        )
    if health is not None and health.version is None:
        yield problem(f"Nobody can sign in: {health.url} {health.trouble}.", page)
    yield ok(
        f"Every app must have {callback_url} registered, at Microsoft under the platform Web. Only a sign-in shows"
        " whether it has."
    )


def _run(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    yield from redirect_findings(
        installation.outputs["CallbackUrl"],
        installation.environment["PUBLIC_URL"],
        context.health if context.options.http else None,
        runbook(installation, "callback-errors"),
    )


REDIRECT_URI: Final = Check(
    "redirect-uri", "The redirect URI is one that providers accept, and the connect page answers there.", (), _run
)
