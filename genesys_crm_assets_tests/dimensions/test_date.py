"""The calendar: fiscal periods by hand, and days of every length that zones have."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as fast
from hypothesis import strategies as st

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.dimensions import date as calendar
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.lakes import SmallLake

Row = dict[str, Any]


@cache
def days(zone: str = "UTC", fiscal_start: int = 1, first_day: str = "2026-01-01") -> dict[date, Row]:
    """The calendar by day, proved."""
    told = {"REPORTING_TIMEZONE": zone, "FISCAL_YEAR_START_MONTH": str(fiscal_start), "START_DATE": first_day}
    with duckdb.connect(":memory:") as engine:
        engine.execute("set timezone = 'UTC'")
        engine.execute("create schema audit")
        engine.register("settings_row", settings.row(lambda name: told.get(name) or settings.DEFAULTS[name] or "", mapping.read()))
        engine.execute("create table audit.settings as select * from settings_row")
        casts = calendar.TABLE.casts()
        engine.execute(f"create table found as select {casts} from ({calendar.BODY.sql})")
        found = running.dicts(engine.execute("select * from found order by day"))
        assert all(running.verdicts(calendar.TABLE, calendar.BODY, engine, found).values())
    assert len({row["day"] for row in found}) == len(found) == (found[-1]["day"] - found[0]["day"]).days + 1
    return {row["day"]: row for row in found}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_day_says_its_periods():
    row = days()[date(2027, 1, 3)]
    assert row == {
        "day": date(2027, 1, 3),
        "year": 2027,
        "quarter": 1,
        "month": 1,
        "month_name": "January",
        "day_of_month": 3,
        "iso_year": 2026,
        "iso_week": 53,
        "weekday": 7,
        "weekday_name": "Sunday",
        "is_weekend": True,
        "fiscal_year": 2027,
        "fiscal_quarter": 1,
        "fiscal_month": 1,
        "fiscal_year_first_day": date(2027, 1, 1),
        "fiscal_year_last_day": date(2027, 12, 31),
        "fiscal_quarter_first_day": date(2027, 1, 1),
        "fiscal_quarter_last_day": date(2027, 3, 31),
        "fiscal_month_first_day": date(2027, 1, 1),
        "fiscal_month_last_day": date(2027, 1, 31),
        "starts_at_utc": moment("2027-01-03"),
        "ends_at_utc": moment("2027-01-04"),
        "hours": 24.0,
    }


@pytest.mark.shows("S0-18")
@pytest.mark.parametrize(
    ("start", "day", "periods", "quarter_ends"),
    [
        (10, "2026-09-30", (2026, 4, 12), "2026-09-30"),
        (10, "2026-10-01", (2027, 1, 1), "2026-12-31"),
        (4, "2028-02-29", (2028, 4, 11), "2028-03-31"),
        (2, "2027-01-31", (2027, 4, 12), "2027-01-31"),
        (12, "2026-12-01", (2027, 1, 1), "2027-02-28"),
        (1, "2026-12-31", (2026, 4, 12), "2026-12-31"),
    ],
)
def test_a_fiscal_year_is_named_for_the_year_it_ends_in(start: int, day: str, periods: tuple[int, int, int], quarter_ends: str):
    row = days(fiscal_start=start)[date.fromisoformat(day)]
    assert (row["fiscal_year"], row["fiscal_quarter"], row["fiscal_month"]) == periods
    assert row["fiscal_quarter_last_day"] == date.fromisoformat(quarter_ends)


@pytest.mark.shows("S0-18")
@pytest.mark.parametrize("start", range(1, 13))
def test_fiscal_periods_follow_each_other_without_a_gap(start: int):
    """Whatever month they begin in, and whatever years are leap years."""
    calendar_days = days(fiscal_start=start)
    for period in ("year", "quarter", "month"):
        spans = sorted({(row[f"fiscal_{period}_first_day"], row[f"fiscal_{period}_last_day"]) for row in calendar_days.values()})
        assert all(later - end == timedelta(days=1) for (_, end), (later, _) in pairwise(spans))
        assert all(
            row[f"fiscal_{period}_first_day"] <= day <= row[f"fiscal_{period}_last_day"]
            and row["fiscal_year"] == row["fiscal_year_last_day"].year
            for day, row in calendar_days.items()
        )


@pytest.mark.parametrize(
    ("first_day", "fiscal_start", "first", "last"),
    [
        ("2026-01-01", 1, "2025-01-01", "2045-12-31"),
        ("2026-06-15", 1, "2026-01-01", "2046-12-31"),
        ("2026-06-15", 10, "2025-10-01", "2046-12-31"),
        ("2026-06-15", 4, "2026-01-01", "2047-03-31"),
    ],
)
def test_the_calendar_is_whole_years_around_twenty_years_of_data(first_day: str, fiscal_start: int, first: str, last: str):
    """Also the evening before the first day of UTC, which in America its first interactions fall on."""
    found = sorted(days("America/Chicago", fiscal_start, first_day))
    assert (found[0], found[-1]) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.shows("S0-18")
@pytest.mark.parametrize(
    ("zone", "day", "starts", "hours"),
    [
        ("Europe/London", "2026-03-29", "2026-03-29T00:00", 23),
        ("Europe/London", "2026-10-25", "2026-10-24T23:00", 25),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", 25),
        ("Asia/Kolkata", "2026-07-01", "2026-06-30T18:30", 24),
        ("Asia/Kathmandu", "2026-07-01", "2026-06-30T18:15", 24),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5),
        ("Pacific/Apia", "2026-07-01", "2026-06-30T11:00", 24),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", 23),
    ],
)
def test_a_day_begins_where_its_zone_says_and_is_as_long_as_it_is(zone: str, day: str, starts: str, hours: float):
    """Havana's midnight comes twice in autumn, Cairo's never in spring."""
    row = days(zone)[date.fromisoformat(day)]
    assert (row["starts_at_utc"], row["hours"]) == (moment(starts), hours)
    assert row["ends_at_utc"] - row["starts_at_utc"] == timedelta(hours=hours)


def test_a_day_the_zone_left_out_has_no_moment():
    """Samoa went to bed on Thursday, 29 December 2011 and rose on Saturday."""
    found = days("Pacific/Apia", first_day="2011-12-01")
    thursday, friday, saturday = (found[date(2011, 12, day)] for day in (29, 30, 31))
    assert (friday["starts_at_utc"], friday["ends_at_utc"], friday["hours"]) == (None, None, 0)
    assert thursday["ends_at_utc"] == saturday["starts_at_utc"] == moment("2011-12-30T10:00")


ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
)


@pytest.mark.shows("S0-18")
@given(st.sampled_from(ZONES), st.datetimes(moment("2026-01-01"), moment("2035-12-30")))
@fast(max_examples=200, deadline=None)
def test_every_moment_is_in_the_day_its_zone_says(zone: str, at: datetime):
    local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    row = days(zone)[local]
    assert row["starts_at_utc"] <= at < row["ends_at_utc"]


def test_the_calendar_is_built_like_any_table(tmp_path: Path):
    """Its columns are words of the lake's own folders, too; and it is the same whenever and however often it is built."""
    lake = SmallLake(tmp_path, told={"REPORTING_TIMEZONE": "Europe/London"})
    first, again = (lake.build(calendar.TABLE, calendar.BODY) for _ in range(2))
    assert first.content == again.content
    assert [row["day"] for row in lake.rows(calendar.TABLE)] == sorted(days("Europe/London"))
