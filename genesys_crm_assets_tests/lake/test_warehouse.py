"""The analyst's door: written once, replaced when contracts or settings change, never in a reader's way."""

import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest

from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.errors import ContractBroken, LocationRefused
from genesys_crm_assets.lake.warehouse import STORAGE_VERSION, Catalogue
from genesys_crm_assets_tests.lake.toys import ADD_UP, BEST, BEST_DAY, CATALOGUE, FIRST, ORDERS, SECOND, TAKINGS, ToyLake

HOLDING = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


@pytest.fixture
def filled(toys: ToyLake) -> ToyLake:
    """Two days of orders and takings, and the warehouse over them."""
    for day, cents in ((FIRST, 5), (SECOND, 9)):
        toys.orders(day, ("a", cents))
        toys.build(TAKINGS, ADD_UP, day)
    assert toys.warehouse.refresh()
    return toys


def _ask(toys: ToyLake, query: str) -> list[tuple[object, ...]]:
    with toys.warehouse.open() as reader:
        return reader.execute(query).fetchall()


@pytest.mark.shows("S0-11", "S0-13")
def test_every_table_is_a_view_under_its_own_name(filled: ToyLake):
    assert _ask(filled, "select order_id, cents, day_utc from staging.staging_orders order by day_utc") == [
        ("a", 5, FIRST),
        ("a", 9, SECOND),
    ]
    assert _ask(filled, "select day_utc, cents from marts.best_day") == [(SECOND, 9)]
    assert _ask(filled, "select count(*) from dimensions.dim_buyer") == [(0,)]
    schemas = {
        row[0] for row in _ask(filled, "select schema_name from duckdb_schemas() where database_name = 'warehouse' and not internal")
    }
    assert {"raw", "staging", "dimensions", "facts", "marts", "audit"} <= schemas


def test_the_day_comes_from_the_path_in_place_of_year_month_and_day(filled: ToyLake):
    described = {row[0]: row[1] for row in _ask(filled, "describe staging.staging_orders")}
    assert described["day_utc"] == "DATE"
    assert not {"year", "month", "day"} & set(described)


def test_a_zero_padded_january_is_a_date_and_not_a_text(filled: ToyLake):
    """Zero-padded Hive keys turn to text when month 01 arrives, unless their types are told (measured)."""
    assert _ask(filled, "select extract(month from max(day_utc)) from staging.staging_orders") == [(1,)]
    assert _ask(filled, "select count(*) from staging.staging_orders where day_utc >= date '2026-01-02'") == [(1,)]


def test_new_objects_are_seen_without_writing_the_file_again(filled: ToyLake):
    inode = filled.warehouse.path.stat().st_ino
    filled.orders(FIRST, ("a", 1), ("b", 2))
    assert not filled.warehouse.refresh()
    assert _ask(filled, "select count(*) from staging.staging_orders") == [(3,)]
    assert filled.warehouse.path.stat().st_ino == inode


def test_tables_and_columns_carry_their_descriptions(filled: ToyLake):
    views = dict(_ask(filled, "select view_name, comment from duckdb_views() where schema_name = 'staging'"))
    assert views["staging_orders"] == "One row per order of a day."
    columns = dict(_ask(filled, "select column_name, comment from duckdb_columns() where table_name = 'staging_orders'"))
    assert columns["buyer"] == "Who's paying."
    assert columns["loaded_at"] == "When this row's object was built, UTC."


def test_settings_stand_in_the_file_as_one_row(filled: ToyLake):
    assert _ask(filled, "select match_tolerance_minutes, reporting_timezone from audit.settings") == [(15, "UTC")]


def test_a_changed_setting_writes_the_file_anew(filled: ToyLake):
    changed = ToyLake(filled.root, told={"MATCH_TOLERANCE_MINUTES": "7"})
    assert changed.warehouse.refresh()
    assert _ask(changed, "select match_tolerance_minutes from audit.settings") == [(7,)]
    assert not changed.warehouse.refresh()


def test_a_changed_contract_or_view_writes_the_file_anew(filled: ToyLake):
    warehouse = filled.warehouse
    described = replace(ORDERS, description="One row per order, told better.")
    others = tuple((described if table is ORDERS else table, body) for table, body in CATALOGUE.entries)
    assert replace(warehouse, catalogue=Catalogue(others)).refresh()
    assert replace(
        warehouse, catalogue=Catalogue((*CATALOGUE.entries[:3], (BEST_DAY, replace(BEST, sql="select * from takings"))))
    ).refresh()
    assert _ask(filled, "select count(*) from marts.best_day") == [(2,)]


