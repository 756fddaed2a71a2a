"""Interactions by local day and channel: each in exactly one bucket, whatever its zone does to the clocks."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.dimensions import date as calendar
from genesys_crm_assets.facts import anonymous_interactions
from genesys_crm_assets.lake.table import arrow_schema
from genesys_crm_assets.marts import interaction_volume
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import NOON, World, lay

Row = dict[str, Any]
MINUTE = timedelta(minutes=1)

TURNS = {
    "UTC": "2026-07-01T00:00",
    "Europe/London": "2026-03-29T01:00 2026-10-25T01:00",
    "America/New_York": "2026-03-08T07:00 2026-11-01T06:00",
    "America/Havana": "2026-03-08T05:00 2026-11-01T05:00",
    "Africa/Cairo": "2026-04-23T22:00 2026-10-29T21:00",
    "Asia/Kolkata": "2026-06-30T18:30",
    "Asia/Kathmandu": "2026-06-30T18:15",
    "Australia/Lord_Howe": "2026-04-04T15:00 2026-10-03T15:30",
    "Pacific/Apia": "2011-12-30T10:00 2026-06-30T11:00",
}
"""Zone → moments of UTC at which its clocks change or its day begins."""


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of an empty world; `tell` says which interactions there are."""
    with World(told={"FISCAL_YEAR_START_MONTH": "4"}).marts() as found:
        found.execute("drop view dimensions.dim_date")
        lay(found, calendar.TABLE, [])
        found.execute(f"create view marts.interaction_volume as {interaction_volume.BODY.sql}")
        yield found


def tell(engine: duckdb.DuckDBPyConnection, zone: str, *told: Row) -> list[Row]:
    """The volume of some interactions of nobody, on the clock of a zone."""
    plain = {"interaction_key": "", "is_provisional": False, "data_source": "", "record_sha256": "", "loaded_at": NOON, "run_id": "a run"}
    rows = [{**plain, "interaction_id": str(number), **row} for number, row in enumerate(told)]
    engine.execute("update audit.settings set reporting_timezone = $zone", {"zone": zone})
    engine.execute("delete from facts.fact_anonymous_interactions")
    engine.register("told", pa.Table.from_pylist(rows, schema=arrow_schema(anonymous_interactions.TABLE)))
    day = "cast(interaction_timestamp_utc as date) as day_utc"
    engine.execute(f"insert into facts.fact_anonymous_interactions by name select *, {day} from told")
    engine.unregister("told")
    return running.dicts(engine.execute("select * from marts.interaction_volume order by created_date, channel"))


def at(text: str, **values: Any) -> Row:
    return {"interaction_timestamp_utc": datetime.fromisoformat(text), **values}


@pytest.mark.shows("S4-25")
def test_a_day_and_a_channel_make_a_row_of_sums(engine: duckdb.DuckDBPyConnection):
    voice = {"media_type": "voice", "abandoned": False}
    found = tell(
        engine,
        "UTC",
        at("2026-03-10T09:00", **voice, handle_time_ms=90_500, talk_time_ms=60_250, queue_time_ms=5_000, wrap_up_time_ms=30_000),
        at("2026-03-10T23:59:59.999", media_type="voice", abandoned=True, handle_time_ms=0, talk_time_ms=0, queue_time_ms=2_001),
        at("2026-03-10T10:00", media_type="email", abandoned=None),
        at("2026-03-11T00:00"),
    )
    nothing = {"handle_time_sec": 0.0, "talk_time_sec": 0.0, "wait_time_sec": 0.0, "wrap_up_time_sec": 0.0}
    fiscal = {"fiscal_year": None, "fiscal_quarter": None, "fiscal_month": None}
    spent = {"handle_time_sec": 90.5, "talk_time_sec": 60.25, "wait_time_sec": 7.001, "wrap_up_time_sec": 30.0}
    assert found == [
        {"created_date": date(2026, 3, 10), **fiscal, "channel": "EMAIL", "interactions": 1, "abandoned": 0, **nothing},
        {"created_date": date(2026, 3, 10), **fiscal, "channel": "VOICE", "interactions": 2, "abandoned": 1, **spent},
        {"created_date": date(2026, 3, 11), **fiscal, "channel": None, "interactions": 1, "abandoned": 0, **nothing},
    ]


@pytest.mark.shows("S0-18")
def test_a_day_of_the_zone_has_its_fiscal_periods(engine: duckdb.DuckDBPyConnection):
    """23:30 UTC on 31 March is April in London's summer, and with it the first day of the next fiscal year."""
    engine.execute(f"create or replace table dimensions.dim_date as select {calendar.TABLE.casts()} from ({calendar.BODY.sql})")
    found = tell(engine, "Europe/London", at("2026-03-31T22:59"), at("2026-03-31T23:00"))
    days = [(str(row["created_date"]), row["fiscal_year"], row["fiscal_quarter"], row["fiscal_month"]) for row in found]
    assert days == [("2026-03-31", 2026, 4, 12), ("2026-04-01", 2027, 1, 1)]


@pytest.mark.shows("S0-18", "S4-26")
def test_the_hour_that_comes_twice_counts_twice_and_the_hour_that_never_comes_moves_nothing(engine: duckdb.DuckDBPyConnection):
    """S4's symptom is a quarter more interactions on the days the clocks change; 23 and 25 hours of one a minute are 1,380 and 1,500."""
    for day, minutes in (("2026-03-08", 1380), ("2026-11-01", 1500), ("2026-11-02", 1440)):
        begun = datetime.fromisoformat(day) - timedelta(hours=12)
        found = tell(engine, "America/New_York", *({"interaction_timestamp_utc": begun + MINUTE * number} for number in range(3 * 1440)))
        assert {str(row["created_date"]): row["interactions"] for row in found}[day] == minutes
        assert sum(row["interactions"] for row in found) == 3 * 1440


moments = st.integers(-36 * 60, 36 * 60).map(lambda number: number * MINUTE)


@pytest.mark.shows("S0-18", "S4-25")
@given(data=st.data(), zone=st.sampled_from(sorted(TURNS)))
@settings(max_examples=40, deadline=None)
def test_each_interaction_is_in_one_bucket_and_totals_are_those_of_utc(engine: duckdb.DuckDBPyConnection, data: Any, zone: str):
    turn = datetime.fromisoformat(data.draw(st.sampled_from(TURNS[zone].split())))
    starts = [turn + one for one in data.draw(st.lists(moments, max_size=25))]
    told = [
        {"interaction_timestamp_utc": start, "media_type": ("voice", "chat", None)[place % 3], "talk_time_ms": 1000 * place}
        for place, start in enumerate(starts)
    ]
    found = tell(engine, zone, *told)
    expected = Counter(
        (row["interaction_timestamp_utc"].replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date(), str(row["media_type"]).upper())
        for row in told
    )
    assert Counter({(row["created_date"], str(row["channel"]).upper()): row["interactions"] for row in found}) == expected
    utc = tell(engine, "UTC", *told)
    for total in ("interactions", "talk_time_sec", "abandoned"):
        assert sum(row[total] for row in found) == sum(row[total] for row in utc)


def test_the_view_has_its_contracts_columns_and_types(engine: duckdb.DuckDBPyConnection):
    found = running.dicts(engine.execute("describe marts.interaction_volume"))
    wanted = {column.name: column.type for column in interaction_volume.TABLE.columns}
    assert {row["column_name"]: row["column_type"].lower() for row in found} == wanted
