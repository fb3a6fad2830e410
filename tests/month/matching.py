"""Compares the sent alerts with the expected ones: each must be sent exactly once, in its time, and no other."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tests.month.expected_alerts import AUTHORITY
from tests.month.windows import ExpectedAlert
from token_refresher.alerts.alert import Alert
from token_refresher.registry.open_alert import Event

ALONE_AT_MOST = 4
"""From the fifth failing credential on it is an outage."""


@dataclass(frozen=True)
class Comparison:
    """The alerts of a month.

    Attributes:
        expected: The alerts that the script requires.
        sent: The alerts that were sent.
        missing: The expected alerts that were not sent.
        unexpected: The sent alerts that were not expected.
    """

    expected: Sequence[ExpectedAlert]
    sent: Sequence[Alert]
    missing: Sequence[ExpectedAlert]
    unexpected: Sequence[Alert]

    @property
    def is_equal(self) -> bool:
        """Whether exactly the expected alerts were sent."""
        return not self.missing and not self.unexpected

    def rows(self) -> list[tuple[str, int, int, int, int]]:
        """Return each event with the numbers of its expected, sent, missing and unexpected alerts."""
        counts = [
            Counter(one.event for one in part) for part in (self.expected, self.sent, self.missing, self.unexpected)
        ]
        return [(str(event), *(count[event] for count in counts)) for event in Event]  # type: ignore[misc] # Four counts.


def compare(expected: Sequence[ExpectedAlert], sent: Sequence[Alert], client_of: Callable[[str], str]) -> Comparison:
    """Match every expected alert with a sent one, the most urgent first.

    In an outage of the authority, a few credentials may have their own warnings: until five have failed, nobody can
    know that it is an outage, and their tokens may be about to expire.
    """
    of_authority = [one for one in expected if one.subject == AUTHORITY]
    risks = [one for one in of_authority if one.event is Event.REFRESH_AT_RISK]
    outages = list(zip(risks, [one for one in of_authority if one.event is Event.RECOVERED], strict=True))
    left = list(sent)
    missing = []
    for one in sorted(expected, key=lambda one: one.window.not_after):
        found = next((alert for alert in left if _matches(one, alert, client_of)), None)
        if found is None:
            missing.append(one)
        else:
            left.remove(found)
    alone = []
    for outage in outages:
        pairs = list(_alone(outage, left, client_of))[:ALONE_AT_MOST]
        alone += [one for pair in pairs for one in pair]
        left = [alert for alert in left if not any(_matches(one, alert, client_of) for pair in pairs for one in pair)]
    return Comparison([*expected, *alone], sent, missing, left)


def _alone(
    outage: Sequence[ExpectedAlert], left: Sequence[Alert], client_of: Callable[[str], str]
) -> Iterator[list[ExpectedAlert]]:
    """Yield the alerts of a single credential in an outage: a warning, and one message that it is over."""
    for name in sorted({alert.credential for alert in left if not alert.credentials}):
        pair = [replace(one, subject=name) for one in outage]
        if all(sum(_matches(one, alert, client_of) for alert in left) == 1 for one in pair):
            yield pair


def _matches(one: ExpectedAlert, alert: Alert, client_of: Callable[[str], str]) -> bool:
    same = one.event is alert.event and one.subject == subject(alert, client_of)
    return same and one.window.holds(alert.at)


def subject(alert: Alert, client_of: Callable[[str], str]) -> str:
    """Return the subject of an alert: one credential, an application, or the authority."""
    if not alert.credentials:
        return alert.credential
    clients = {client_of(name) for name in alert.credentials}
    return AUTHORITY if len(clients) > 1 or alert.everything or alert.event is Event.REFRESH_AT_RISK else clients.pop()
