"""What looks bad and passes by itself: nobody is asked to do anything that need not be done."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, refused, unavailable
from tests.fakes.manual_clock import START
from tests.month.stage import Stage
from tests.month.weather import Spell
from token_refresher.alert import Event
from token_refresher.failure import ProviderFailure
from token_refresher.retry import ASKS

NAME = "search-ads"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FROM = START + DAY
UNHEARD_OF = refused(5999999, "unheard_of")


def a_credential(failure: ProviderFailure, until: datetime) -> Stage:
    stage = Stage(8)
    stage.create(NAME)
    stage.authority.spells.append(Spell(FROM, until, failure, NAME))
    return stage


def told_at(stage: Stage, event: Event) -> list[datetime]:
    return [alert.at for alert in stage.alerts if alert.event is event]


def test_an_operator_is_asked_about_an_unknown_code_after_three_hours_of_it() -> None:
    stage = a_credential(UNHEARD_OF, FROM + 12 * HOUR)
    stage.run(FROM + 12 * HOUR)
    (asked_at,) = told_at(stage, Event.OPERATOR_ACTION_REQUIRED)
    assert FROM + 3 * HOUR <= asked_at <= FROM + 4 * HOUR + 15 * MINUTE


def test_an_unknown_code_is_tried_on_while_somebody_looks_it_up() -> None:
    """It is in no table, so it may pass as it came; the token is not to wait for the next reminder."""
    stage = a_credential(UNHEARD_OF, FROM + 12 * HOUR)
    stage.run(FROM + 13 * HOUR)
    (over_at,) = told_at(stage, Event.RECOVERED)
    assert over_at <= FROM + 12 * HOUR + 20 * MINUTE


def test_an_unknown_code_that_lasts_is_reminded_of_by_the_ladder() -> None:
    stage = a_credential(UNHEARD_OF, FROM + 6 * DAY)
    stage.run(FROM + 6 * DAY - HOUR)
    first, *reminders = told_at(stage, Event.OPERATOR_ACTION_REQUIRED)
    assert [round((one - first) / DAY) for one in reminders] == [1, 4]


def test_an_outage_before_it_does_not_make_an_unknown_code_old() -> None:
    stage = a_credential(unavailable(503), FROM + 5 * HOUR)
    stage.authority.spells.append(Spell(FROM + 5 * HOUR, FROM + 6 * HOUR, UNHEARD_OF, NAME))
    stage.run(FROM + 7 * HOUR)
    assert stage.world.topic.events == [Event.REFRESH_AT_RISK, Event.RECOVERED]


@pytest.mark.parametrize("looks", [1, 2])
def test_an_uncertain_refusal_is_confirmed_also_where_an_outage_has_cost_the_token(looks: int) -> None:
    """Otherwise one unlucky look after an outage parks a good grant for a day, and somebody signs in for nothing."""
    stage = a_credential(unavailable(503), FROM + 3 * HOUR)
    stage.run(FROM + 3 * HOUR - 5 * MINUTE)
    stage.authority.failures.extend([AMBIGUOUS] * ASKS * looks)
    stage.authority.spells.clear()
    stage.run(FROM + 5 * HOUR)
    assert stage.world.topic.events == [Event.REFRESH_AT_RISK, Event.RECOVERED]
