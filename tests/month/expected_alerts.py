"""The expected alerts of a month, from its script alone: nothing here uses the package's decisions."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.fakes.manual_clock import START
from tests.month.script import (
    END,
    TICK,
    AuthorityDown,
    ClientSecretExpires,
    CredentialFails,
    FirstConsent,
    GrantRejected,
    PolicyBlocks,
    Script,
    ScriptEvent,
    SecretDeleted,
    SometimesRefused,
    TopicDown,
    UnknownCode,
    UnrelatedEdit,
    WrongClientSecret,
)
from tests.month.windows import Delays, ExpectedAlert, Window, until, within_the_month
from token_refresher.registry.open_alert import Event

AUTHORITY = "the authority"

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ASKED_WITHIN = 43 * MINUTE
"""A token of one hour is due after 37 minutes at the latest, and a tick comes within five."""

SURE_WITHIN = ASKED_WITHIN + 15 * MINUTE
"""An uncertain refusal is confirmed by two more attempts, a tick or two apart."""

SOON = 2 * TICK + MINUTE
"""The next tick sees a change, and the alert follows at once."""

OUTLASTS = 60 * MINUTE
"""An outage of this length outlasts every token. One of ten minutes outlasts none: tokens are renewed 23 before."""

HARMLESS = 10 * MINUTE

LASTS = 60 * MINUTE
"""Until then nobody has to act on a failure. After it the operator has, because the failure has cost the token."""

NOTIFIED_WITHIN = ASKED_WITHIN + LASTS + 20 * MINUTE
"""A credential becomes due, fails for an hour, and is attempted again after a pause and a tick."""

BACK_WITHIN = 50 * MINUTE
"""After an outage: the longest pause of a quarter of an hour, twice, and some ticks."""

PROBED_WITHIN = 75 * MINUTE
"""A probe that got no answer is repeated after an hour."""

SECRET_STAGES = (30, 14, 7, 1)
REFRESH_TOKEN_STAGES = (1, 30, 60, 80)


def expected(script: Script) -> list[ExpectedAlert]:
    """Return all expected alerts of a month.

    Raises:
        AmbiguousScriptError: Minutes decide which alerts are expected.
    """
    found = [one for event in script.events for one in _Expectation(script).of(event)]
    found += _Expectation(script).warnings()
    return within_the_month(found)


class _Expectation:
    def __init__(self, script: Script) -> None:
        self._script = script
        silent = [(one.start, one.end, BACK_WITHIN) for one in script.events if isinstance(one, TopicDown)]
        down = [(one.start, one.end) for one in script.events if isinstance(one, AuthorityDown)]
        self._people = Delays(silent)
        self._attempts = Delays([*silent, *((start, end, BACK_WITHIN) for start, end in down)])
        self._probes = Delays([*silent, *((start, end, PROBED_WITHIN) for start, end in down)])

    def of(self, event: ScriptEvent) -> Iterator[ExpectedAlert]:
        match event:
            case TopicDown() | UnrelatedEdit() | SecretDeleted() | SometimesRefused():
                pass
            case AuthorityDown():
                yield from self._passing(AUTHORITY, event)
            case CredentialFails() | UnknownCode():
                yield from self._passing(event.name, event)
            case GrantRejected():
                yield from self._rejected(event)
            case PolicyBlocks():
                yield from self._policy(event)
            case WrongClientSecret():
                client_id = next(one.client_id for one in self._script.members if one.name == event.name)
                first = self._attempts.after(event.at, ASKED_WITHIN)
                yield from self._application(client_id, first, event.corrected_at, event.corrected_at)
            case ClientSecretExpires():
                if event.replaced_at > event.at:
                    last = event.replaced_at + event.replaced_within
                    first = self._attempts.after(event.at, ASKED_WITHIN)
                    yield from self._application(event.client_id, first, event.replaced_at, last)
            case FirstConsent():
                since = next(one.since for one in self._script.members if one.name == event.name)
                notified, _ = until(self._people.ladder(self._people.after(since, SOON)), event.at, event.at)
                yield from self._each(Event.RECONSENT_REQUIRED, event.name, notified)
                yield ExpectedAlert(Event.CONNECTED, event.name, self._people.after(event.at, SOON))

    def _passing(self, subject: str, event: AuthorityDown | CredentialFails | UnknownCode) -> Iterator[ExpectedAlert]:
        lasts = event.end - event.start
        assert lasts <= HARMLESS or lasts >= OUTLASTS, "whether a token outlasts it depends on chance"
        if lasts < OUTLASTS:
            return
        yield ExpectedAlert(Event.REFRESH_AT_RISK, subject, self._people.after(event.start, OUTLASTS))
        if lasts > LASTS:
            # Not `_attempts`: an outage of the authority does not delay its own alert.
            first = self._people.delayed(Window(event.start + LASTS, event.start + NOTIFIED_WITHIN))
            notified, _ = until(self._people.ladder(first), event.end, event.end)
            yield from self._each(Event.OPERATOR_ACTION_REQUIRED, subject, notified)
        yield ExpectedAlert(Event.RECOVERED, subject, self._attempts.after(event.end, BACK_WITHIN))

    def _rejected(self, event: GrantRejected) -> Iterator[ExpectedAlert]:
        first = self._attempts.after(event.at, ASKED_WITHIN if event.failure is None else SURE_WITHIN)
        mended = event.reconnected_at or END + 30 * DAY
        notified, _ = until(self._probes.ladder(first), mended, mended)
        yield from self._each(Event.RECONSENT_REQUIRED, event.name, notified)
        yield ExpectedAlert(Event.RECOVERED, event.name, self._people.after(mended, SOON))

    def _policy(self, event: PolicyBlocks) -> Iterator[ExpectedAlert]:
        first = self._attempts.after(event.at, ASKED_WITHIN)
        notified, probed = until(self._probes.ladder(first), event.lifted_at, event.lifted_at)
        administrator = event.failure.codes == (53003,)
        asks = Event.OPERATOR_ACTION_REQUIRED if administrator else Event.RECONSENT_REQUIRED
        yield from self._each(asks, event.name, notified)
        # No event reports the change, so the probe before the next reminder finds it.
        yield ExpectedAlert(Event.RECOVERED, event.name, probed)

    def _application(
        self, client_id: str, first: Window, mending: datetime, mended: datetime
    ) -> Iterator[ExpectedAlert]:
        notified, _ = until(self._probes.ladder(first), mending, mended)
        yield from self._each(Event.OPERATOR_ACTION_REQUIRED, client_id, notified)
        yield ExpectedAlert(Event.RECOVERED, client_id, self._attempts.after(mended, SOON))

    def _each(self, event: Event, subject: str, windows: list[Window]) -> Iterator[ExpectedAlert]:
        yield from (ExpectedAlert(event, subject, window) for window in windows)

    def warnings(self) -> list[ExpectedAlert]:
        found: list[ExpectedAlert] = []
        for member in self._script.members:
            if not member.rotates:
                issued_at = START - member.refresh_token_age
                passed = [issued_at + fleet * DAY for fleet in REFRESH_TOKEN_STAGES]
                found += self._warnings(member.name, passed)
        replaced = {
            one.client_id: one.replaced_at for one in self._script.events if isinstance(one, ClientSecretExpires)
        }
        ends = {one.client_id: one.secret_ends_at for one in self._script.members if one.secret_ends_at}
        for client_id, ends_at in ends.items():
            passed = [ends_at - fleet * DAY for fleet in SECRET_STAGES]
            found += self._warnings(client_id, [one for one in passed if one < replaced.get(client_id, END)])
        return found

    def _warnings(self, subject: str, passed: list[datetime]) -> Iterator[ExpectedAlert]:
        # Of the stages before the month only the last one is notified, at once.
        early = any(one <= START for one in passed)
        for moment in [START] * early + [one for one in passed if one > START]:
            yield ExpectedAlert(Event.EXPIRY_WARNING, subject, self._attempts.after(moment, ASKED_WITHIN))
