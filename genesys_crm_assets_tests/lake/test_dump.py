"""The canonical dump: what tables say, and nothing of when or by which run."""

from datetime import datetime

import pytest

from genesys_crm_assets.lake import dump
from genesys_crm_assets_tests.lake.toys import CATALOGUE, FIRST, ORDERS, SECOND, ToyLake

LATER = datetime(2027, 5, 5)  # noqa: DTZ001 - as DuckDB's timestamps are


def _digests(toys: ToyLake) -> dict[str, str]:
    toys.warehouse.refresh()
    with toys.warehouse.open() as reader:
        return dump.digests(reader, CATALOGUE.stored())


@pytest.mark.shows("S0-15")
def test_the_same_tellings_by_other_runs_in_another_order_dump_alike(toys: ToyLake):
    toys.orders(FIRST, ("a", 1), ("b", None), run_id="one")
    toys.orders(SECOND, ("c", 3))
    other = ToyLake(toys.root / "other")
    other.builder().publish(other.orders_aside(SECOND, ("c", 3), run_id="two", now=LATER))
    other.builder().publish(other.orders_aside(FIRST, ("b", None), ("a", 1), run_id="three", now=LATER))
    assert _digests(toys) == _digests(other)


def test_the_day_an_object_lies_in_is_part_of_what_it_says(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    other = ToyLake(toys.root / "other")
    other.orders(SECOND, ("a", 1))
    assert _digests(toys)["staging_orders"] != _digests(other)["staging_orders"]


def test_lines_leave_provenance_out(toys: ToyLake):
    toys.orders(FIRST, ("b", 2), ("a", 1))
    toys.warehouse.refresh()
    with toys.warehouse.open() as reader:
        found = dump.lines(reader, ORDERS)
    assert found == [
        '{"order_id":"a","cents":1,"buyer":"buyer of a","day_utc":"2026-01-01"}',
        '{"order_id":"b","cents":2,"buyer":"buyer of b","day_utc":"2026-01-01"}',
    ]


def test_views_and_raw_are_not_compared(toys: ToyLake):
    """Views follow from tables, and raw holds when things were received."""
    assert set(_digests(toys)) == {"staging_orders", "fact_takings", "dim_buyer"}
