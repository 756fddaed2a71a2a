"""What a body sees: its declared upstreams, under the warehouse's names, pruned to the days asked for."""

import json
import re
from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body, Day, Read
from genesys_crm_assets.lake.errors import ContractBroken, PermanentLakeError, UpstreamMissing
from genesys_crm_assets.lake.session import Sight, ensure_contract
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.lake.warehouse import Catalogue
from genesys_crm_assets_tests.lake.toys import (
    ADD_UP,
    BEST_DAY,
    BUYERS,
    CATALOGUE,
    FIRST,
    ORDERS,
    SECOND,
    TAKINGS,
    THIRD,
    WHO_BOUGHT,
    ToyLake,
)

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
        (Read(ORDERS, "since"), [2, 3]),
        (Read(ORDERS, "around", before=1), [1, 2]),
        (Read(ORDERS, "around", after=5), [2, 3]),
        (Read(ORDERS, "around", baseline=True), [1, 2]),
        (Read(ORDERS, "all"), [1, 2, 3]),
    ],
)
def test_a_body_sees_the_days_it_asks_for(read: Read, seen: list[int], three_days: ToyLake):
    assert _seen(three_days, read, Day(SECOND)) == seen


def test_later_days_are_seen_where_they_hold_something_of_days_up_to_the_one_built(toys: ToyLake):
    """An object that says it holds nothing of them need not be opened; of two that hold the very same the one received last is enough (P9)."""

    def starts(**digests: str) -> dict[str, str]:
        told = {f"2026-01-0{name[1:]}": {"received_at": f"t{digest}", "digest": digest} for name, digest in digests.items()}
        return {"starts": json.dumps(told)}

    toys.orders(FIRST, ("of 1", 1), papers=starts(d1="1"))
    toys.orders(SECOND, ("of 2", 2), papers=starts(d1="2", d2="3"))
    toys.orders(THIRD, ("of 3", 3), papers=starts(d1="2", d3="4"))
    assert [_seen(toys, Read(ORDERS, "onward"), Day(day)) for day in (FIRST, SECOND, THIRD)] == [[1, 3], [2, 3], [3]]
    toys.orders(THIRD, ("of 3", 3), papers=starts(d3="4"))
    assert [_seen(toys, Read(ORDERS, "onward"), Day(day)) for day in (FIRST, SECOND, THIRD)] == [[1, 2], [2], [3]]


def test_since_a_day_that_is_not_there_is_since_the_next(three_days: ToyLake):
    """What only explains must not stop what is explained from being built; the baseline is seen whatever its day."""
    three_days.path(ORDERS, SECOND).unlink()
    assert _seen(three_days, Read(ORDERS, "since"), Day(SECOND)) == [3]
    assert _seen(three_days, Read(ORDERS, "since", baseline=True), Day(SECOND)) == [1, 3]


def test_readings_without_rows_open_no_object(three_days: ToyLake):
    """How far the CRM was read stands in papers; reading every day's rows for it would cost a day more with every day (P9)."""
    with three_days.sight.session([Read(ORDERS, "all", readings=True, rows=False)], Day(SECOND)) as session:
        assert session.execute("select count(*) from staging.staging_orders_reads").fetchall() == [(3,)]
        with pytest.raises(duckdb.CatalogException):
            session.execute("select * from staging.staging_orders")


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


def test_objects_of_one_shape_are_not_opened_before_they_are_asked(three_days: ToyLake):
    """Uniting columns by name opens every object of a table, however few of its days are then read (P9)."""
    assert "union_by_name = false" in _how(three_days, ORDERS)
    path = three_days.path(ORDERS, SECOND)
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["cents"]), path)
    assert "union_by_name = true" in _how(three_days, ORDERS)


def _how(toys: ToyLake, table: Table) -> str:
    with toys.sight.session([Read(table, "all")], None) as session:
        return str(session.execute("select sql from duckdb_views() where view_name = $name", {"name": table.name}).fetchall()[0][0])


def test_rows_are_guessed_from_an_object_and_not_from_the_contract(three_days: ToyLake):
    """The engine guesses from the first file; of one without rows it would join a year row by row, a hundred times slower."""
    with three_days.sight.session([Read(ORDERS, "all")], None) as engine:
        (guessed,) = re.findall(r"~([\d,]+) rows?", engine.execute(f"explain select * from {ORDERS.qualified}").fetchall()[0][1])[:1]
    assert int(guessed) > 0


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


