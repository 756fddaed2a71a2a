"""Times are told as each vendor tells them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.sandbox import clock


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis adds the zone
def test_what_is_told_is_read_back(moment: datetime):
    ms = clock.of(moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000))
    assert clock.parse(clock.iso(ms)) == ms
    assert len(clock.iso(ms)) == len("2026-01-05T10:00:00.000Z")


def test_each_vendor_tells_time_its_own_way():
    ms = clock.midnight(date(2026, 1, 5)) + 10 * clock.HOUR
    assert clock.iso(ms) == "2026-01-05T10:00:00.000Z"
    assert clock.crm(ms // 1000) == "2026-01-05T10:00:00.000+0000"


@given(st.integers(0, 10**13), st.floats(-1, 1))
def test_the_two_clocks_are_never_more_than_ten_minutes_apart(ms: int, waver: float):
    skewed = clock.Skew(0.3).at(ms, waver)
    assert abs(skewed * 1000 - ms) <= 10 * clock.MINUTE


def test_periods_are_read_and_nonsense_is_refused():
    assert clock.period("PT15M") == 15 * clock.MINUTE
    assert clock.period("P1DT6H") == 30 * clock.HOUR
    for nonsense in ("", "P", "PT", "15M", "P1M"):
        with pytest.raises(ValueError, match="ISO period"):
            clock.period(nonsense)


def test_the_content_clock_only_moves_forward():
    content = clock.ContentClock(datetime(2026, 1, 5, tzinfo=UTC))
    content.advance(datetime(2026, 1, 6, tzinfo=UTC))
    assert content.now == datetime(2026, 1, 6, tzinfo=UTC)
    with pytest.raises(ValueError, match="another sandbox"):
        content.advance(datetime(2026, 1, 5, tzinfo=UTC))