def test_a_reader_keeps_what_it_opened_while_the_file_is_replaced(filled: ToyLake):
    """§4: readers never block a writer, and a writer never pulls the floor from under a reader."""
    with filled.warehouse.open() as reader:
        assert ToyLake(filled.root, told={"MATCH_TOLERANCE_MINUTES": "7"}).warehouse.refresh()
        assert reader.execute("select match_tolerance_minutes from audit.settings").fetchall() == [(15,)]
        assert reader.execute("select count(*) from staging.staging_orders").fetchall() == [(2,)]


def test_a_shell_that_holds_the_file_open_for_writing_blocks_nobody(filled: ToyLake):
    """DuckDB's own shell opens for writing by default; its lock stays with the file it opened."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDING, str(filled.warehouse.path)], stdout=subprocess.PIPE)  # noqa: S603 - our own
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert filled.warehouse.refresh()
        assert _ask(filled, "select count(*) from staging.staging_orders") == [(2,)]
    finally:
        holder.kill()
        holder.wait()


def test_a_damaged_file_is_written_anew(filled: ToyLake):
    """It is a pure function of contracts and settings: nothing is lost with it."""
    filled.warehouse.path.write_bytes(b"no database" * 1000)
    assert filled.warehouse.refresh()
    assert _ask(filled, "select count(*) from staging.staging_orders") == [(2,)]


def test_somebody_elses_file_is_never_replaced(toys: ToyLake):
    """A mistyped WAREHOUSE_PATH must not cost an analyst their own tables."""
    toys.warehouse.path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(toys.warehouse.path)) as theirs:
        theirs.execute("create table mine as select 42 as answer")
    with pytest.raises(LocationRefused, match="name another file"):
        toys.warehouse.refresh()
    with duckdb.connect(str(toys.warehouse.path), read_only=True) as theirs:
        assert theirs.execute("select answer from mine").fetchall() == [(42,)]


def test_the_file_is_in_a_storage_version_that_older_drivers_read(filled: ToyLake):
    with duckdb.connect(":memory:") as engine:
        engine.execute(f"attach '{filled.warehouse.path}' as door (read_only)")
        tags = engine.execute("select tags from duckdb_databases() where database_name = 'door'").fetchall()
    assert STORAGE_VERSION == "v1.2.0"
    assert "v1.2.0" in str(tags)


def test_nothing_is_left_beside_the_file(filled: ToyLake):
    assert [path.name for path in filled.root.iterdir() if path.is_file()] == ["warehouse.duckdb"]


def test_papers_and_readings_can_be_asked_for(toys: ToyLake):
    reads = '[{"is_baseline": true, "received_at": "2026-01-02T09:00:00", "read_until": "2026-01-02T08:45:00"}]'
    toys.orders(FIRST, ("a", 1), papers={"reads": reads})
    asked = Body(reads=(Read(ORDERS, "all", readings=True),), sql="select day_utc, 1 as cents from staging.staging_orders_reads")
    warehouse = replace(toys.warehouse, catalogue=Catalogue(((ORDERS, Body(reads=())), (BEST_DAY, asked))))
    warehouse.refresh()
    with warehouse.open() as reader:
        found = reader.execute("select day_utc, is_baseline, cast(read_until as varchar) from staging.staging_orders_reads").fetchall()
        papers = reader.execute("select table_name, day_utc, value from audit.papers where paper = 'run_id'").fetchall()
    assert found == [(FIRST, True, "2026-01-02 08:45:00")]
    assert papers == [("staging_orders", FIRST, "a run")]


def test_views_come_after_those_they_read_and_never_in_a_circle():
    last, first = replace(BEST_DAY, name="last_view"), replace(BEST_DAY, name="a_view")
    reads_last = Body(reads=(Read(last),), sql="select 1")
    plain = Body(reads=(), sql="select 1")
    assert [table.name for table, _ in Catalogue(((first, reads_last), (last, plain))).views()] == ["last_view", "a_view"]
    with pytest.raises(ContractBroken, match="a_view, last_view read each other in a circle; break it"):
        Catalogue(((first, reads_last), (last, Body(reads=(Read(first),), sql="select 1")))).views()


def test_an_unknown_table_is_named():
    assert CATALOGUE.named("dim_buyer")[0].name == "dim_buyer"
    with pytest.raises(ContractBroken, match="there is no table dim_seller"):
        CATALOGUE.named("dim_seller")
