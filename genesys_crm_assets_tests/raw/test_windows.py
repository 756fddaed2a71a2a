"""The window of a day: half-open, UTC, never closer to now than fifteen minutes."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.lake.errors import LocationRefused
from genesys_crm_assets.raw import windows

DAY = date(2026, 11, 3)
START, END = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)


@pytest.mark.shows("S0-14", "S0-17")
def test_a_day_that_is_over_is_asked_for_whole_and_half_open():
    window = windows.of_day(DAY, END + timedelta(days=1))
    assert (window.start, window.end, window.is_empty) == (START, END, False)
    assert windows.of_day(DAY + timedelta(days=1), END + timedelta(days=5)).start == window.end


@pytest.mark.shows("S2-40")
@pytest.mark.parametrize(
    ("now", "end"),
    [
        (START + timedelta(hours=12), START + timedelta(hours=11, minutes=45)),
        (END, END - timedelta(minutes=15)),
        (END + timedelta(minutes=14, seconds=59), END - timedelta(seconds=1)),
        (END + timedelta(minutes=15), END),
    ],
)
def test_no_window_reaches_closer_to_now_than_fifteen_minutes(now: datetime, end: datetime):
    """F-28: what a vendor said about its last minutes changes."""
    assert windows.of_day(DAY, now).end == end


@pytest.mark.parametrize("minutes", [0, 1, 15])
def test_a_day_that_has_hardly_begun_has_an_empty_window(minutes: int):
    window = windows.of_day(DAY, START + timedelta(minutes=minutes))
    assert window.is_empty
    assert window.end == window.start == START


@pytest.mark.shows("S2-40")
def test_a_day_that_has_not_begun_is_refused():
    """F-28: an object for a day in the future would be a promise nobody can keep."""
    with pytest.raises(LocationRefused, match="2026-11-03 has not begun; materialise days up to 2026-11-02"):
        windows.of_day(DAY, START - timedelta(seconds=1))


def test_what_the_vendor_says_is_complete_clips_too():
    now = END + timedelta(days=1)
    assert windows.of_day(DAY, now, covered=START + timedelta(hours=3)).end == START + timedelta(hours=3)
    assert windows.of_day(DAY, now, covered=START - timedelta(hours=3)).is_empty
    assert windows.of_day(DAY, now, covered=now).end == END


@pytest.mark.shows("S0-17")
@given(st.integers(-12, 14), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))  # noqa: DTZ001 - a zone follows
def test_where_the_clock_stands_does_not_move_a_day(hours: int, moment: datetime):
    """A day is a UTC day of 24 hours, whatever zone the machine or the clock is in, on days of clock changes too."""
    now = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    day = now.astimezone(UTC).date() - timedelta(days=1)
    window = windows.of_day(day, now)
    assert window.start == datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert window.end <= now - windows.CUTOFF
    assert window.end - window.start <= timedelta(days=1)
