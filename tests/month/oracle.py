"""What people deserve to be told, by the script alone: nothing here asks the package."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.fakes.manual_clock import START
from tests.month.script import (
    END,
    TICK,
    BadPaste,
    Dead,
    Down,
    FirstConsent,
    Hitch,
    Moody,
    Note,
    Policy,
    Removed,
    Script,
    SecretEnds,
    Silent,
    Story,
    Unknown,
)
from tests.month.windows import Delays, Deserved, Window, until, within_the_month
from token_refresher.alert import Event

AUTHORITY = "the authority"

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ASKED_WITHIN = 43 * MINUTE
"""A token of an hour is due after 37 minutes at the latest, and a tick comes within five."""

SURE_WITHIN = ASKED_WITHIN + 15 * MINUTE
"""An uncertain refusal is asked about twice more, a tick or two apart."""

SOON = 2 * TICK + MINUTE
"""What changes is seen by the next tick, and told at once."""

OUTLASTS = 60 * MINUTE
"""So long an outage outlasts every token; one of ten minutes none, for a token is renewed 23 before its end."""

HARMLESS = 10 * MINUTE

BACK_WITHIN = 50 * MINUTE
"""After an outage: the longest pause of a quarter of an hour, twice, and some ticks."""

PROBED_WITHIN = 75 * MINUTE
"""A probe that got no answer is repeated after an hour."""

SECRET_STAGES = (30, 14, 7, 1)
REFRESH_TOKEN_STAGES = (1, 30, 60, 80)


def deserved(script: Script) -> list[Deserved]:
    """Return all alerts that a month deserves.

    Raises:
        AmbiguousScriptError: What it deserves is a matter of minutes.
    """
    found = [one for story in script.stories for one in _Oracle(script).of(story)]
    found += _Oracle(script).warnings()
    return within_the_month(found)


class _Oracle:
    def __init__(self, script: Script) -> None:
        self._script = script
        silent = [(one.start, one.end, BACK_WITHIN) for one in script.stories if isinstance(one, Silent)]
        down = [(one.start, one.end) for one in script.stories if isinstance(one, Down)]
        self._people = Delays(silent)
        self._looks = Delays([*silent, *((start, end, BACK_WITHIN) for start, end in down)])
        self._probes = Delays([*silent, *((start, end, PROBED_WITHIN) for start, end in down)])

    def of(self, story: Story) -> Iterator[Deserved]:  # noqa: C901 - One case for each kind of story.
        match story:
            case Silent() | Note() | Removed() | Moody():
                pass
            case Down():
                yield from self._passing(AUTHORITY, story)
            case Hitch():
                yield from self._passing(story.name, story)
            case Unknown():
                yield from self._unknown(story)
            case Dead():
                yield from self._dead(story)
            case Policy():
                yield from self._policy(story)
            case BadPaste():
                client_id = next(one.client_id for one in self._script.members if one.name == story.name)
                first = self._looks.after(story.at, ASKED_WITHIN)
                yield from self._application(client_id, first, story.corrected_at, story.corrected_at)
            case SecretEnds():
                if story.replaced_at > story.at:
                    last = story.replaced_at + story.replaced_within
                    first = self._looks.after(story.at, ASKED_WITHIN)
                    yield from self._application(story.client_id, first, story.replaced_at, last)
            case FirstConsent():
                since = next(one.since for one in self._script.members if one.name == story.name)
                told, _ = until(self._people.ladder(self._people.after(since, SOON)), story.at, story.at)
                yield from self._each(Event.RECONSENT_REQUIRED, story.name, told)
                yield Deserved(Event.CONNECTED, story.name, self._people.after(story.at, SOON))

    def _passing(self, subject: str, story: Down | Hitch) -> Iterator[Deserved]:
        lasts = story.end - story.start
        assert lasts <= HARMLESS or lasts >= OUTLASTS, "whether a token outlasts it is a matter of chance"
        if lasts < OUTLASTS:
            return
        yield Deserved(Event.REFRESH_AT_RISK, subject, self._people.after(story.start, OUTLASTS))
        yield Deserved(Event.RECOVERED, subject, self._looks.after(story.end, BACK_WITHIN))

    def _unknown(self, story: Unknown) -> Iterator[Deserved]:
        lasts = story.end - story.start
        if lasts <= HARMLESS:
            return
        yield Deserved(Event.REFRESH_AT_RISK, story.name, self._people.after(story.start, OUTLASTS))
        first = self._looks.delayed(Window(story.start + 3 * HOUR, story.start + 4 * HOUR + 15 * MINUTE))
        told, _ = until(self._people.ladder(first), story.end, story.end)
        yield from self._each(Event.OPERATOR_ACTION_REQUIRED, story.name, told)
        yield Deserved(Event.RECOVERED, story.name, self._looks.after(story.end, BACK_WITHIN))

    def _dead(self, story: Dead) -> Iterator[Deserved]:
        first = self._looks.after(story.at, ASKED_WITHIN if story.failure is None else SURE_WITHIN)
        mended = story.reconnected_at or END + 30 * DAY
        told, _ = until(self._probes.ladder(first), mended, mended)
        yield from self._each(Event.RECONSENT_REQUIRED, story.name, told)
        yield Deserved(Event.RECOVERED, story.name, self._people.after(mended, SOON))

    def _policy(self, story: Policy) -> Iterator[Deserved]:
        first = self._looks.after(story.at, ASKED_WITHIN)
        told, probed = until(self._probes.ladder(first), story.lifted_at, story.lifted_at)
        administrator = story.failure.codes == (53003,)
        event = Event.OPERATOR_ACTION_REQUIRED if administrator else Event.RECONSENT_REQUIRED
        yield from self._each(event, story.name, told)
        # Nobody of ours hears of it, so that the probe before the next reminder finds out.
        yield Deserved(Event.RECOVERED, story.name, probed)

    def _application(self, client_id: str, first: Window, mending: datetime, mended: datetime) -> Iterator[Deserved]:
        told, _ = until(self._probes.ladder(first), mending, mended)
        yield from self._each(Event.OPERATOR_ACTION_REQUIRED, client_id, told)
        yield Deserved(Event.RECOVERED, client_id, self._looks.after(mended, SOON))

    def _each(self, event: Event, subject: str, windows: list[Window]) -> Iterator[Deserved]:
        yield from (Deserved(event, subject, window) for window in windows)

    def warnings(self) -> list[Deserved]:
        found: list[Deserved] = []
        for member in self._script.members:
            if not member.rotates:
                issued_at = START - member.refresh_token_age
                passed = [issued_at + stage * DAY for stage in REFRESH_TOKEN_STAGES]
                found += self._warnings(member.name, passed)
        replaced = {one.client_id: one.replaced_at for one in self._script.stories if isinstance(one, SecretEnds)}
        ends = {one.client_id: one.secret_ends_at for one in self._script.members if one.secret_ends_at}
        for client_id, ends_at in ends.items():
            passed = [ends_at - stage * DAY for stage in SECRET_STAGES]
            found += self._warnings(client_id, [one for one in passed if one < replaced.get(client_id, END)])
        return found

    def _warnings(self, subject: str, passed: list[datetime]) -> Iterator[Deserved]:
        # What was passed before the month began is told at once, but only the last of it.
        early = any(one <= START for one in passed)
        for moment in [START] * early + [one for one in passed if one > START]:
            yield Deserved(Event.EXPIRY_WARNING, subject, self._looks.after(moment, ASKED_WITHIN))
