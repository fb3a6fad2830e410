"""The mail of an alert, for a reader who has never seen this project and reads it on a phone at night.

The first line is enough to decide whether to get up. Then it says what stopped, since when, until when pipelines keep
working, why, who has to do what, and with which link. At the end are the facts that a support desk asks for.

Why, and what to do, are the cause and the action of the diagnosis: `diagnosis/data/meanings.toml` has their words. The
words around them are in `wording`.
"""

from collections.abc import Iterator
from typing import Final

from token_refresher.alerts.alert import Alert
from token_refresher.base.clock import readable_time
from token_refresher.base.text import names
from token_refresher.registry.open_alert import Severity

_THE_LINK: Final = (
    "The link. It leads to a page that names the credential, and from there to {provider}'s own sign-in page."
    " It works once, and only for some days. Each reminder brings a new one. Give it only to the person who has to sign"
    " in:"
)
_ABOUT: Final = (
    "About this message: Token Refresher sent it. Token Refresher renews the access of data pipelines to {product}"
    " before it ends. A credential is one such access, kept as a secret in AWS Secrets Manager. This"
    " message holds no password, and nothing that pipelines sign in with."
)


def mail(alert: Alert) -> str:
    """Return the text of the mail."""
    words, parts = alert.words, [alert.summary, _lines(_answers(alert))]
    if alert.connect_url:
        parts.append(f"{words.said(_THE_LINK)}\n{alert.connect_url}")
    parts += [f"For support\n{_lines(_facts(alert))}", words.said(_ABOUT)]
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
        return "" if alert.event.severity is Severity.INFO else "Nothing has stopped yet."
    began_at = readable_time(alert.since)
    return f"It lasted since {began_at}." if alert.event.severity is Severity.INFO else f"{began_at}."


def _facts(alert: Alert) -> Iterator[tuple[str, str]]:
    yield "Code", alert.code
    yield f"What {alert.words.provider} says about it", alert.help_url
    yield f"Correlation ID (for {alert.words.provider}'s support)", alert.correlation_id
    several = len(alert.concerned) > 1
    others = " first, and others" if alert.everything else ""
    yield (f"Credentials ({len(alert.concerned)})" if several else "Credential"), names(alert.concerned) + others
    yield "Runbook", alert.runbook_url
    again = f" (message {alert.notifications} about this)" if alert.notifications > 1 else ""
    yield "Sent", f"{readable_time(alert.at)}{again}"
