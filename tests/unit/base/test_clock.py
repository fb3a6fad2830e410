"""Time: aware, in UTC, in one format."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.clock import from_rfc3339, readable_time, system_clock, to_rfc3339

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001
# `timezones` sets the zone.


def test_the_time_of_this_machine_is_aware_utc_to_the_second() -> None:
    now = system_clock()
    assert (now.tzinfo, now.microsecond) == (UTC, 0)


def test_a_moment_is_written_in_utc_with_z() -> None:
    moment = datetime(2026, 1, 31, 11, 0, 5, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert to_rfc3339(moment) == "2026-01-31T09:00:05Z"


@given(MOMENTS)
def test_a_moment_survives_writing_and_reading_to_the_second(moment: datetime) -> None:
    assert from_rfc3339(to_rfc3339(moment)) == moment.astimezone(UTC).replace(microsecond=0)


@given(MOMENTS, MOMENTS)
def test_the_texts_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    first, last = sorted([one, other])
    assert to_rfc3339(first) <= to_rfc3339(last)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-01-31T09:00:00Z", id="Z"),
        pytest.param("2026-01-31T09:00:00+00:00", id="an offset of zero"),
        pytest.param("2026-01-31T11:00:00+02:00", id="an offset to the east"),
        pytest.param("2026-01-31T03:30:00-05:30", id="an offset to the west"),
        pytest.param("2026-01-31 09:00:00Z", id="a space for the T"),
        pytest.param("2026-01-31T09:00:00z", id="a lower case z"),
        pytest.param("2026-01-31t09:00:00z", id="a lower case t and z"),
        pytest.param("2026-01-31T11:00:00.000000+02:00", id="a fraction and an offset"),
        pytest.param("2026-01-31 09:00:00 +00:00", id="a space before the offset"),
        pytest.param("2026-01-31 09:00 UTC", id="the format of the pages"),
        pytest.param("2026-01-31T08:59:60Z", id="a leap second"),
        pytest.param(" 2026-01-31T09:00:00Z\n", id="spaces around it"),
    ],
)
def test_a_time_with_an_offset_is_read_as_utc(text: str) -> None:
    moment = from_rfc3339(text)
    assert (moment, moment.tzinfo) == (datetime(2026, 1, 31, 9, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-01-31T09:00:00", id="no offset"),
        pytest.param("2026-01-31", id="a date"),
        pytest.param("tomorrow", id="a word"),
        pytest.param("", id="nothing"),
        pytest.param("1769850000", id="seconds since 1970"),
        pytest.param("2026-02-30T09:00:00Z", id="a day that does not exist"),
        pytest.param("0001-01-01T00:00:00+01:00", id="before the first year in UTC"),
        pytest.param("9999-12-31T23:59:59-01:00", id="after the last year in UTC"),
    ],
)
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_rfc3339(text)


def test_people_read_a_time_in_utc_whatever_its_zone() -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    assert readable_time(datetime(2026, 1, 31, 14, 30, tzinfo=elsewhere)) == "2026-01-31 09:00 UTC"
