"""What a body sees: its declared upstreams, under the warehouse's names, pruned to the days asked for."""

import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Day, Read
from genesys_crm_assets.lake.errors import PermanentLakeError, UpstreamMissing
from genesys_crm_assets.lake.session import ensure_contract
from genesys_crm_assets_tests.lake.toys import BUYERS, FIRST, ORDERS, SECOND, THIRD, WHO_BOUGHT, ToyLake

READING = {"is_baseline": True, "received_at": "2026-01-02T09:00:00", "read_until": "2026-01-02T08:45:00"}


@pytest.fixture
def three_days(toys: ToyLake) -> ToyLake:
    """An order a day."""
    for day in (FIRST, SECOND, THIRD):
        toys.orders(day, (f"of {day.day}", day.day), papers={"reads": json.dumps([READING])})
    return toys


def _seen(toys: ToyLake, read: Read, day: Day | None) -> list[int]:
    with toys.sight.session([read], day) as session:
        return [row[0] for row in session.execute("select extract(day from day_utc) from staging.staging_orders order by all").fetchall()]


@pytest.mark.parametrize(
    ("read", "seen"),
    [
        (Read(ORDERS), [2]),
        (Read(ORDERS, "onward"), [2, 3]),
        (Read(ORDERS, "around", before=1), [1, 2]),
        (Read(ORDERS, "around", after=5), [2, 3]),
        (Read(ORDERS, "around", baseline=True), [1, 2]),
        (Read(ORDERS, "all"), [1, 2, 3]),
    ],
)
def test_a_body_sees_the_days_it_asks_for(read: Read, seen: list[int], three_days: ToyLake):
    assert _seen(three_days, read, Day(SECOND)) == seen


def test_a_table_without_partitions_sees_every_day(three_days: ToyLake):
    assert _seen(three_days, Read(ORDERS), None) == [1, 2, 3]


def test_days_that_were_not_asked_for_are_not_opened(three_days: ToyLake):
    """A damaged object of another day stops nobody."""
    three_days.path(ORDERS, THIRD).write_bytes(b"no parquet")
    assert _seen(three_days, Read(ORDERS), Day(SECOND)) == [2]


def test_nothing_undeclared_is_seen(three_days: ToyLake):
    with three_days.sight.session([], Day(SECOND)) as session, pytest.raises(duckdb.CatalogException):
        session.execute("select * from staging.staging_orders")


def test_a_missing_upstream_says_what_to_materialise(toys: ToyLake):
    with pytest.raises(UpstreamMissing, match="staging_orders has no 2026-01-02; materialise staging_orders for that day first") as missing:
        _seen(toys, Read(ORDERS), Day(SECOND))
    assert isinstance(missing.value, PermanentLakeError)


def test_an_empty_table_is_a_table(toys: ToyLake):
    """§4: before anything was ever landed, every column is there with its type."""
    with toys.sight.session([Read(ORDERS, "all"), Read(BUYERS)], Day(FIRST)) as session:
        described = {row[0]: row[1] for row in session.execute("describe staging.staging_orders").fetchall()}
        assert session.execute("select count(*) from dimensions.dim_buyer").fetchall() == [(0,)]
    assert described["cents"] == "BIGINT"
    assert described["day_utc"] == "DATE"


def test_the_one_object_of_a_table_without_partitions_is_seen(three_days: ToyLake):
    three_days.build(BUYERS, WHO_BOUGHT, None)
    with three_days.sight.session([Read(BUYERS)], Day(SECOND)) as session:
        assert session.execute("select count(*) from dimensions.dim_buyer").fetchall() == [(3,)]


def test_months_are_numbers_whatever_their_zeros_say(three_days: ToyLake):
    """Without types for the Hive keys, a month `01` turns the column to text (measured)."""
    with three_days.sight.session([Read(ORDERS)], Day(SECOND)) as session:
        assert session.execute("select day_utc + interval 1 day from staging.staging_orders").fetchall()[0][0].day == 3


def test_an_object_of_an_older_contract_reads_as_null_where_it_lacks_a_column(three_days: ToyLake):
    path = three_days.path(ORDERS, SECOND)
    old = pq.read_table(path, partitioning=None).drop_columns(["cents"])
    pq.write_table(old, path)
    with three_days.sight.session([Read(ORDERS, "all")], None) as session:
        found = session.execute("select order_id, cents from staging.staging_orders order by order_id").fetchall()
    assert found == [("of 1", 1), ("of 2", None), ("of 3", 3)]


def test_a_quote_in_the_lakes_address_is_no_end_of_a_string(toys: ToyLake):
    quoted = ToyLake(toys.root / "o'brien's")
    quoted.orders(FIRST, ("a", 1))
    assert _seen(quoted, Read(ORDERS), Day(FIRST)) == [1]


def test_readings_are_seen_beside_their_table(three_days: ToyLake):
    with three_days.sight.session([Read(ORDERS, "all", readings=True)], None) as session:
        found = session.execute(
            "select day_utc, is_baseline, cast(read_until as varchar) from staging.staging_orders_reads order by all"
        ).fetchall()
    assert found[1] == (SECOND, True, "2026-01-02 08:45:00")
    assert len(found) == 3


def test_settings_are_always_there_as_one_row(toys: ToyLake):
    toys.told = {"MATCH_TOLERANCE_MINUTES": "7"}
    with toys.sight.session([], None) as session:
        assert session.execute("select match_tolerance_minutes from audit.settings").fetchall() == [(7,)]


@pytest.mark.shows("S0-17")
def test_a_session_knows_no_zone_but_utc(toys: ToyLake):
    with toys.sight.session([], None) as session:
        assert session.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_the_contract_file_is_written_once_and_again_when_the_contract_changes(toys: ToyLake):
    ensure_contract(toys.storage, ORDERS)
    path = toys.path(ORDERS, layout.CONTRACT_DAY)
    first = path.stat().st_ino
    ensure_contract(toys.storage, ORDERS)
    assert path.stat().st_ino == first
    pq.write_table(pa.table({"order_id": pa.array([], pa.string())}), path)
    ensure_contract(toys.storage, ORDERS)
    assert "cents" in pq.read_schema(path).names


def test_a_day_that_was_never_landed_is_not_made_of_later_ones(toys: ToyLake):
    """§4: a day is staged only once its own raw day has landed; until then its tellings wait."""
    toys.orders(SECOND, ("a", 5))
    with pytest.raises(UpstreamMissing, match=f"staging_orders has no {FIRST}"):
        _seen(toys, Read(ORDERS, "onward"), Day(FIRST))
