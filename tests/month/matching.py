"""Alerts that were sent against alerts that are deserved: each deserved one exactly once, in its time, and no other."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tests.month.oracle import AUTHORITY
from tests.month.windows import Deserved
from token_refresher.alert import Alert, Event

ALONE_AT_MOST = 4
"""With the fifth credential that fails it is an outage."""


@dataclass(frozen=True)
class Verdict:
    """What became of a month's alerts.

    Attributes:
        deserved: What people deserved.
        sent: What they were sent.
        missing: What they were not sent.
        unexpected: What they were sent, and did not deserve.
    """

    deserved: Sequence[Deserved]
    sent: Sequence[Alert]
    missing: Sequence[Deserved]
    unexpected: Sequence[Alert]

    @property
    def is_equal(self) -> bool:
        """Whether people were told what they deserved."""
        return not self.missing and not self.unexpected

    def rows(self) -> list[tuple[str, int, int, int, int]]:
        """Return each event with how often it was deserved, sent, missing and unexpected."""
        counts = [
            Counter(one.event for one in part) for part in (self.deserved, self.sent, self.missing, self.unexpected)
        ]
        return [(str(event), *(count[event] for count in counts)) for event in Event]  # type: ignore[misc] # Four counts.


def compare(deserved: Sequence[Deserved], sent: Sequence[Alert], client_of: Callable[[str], str]) -> Verdict:
    """Match every deserved alert with one that was sent, the most urgent first.

    In an outage of the authority a few credentials deserve a warning of their own: as long as fewer than five have
    failed, nobody can know that it is one, and their tokens are about to end all the same.
    """
    of_authority = [one for one in deserved if one.subject == AUTHORITY]
    risks = [one for one in of_authority if one.event is Event.REFRESH_AT_RISK]
    outages = list(zip(risks, [one for one in of_authority if one not in risks], strict=True))
    left = list(sent)
    missing = []
    for one in sorted(deserved, key=lambda one: one.window.not_after):
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
    return Verdict([*deserved, *alone], sent, missing, left)


def _alone(
    outage: Sequence[Deserved], left: Sequence[Alert], client_of: Callable[[str], str]
) -> Iterator[list[Deserved]]:
    """Yield what single credentials deserve in an outage: a warning, and one message that it is over."""
    for name in sorted({alert.credential for alert in left if not alert.credentials}):
        pair = [replace(one, subject=name) for one in outage]
        if all(sum(_matches(one, alert, client_of) for alert in left) == 1 for one in pair):
            yield pair


def _matches(one: Deserved, alert: Alert, client_of: Callable[[str], str]) -> bool:
    same = one.event is alert.event and one.subject == subject(alert, client_of)
    return same and one.window.holds(alert.at)


def subject(alert: Alert, client_of: Callable[[str], str]) -> str:
    """Return what an alert is about: one credential, an application, or the authority."""
    if not alert.credentials:
        return alert.credential
    clients = {client_of(name) for name in alert.credentials}
    return AUTHORITY if len(clients) > 1 or alert.event is Event.REFRESH_AT_RISK else clients.pop()
