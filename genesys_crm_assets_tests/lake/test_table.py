"""Contracts, and what derives from them."""

import duckdb
import pyarrow as pa
import pytest

from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.lake.table import Column, Table, arrow_schema, body_schema
from genesys_crm_assets_tests.lake.toys import BEST_DAY, ORDERS


def _table(**changes: object) -> Table:
    plain = {"name": "staging_toys", "layer": "staging", "description": "", "key": ("a",), "columns": (Column("a", "varchar", "A."),)}
    return Table(**{**plain, **changes})  # type: ignore[arg-type]  # the point is to spoil one


@pytest.mark.parametrize(
    "changes",
    [
        {"layer": "attic"},
        {"key": ("b",)},
        {"columns": (Column("a", "varchar", "A."), Column("a", "bigint", "A again."))},
    ],
)
def test_a_contract_that_contradicts_itself_cannot_be_written(changes: dict[str, object]):
    with pytest.raises(ContractBroken, match="staging_toys contradicts itself; mend"):
        _table(**changes)


def test_the_key_of_a_view_may_name_the_day_that_the_path_tells():
    assert _table(key=("day_utc", "a")).key == ("day_utc", "a")


@pytest.mark.shows("S0-33")
def test_every_stored_table_outside_raw_says_when_and_by_which_run_a_row_was_built():
    assert [column.name for column in ORDERS.all_columns][-2:] == ["loaded_at", "run_id"]
    assert [column.name for column in _table(layer="raw").all_columns] == ["a"]
    assert [column.name for column in BEST_DAY.all_columns] == ["day_utc", "cents"]


def test_what_is_compared_leaves_provenance_out():
    """P3: two runs tell the same although they ran at different times."""
    assert [column.name for column in ORDERS.content_columns] == ["order_id", "cents", "buyer"]


def test_the_arrow_schema_is_what_duckdb_makes_of_the_types():
    types = ("varchar", "bigint", "double", "boolean", "date", "timestamp", "blob", "varchar[]", "struct(a varchar, b bigint)[]")
    table = _table(columns=tuple(Column(f"c{place}", kind, "C.") for place, kind in enumerate(types)), key=("c0",), layer="raw")
    schema = arrow_schema(table)
    with duckdb.connect(":memory:") as engine:
        engine.register("empty", schema.empty_table())
        found = [row[1].lower() for row in engine.execute("describe empty").fetchall()]
    assert found == list(types)
    assert body_schema(ORDERS).names == ["order_id", "cents", "buyer", "seen_at"]


def test_casts_give_a_result_the_types_and_the_order_of_the_contract():
    with duckdb.connect(":memory:") as engine:
        found = engine.sql(
            f"select {ORDERS.casts()} from (select null as seen_at, 'x' as buyer, '7' as cents, 1 as order_id)"
        ).to_arrow_table()
    assert found.schema == body_schema(ORDERS)
    assert found.to_pylist() == [{"order_id": "1", "cents": 7, "buyer": "x", "seen_at": None}]


def test_a_column_that_is_not_there_is_named():
    assert ORDERS.column("run_id").provenance
    with pytest.raises(ContractBroken, match="staging_orders has no column colour"):
        ORDERS.column("colour")
    assert isinstance(arrow_schema(ORDERS), pa.Schema)
