"""The text of an alert, for somebody who has never seen this project and reads it on a phone at night.

Below the first line, which is enough to know whether to get up, it answers in this order: what stopped, since when,
until when pipelines keep working, why, who has to do what, and with which link; and then what a support desk asks for.
"""

from collections.abc import Iterator
from typing import Final

from token_refresher.alert import Alert, Severity
from token_refresher.clock import readable_time
from token_refresher.phrases import names

_THE_LINK: Final = (
    "The link. It leads to a page that names the credential, and from there to Microsoft's own sign-in page."
    " It works once, and for some days; each reminder brings a new one. Give it only to whoever has to sign in:"
)
_ABOUT: Final = (
    "About this message: Token Refresher, which sent it, renews the access of data pipelines to Microsoft Advertising"
    " before it ends. A credential is one such access, kept as a secret in AWS Secrets Manager. This message holds no"
    " password and nothing that pipelines sign in with."
)


def mail(alert: Alert) -> str:
    """Write the text of an alert."""
    parts = [alert.summary, _lines(_answers(alert))]
    if alert.connect_url:
        parts.append(f"{_THE_LINK}\n{alert.connect_url}")
    parts += [f"For support\n{_lines(_facts(alert))}", _ABOUT]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(pairs: Iterator[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs if value)


def _answers(alert: Alert) -> Iterator[tuple[str, str]]:
    yield "What stopped", alert.stopped
    yield "Since when", _since(alert)
    yield "Until when pipelines keep working", alert.until
    yield "Why", alert.cause
    yield "Who has to act", alert.who
    yield "What to do", alert.action


def _since(alert: Alert) -> str:
    if alert.since is None:
        return "" if alert.event.severity is Severity.INFO else "It has not stopped yet."
    began_at = readable_time(alert.since)
    return f"It had lasted since {began_at}." if alert.event.severity is Severity.INFO else f"{began_at}."


def _facts(alert: Alert) -> Iterator[tuple[str, str]]:
    yield "Code", alert.code
    yield "What Microsoft says about it", alert.help_url
    yield "Correlation ID (for Microsoft's support)", alert.correlation_id
    several = len(alert.concerned) > 1
    others = " first, and others" if alert.everything else ""
    yield (f"Credentials ({len(alert.concerned)})" if several else "Credential"), names(alert.concerned) + others
    yield "Runbook", alert.runbook_url
    again = f" (message {alert.told} about this)" if alert.told > 1 else ""
    yield "Sent", f"{readable_time(alert.at)}{again}"
