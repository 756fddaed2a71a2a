"""When a day is final: over, told whole by Genesys, and every CRM day up to it read past its end (§7)."""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from genesys_crm_assets.audit import finality
from genesys_crm_assets.raw import genesys_interactions
from genesys_crm_assets_tests import builders, running

FIRST, SECOND, THIRD = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
LATE = datetime(2026, 11, 9)  # noqa: DTZ001 - as DuckDB's timestamps are
TABLES = ("cases", "accounts", "contacts", "opportunities", "users", "field_history")
READ = pa.schema(
    [("day_utc", pa.date32()), ("is_baseline", pa.bool_()), ("read_at", pa.timestamp("us")), ("read_until", pa.timestamp("us"))]
)

Reading = tuple[date, bool, datetime]
BASELINE: Reading = (FIRST, True, LATE)


def _judged(
    *readings: Reading,
    until: datetime | None = LATE,
    received: datetime = LATE,
    words: dict[str, Any] | None = None,
    **others: list[Reading],
) -> dict[date, dict[str, Any]]:
    """Three landed days and the readings of every CRM table, some of them told apart; by day what is said of it."""
    with builders.engine(start_date=FIRST, **(words or {})) as engine:
        pages = [
            {**builders.page(feed="conversation_jobs"), "day_utc": day, "received_at": received, "data_available_until": until}
            for day in (FIRST, SECOND, THIRD)
        ]
        builders.hold(engine, genesys_interactions.TABLE, pages)
        for name in TABLES:
            told = others.get(name, list(readings))
            rows = [{"day_utc": day, "is_baseline": first, "read_at": LATE, "read_until": end} for day, first, end in told]
            engine.register("told", pa.Table.from_pylist(rows, schema=READ))
            engine.execute(f"create table raw.raw_salesforce_{name}_reads as select * from told")
            engine.unregister("told")
        return {row["day_utc"]: row for row in running.dicts(engine.execute(finality.STEP[1]))}


def _final(found: dict[date, dict[str, Any]]) -> list[date]:
    return sorted(day for day, row in found.items() if row["is_final"])


def _end(day: date) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 - as DuckDB's timestamps are


def test_a_baseline_read_after_a_days_end_settles_every_day_before_it():
    assert _final(_judged(BASELINE)) == [FIRST, SECOND, THIRD]
    assert _final(_judged((FIRST, True, _end(SECOND)))) == [FIRST, SECOND]


def test_a_day_under_way_is_not_over():
    found = _judged(BASELINE, received=_end(SECOND))
    assert [found[day]["is_over"] for day in (FIRST, SECOND, THIRD)] == [True, True, False]
    assert _final(found) == [FIRST, SECOND]


@pytest.mark.parametrize(("until", "final"), [(None, []), (_end(FIRST), [FIRST]), (_end(SECOND) - timedelta(milliseconds=1), [FIRST])])
def test_a_day_is_not_final_before_genesys_lake_has_passed_its_end(until: datetime | None, final: list[date]):
    assert _final(_judged(BASELINE, until=until)) == final


def test_every_crm_day_up_to_it_must_have_been_read():
    """A hole in between may hide a case that this day's conversations were about."""
    early: Reading = (FIRST, True, _end(FIRST))
    assert _final(_judged(early, (THIRD, False, _end(THIRD)))) == [FIRST]
    assert _final(_judged(early, (SECOND, False, _end(SECOND)), (THIRD, False, _end(THIRD)))) == [FIRST, SECOND, THIRD]


def test_every_crm_table_must_have_been_read():
    assert _final(_judged(BASELINE, users=[])) == []
    assert _final(_judged(BASELINE, contacts=[(FIRST, True, _end(FIRST))])) == [FIRST]


def test_a_source_the_org_does_not_have_is_not_waited_for():
    assert _final(_judged(BASELINE, users=[], words={"sources_absent": ["users"]})) == [FIRST, SECOND, THIRD]


def test_how_far_the_crm_was_read_is_the_least_of_its_tables():
    found = _judged(BASELINE, accounts=[(FIRST, True, _end(SECOND))])
    assert found[THIRD]["crm_read_until"] == _end(SECOND)
    assert _judged(BASELINE, accounts=[])[THIRD]["crm_read_until"] is None


def test_a_day_read_only_by_the_query_is_provisional():
    """Only the jobs say how far Genesys' lake is."""
    with builders.engine(start_date=FIRST) as engine:
        builders.hold(
            engine, genesys_interactions.TABLE, [{**builders.page(feed="conversation_query", until=None), "day_utc": FIRST, "received_at": LATE}]
        )  # fmt: skip
        for name in TABLES:
            engine.register(
                "told", pa.Table.from_pylist([{"day_utc": FIRST, "is_baseline": True, "read_at": LATE, "read_until": LATE}], schema=READ)
            )
            engine.execute(f"create table raw.raw_salesforce_{name}_reads as select * from told")
            engine.unregister("told")
        (found,) = running.dicts(engine.execute(finality.STEP[1]))
    assert (found["is_over"], found["is_final"]) == (True, False)