SEEN = Table(
    name="seen_days",
    layer="audit",
    description="One row per day of orders.",
    key=("day_utc",),
    columns=(Column("day_utc", "date", "The day."), Column("papers", "bigint", "How many.")),
    daily=False,
    stored=False,
)
SEEN_BODY = Body(
    reads=(Read(ORDERS, "all", readings=True), Read(BEST_DAY)),
    sql="""select orders.day_utc, count(papers.paper) as papers from staging.staging_orders as orders
        join staging.staging_orders_reads as reads using (day_utc) left join marts.best_day as best using (day_utc)
        left join audit.papers as papers on papers.day_utc = orders.day_utc and papers.table_name = 'staging_orders' group by all""",
)


WITH_VIEWS = Catalogue((*CATALOGUE.entries, (SEEN, SEEN_BODY)))


@pytest.fixture
def with_views(three_days: ToyLake) -> Sight:
    """What bodies see where the warehouse has two views, one over the other."""
    for day in (FIRST, SECOND):
        three_days.build(TAKINGS, ADD_UP, day)
    return replace(three_days.sight, views=tuple(WITH_VIEWS.views()))


def test_a_table_without_partitions_sees_a_view_as_the_warehouse_shows_it(three_days: ToyLake, with_views: Sight):
    """With its steps, with papers and readings, and where it is read twice: by the body, and by another view."""
    with with_views.session([Read(SEEN), Read(BEST_DAY)], None) as session:
        assert session.execute("select day_utc, cents from marts.best_day").fetchall() == [(SECOND, 2)]
        found = session.execute("select * from audit.seen_days order by day_utc").fetchall()
    warehouse = replace(three_days.warehouse, catalogue=WITH_VIEWS)
    warehouse.refresh()
    with warehouse.open() as reader:
        assert reader.execute("select * from audit.seen_days order by day_utc").fetchall() == found
    assert [day for day, _ in found] == [FIRST, SECOND, THIRD]
    assert all(papers > 1 for _, papers in found)


def test_a_view_can_be_seen_over_the_newest_days_only(three_days: ToyLake, with_views: Sight):
    """A glance at a view costs the same in an old lake: nothing of earlier days is opened, not even for its papers."""
    three_days.path(ORDERS, FIRST).write_bytes(b"no parquet")
    with with_views.session([Read(SEEN), Read(BEST_DAY)], None, newest=2) as session:
        assert session.execute("select day_utc, cents from marts.best_day").fetchall() == [(SECOND, 2)]
        assert [row[0] for row in session.execute("select * from audit.seen_days order by day_utc").fetchall()] == [SECOND, THIRD]


def test_who_wants_nothing_of_papers_does_not_wait_for_them(with_views: Sight):
    """The papers of all objects take longer to look at with every day; a reader of other columns of the view says so."""
    with with_views.session([Read(SEEN, papers=False)], None) as session:
        assert session.execute("select * from audit.seen_days order by day_utc").fetchall() == [(FIRST, 0), (SECOND, 0), (THIRD, 0)]


def test_what_a_view_is_not_made_of_is_not_seen(with_views: Sight):
    with with_views.session([Read(BEST_DAY)], None) as session, pytest.raises(duckdb.CatalogException):
        session.execute("select * from audit.seen_days")
    with with_views.session([Read(BEST_DAY)], None) as session, pytest.raises(duckdb.CatalogException):
        session.execute("select * from staging.staging_orders")


def test_the_body_of_a_day_reads_no_view(with_views: Sight):
    """P9: a view shows every day there is, so a day would cost more the older the lake."""
    with pytest.raises(ContractBroken, match="best_day is a view"), with_views.session([Read(ORDERS), Read(BEST_DAY)], Day(FIRST)):
        pytest.fail("a session was opened")


def test_a_view_that_the_lake_does_not_know_is_refused(three_days: ToyLake):
    with pytest.raises(ContractBroken, match="best_day is a view"), three_days.sight.session([Read(BEST_DAY)], None):
        pytest.fail("a session was opened")
