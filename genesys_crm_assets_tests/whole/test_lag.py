"""Late tellings: exactly the staged days that a landing touched are built again, and a landing that brought nothing new touches none (§4)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from genesys_crm_assets.lake import parquet
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets.staging import genesys_metrics
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import THREAD, House

DAYS = [house.FIRST + timedelta(days=number) for number in range(5)]
PLAN = Plan(seed=3, start=house.FIRST, days=2, per_day=150, job_seconds=0.0)


def built_by(lake: House, table: str, run_id: str) -> set[date]:
    """The days of a table whose object the run wrote, by the object's own papers."""
    storage = lake.lake().storage
    keys = {day: storage.url(house.key(table, day, "staging")) for day in DAYS}
    return {day for day, path in keys.items() if storage.exists(path) and parquet.papers(path).get("run_id") == run_id}


def touched(before: dict[str, set[tuple[str, str, str]]], after: dict[str, set[tuple[str, str, str]]]) -> set[date]:
    return {date.fromisoformat(day) for day in {*before, *after} if before.get(day) != after.get(day)}


@pytest.mark.shows("S0-14", "S0-33", "S1-25")
def test_exactly_the_days_that_a_landing_touched_are_built_again(tmp_path: Path):
    """The sandbox's clock moves on: conversations over midnight end, and the landing of a later day tells of days before it.

    Landing a day again without news touches nothing, though its pages are now the last received.
    """
    with running(PLAN) as vendors:
        lake = house.of(tmp_path, vendors)
        assert lake.run(DAYS[:2], THREAD).success

        vendors.advance(vendors.now + timedelta(days=1))
        lake = lake.at(vendors.now)
        third = lake.run([DAYS[2]], THREAD)
        expected = touched({}, house.told_by(lake, DAYS[2])) & set(DAYS[:3])
        assert len(expected) > 1
        assert built_by(lake, "staging_genesys_metrics", third.run_id) == expected

        again = lake.run([DAYS[2]], THREAD)
        assert built_by(lake, "staging_genesys_metrics", again.run_id) == {DAYS[2]}

        vendors.advance(vendors.now + timedelta(days=1))
        lake = lake.at(vendors.now)
        before = house.told_by(lake, DAYS[1])
        second = lake.run([DAYS[1]], THREAD)
        expected = touched(before, house.told_by(lake, DAYS[1])) & set(DAYS[:3]) | {DAYS[1]}
        assert built_by(lake, "staging_genesys_metrics", second.run_id) == expected

        lake.at(vendors.now + timedelta(minutes=1)).run([DAYS[2]], THREAD)
        later = lake.at(vendors.now + timedelta(minutes=2)).run([DAYS[1]], THREAD)
        assert built_by(lake, "staging_genesys_metrics", later.run_id) == {DAYS[1]}
        assert not lake.lake().lagging(genesys_metrics.TABLE, genesys_metrics.BODY)
