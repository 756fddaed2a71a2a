"""Building one object: aside, proved, and only then in the old one's place."""

import json
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Day, Proof, Read
from genesys_crm_assets.lake.build import _bound
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets_tests.lake.toys import ADD_UP, BUYERS, FIRST, NOW, ORDERS, SECOND, TAKINGS, WHO_BOUGHT, ToyLake

LATER = datetime(2027, 5, 5)  # noqa: DTZ001 - as DuckDB's timestamps are


def test_an_object_holds_the_contracts_columns_and_says_who_built_it(toys: ToyLake):
    toys.orders(FIRST, ("b", 2), ("a", 1), run_id="first run")
    assert [list(row) for row in toys.read(ORDERS, FIRST)] == [["order_id", "cents", "buyer", "seen_at", "loaded_at", "run_id"]] * 2
    assert {(row["loaded_at"], row["run_id"]) for row in toys.read(ORDERS, FIRST)} == {(NOW, "first run")}


def test_rows_are_stored_by_key_unless_the_body_says_otherwise(toys: ToyLake):
    toys.orders(FIRST, ("b", 1), ("a", 2), ("c", 0))
    assert [row["order_id"] for row in toys.read(ORDERS, FIRST)] == ["a", "b", "c"]
    body = Body(reads=(Read(ORDERS),), sql="select order_id, cents, buyer, seen_at from staging.staging_orders", order=("cents",))
    toys.build(replace(ORDERS, name="staging_sorted"), body, FIRST)
    assert [row["cents"] for row in toys.read(replace(ORDERS, name="staging_sorted"), FIRST)] == [0, 1, 2]


def test_what_is_kept_comes_first_as_it_lay_and_says_who_wrote_it_again(toys: ToyLake):
    """A table that only gains copies itself; whether rows were kept or made is not to be seen in the object, nor in its digest (P3)."""
    everything = "select * from (values ('b', 1), ('c', 2), ('a', 3)) as told(buyer, orders)"
    first = toys.build(BUYERS, Body(reads=(), sql=f"{everything} where buyer <> 'a'"), None)
    gains = Body(
        reads=(Read(BUYERS),), sql=f"{everything} where buyer = 'a'", keeps=f"select buyer, orders from {BUYERS.qualified}", together=2
    )
    builder = replace(toys.builder("o'second"), now=LATER)
    second = builder.aside(BUYERS, gains, None)
    assert (
        first.content
        != second.content
        == toys.builder().aside(replace(BUYERS, name="dim_other"), Body(reads=(), sql=everything), None).content
    )
    builder.publish(second)
    assert [tuple(row.values()) for row in toys.read(BUYERS, None)] == [
        ("b", 1, LATER, "o'second"), ("c", 2, LATER, "o'second"), ("a", 3, LATER, "o'second"),
    ]  # fmt: skip
    assert pq.read_metadata(toys.path(BUYERS, None)).num_row_groups == 2
    assert not builder.aside(BUYERS, gains, None).holds, "a key that is kept is not made again"


def test_figures_of_the_object_are_those_of_the_file(toys: ToyLake):
    made = toys.orders_aside(FIRST, ("a", 1), ("b", 2))
    assert made.rows == 2
    assert made.size == made.path.stat().st_size
    assert made.holds


@pytest.mark.shows("S0-15", "S1-25")
def test_building_twice_says_the_same(toys: ToyLake):
    first, second = toys.orders(FIRST, ("a", 1)), toys.orders(FIRST, ("a", 1))
    assert first.content == second.content
    assert len(toys.read(ORDERS, FIRST)) == 1


@pytest.mark.shows("S0-46")
@pytest.mark.parametrize(
    ("sql", "differs"),
    [
        ("select 'EUR' as currency", "cents"),
        ("select 'EUR' as currency, 1 as cents, 2 as surplus", "surplus"),
        ("select 'EUR' as currency, 1 as sents", "cents, sents"),
    ],
)
def test_a_body_that_breaks_its_contract_is_named_and_nothing_is_replaced(sql: str, differs: str, toys: ToyLake):
    """P2: green means complete; the good object stays."""
    toys.orders(FIRST, ("a", 1))
    toys.build(TAKINGS, ADD_UP, FIRST)
    with pytest.raises(ContractBroken, match=f"fact_takings: body and contract differ in {differs}; make them agree"):
        toys.builder().aside(TAKINGS, Body(reads=(), sql=sql), FIRST)
    assert [row["cents"] for row in toys.read(TAKINGS, FIRST)] == [1]


def test_a_value_that_is_not_of_the_contracts_type_stops_the_build(toys: ToyLake):
    with pytest.raises(Exception, match="Could not convert"):
        toys.builder().aside(TAKINGS, Body(reads=(), sql="select 'EUR' as currency, 'many' as cents"), FIRST)


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("select 'EUR' as currency, null as cents", "columns_are_as_contracted"),
        ("select 'EUR' as currency, unnest([1, 2]) as cents", "keys_are_unique"),
        ("select 'EUR' as currency, -1 as cents", "takings_are_not_negative"),
    ],
)
@pytest.mark.shows("S0-15")
def test_a_proof_that_fails_is_a_verdict_and_publishes_nothing(sql: str, broken: str, toys: ToyLake):
    toys.orders(FIRST, ("a", 7))
    toys.build(TAKINGS, ADD_UP, FIRST)
    made = toys.builder().aside(TAKINGS, replace(ADD_UP, sql=sql), FIRST)
    assert not made.holds
    assert [verdict.proof for verdict in made.verdicts if not verdict.holds] == [broken]
    assert [row["cents"] for row in toys.read(TAKINGS, FIRST)] == [7]


def test_verdicts_come_with_figures(toys: ToyLake):
    toys.orders(FIRST, ("a", 7))
    found = {verdict.proof: dict(verdict.figures) for verdict in toys.builder().aside(TAKINGS, ADD_UP, FIRST).verdicts}
    assert found == {
        "columns_are_as_contracted": {"nulls_in_required_columns": 0, "rows": 1, "columns_differing": "none"},
        "keys_are_unique": {"repeated_keys": 0},
        "takings_are_not_negative": {"least": 7},
    }


def test_a_null_key_counts_as_a_key_where_the_contract_allows_it(toys: ToyLake):
    """`fact_queue_activity` has rows without queue; two of them must still not be alike."""
    body = Body(reads=(), sql="select currency, 1 as cents from (values (null), (null)) as v (currency)")
    loose = replace(TAKINGS, name="fact_loose", columns=(Column("currency", "varchar", "C."), Column("cents", "bigint", "C.")))
    made = toys.builder().aside(loose, body, FIRST)
    assert [verdict.proof for verdict in made.verdicts if not verdict.holds] == ["keys_are_unique"]


ROWS = st.lists(st.tuples(st.text(max_size=5), st.one_of(st.none(), st.integers(-5, 5))), max_size=6, unique_by=lambda row: row[0])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
@given(rows=ROWS, data=st.data())
def test_the_content_digest_knows_neither_the_order_of_rows_nor_who_built_them(
    rows: list[tuple[str, int | None]], data: st.DataObject, toys: ToyLake
):
    """P3: same tellings, same tables, by whichever run and in whichever order."""
    shuffled = data.draw(st.permutations(rows))
    first = toys.orders_aside(FIRST, *rows, run_id="one", now=NOW).content
    assert toys.orders_aside(FIRST, *shuffled, run_id="other", now=LATER).content == first


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
@given(rows=ROWS, others=ROWS)
def test_the_content_digest_knows_every_difference(rows: list[tuple[str, int | None]], others: list[tuple[str, int | None]], toys: ToyLake):
    same = sorted(rows, key=str) == sorted(others, key=str)
    assert (toys.orders_aside(FIRST, *rows).content == toys.orders_aside(FIRST, *others).content) == same


def test_null_and_the_word_null_and_parts_and_wholes_are_told_apart(toys: ToyLake):
    """A digest over text must not let a value pass for another."""
    two = Table(
        name="staging_pairs", layer="staging", description="", key=("a",), columns=(Column("a", "varchar", "A."), Column("b", "varchar", "B."))
    )  # fmt: skip
    pairs = [("null", "'x'"), ("'NULL'", "'x'"), ("'a, b'", "'c'"), ("'a'", "'b, c'"), ("''", "'x'"), ("'(a'", "'b)'"), ("'a'", "null")]
    found = {toys.builder().aside(two, Body(reads=(), sql=f"select {a} as a, {b} as b"), FIRST).content for a, b in pairs}
    assert len(found) == len(pairs)


def test_papers_say_what_an_object_was_built_from(toys: ToyLake):
    told = toys.orders(FIRST, ("a", 1), papers={"note": "by hand"})
    toys.build(TAKINGS, replace(ADD_UP, marks=(("greatest", "select max(cents) from result"),), carries=("note",)), FIRST)
    papers = parquet.papers(toys.path(TAKINGS, FIRST))
    assert json.loads(papers.get("built_from")) == {"staging_orders": told.content}
    assert (papers.get("greatest"), papers.get("note"), papers.get("run_id"), papers.get("contract_version")) == (
        "1",
        "by hand",
        "a run",
        "1",
    )


def test_a_table_without_partitions_has_one_object(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    toys.orders(SECOND, ("a", 1), ("b", 1))
    toys.build(BUYERS, WHO_BOUGHT, None)
    assert [(row["buyer"], row["orders"]) for row in toys.read(BUYERS, None)] == [("buyer of a", 2), ("buyer of b", 1)]
    assert toys.storage.exists(layout.object_key(BUYERS, None))


def test_steps_run_in_order_and_python_sees_them(toys: ToyLake):
    toys.orders(FIRST, ("a", 3))

    def doubled(session: "object", day: Day) -> pa.Table:
        assert day.day == FIRST
        return session.sql("select 'EUR' as currency, cents * 2 as cents from twice").to_arrow_table()  # type: ignore[attr-defined]  # a DuckDB

    steps = (("once", "select cents from staging.staging_orders"), ("twice", "select cents * 2 as cents from once"))
    toys.build(
        TAKINGS,
        Body(reads=(Read(ORDERS),), steps=steps, python=doubled, proofs=(Proof("p", "select count(*) = 1 as holds from twice", ""),)),
        FIRST,
    )
    assert [row["cents"] for row in toys.read(TAKINGS, FIRST)] == [12]


def test_only_the_parameters_that_are_named_are_bound():
    """DuckDB refuses a parameter that a statement does not have."""
    assert set(_bound("select $day", Day(FIRST))) == {"day"}
    assert set(_bound("select $day_start, $day_end", Day(FIRST))) == {"day_start", "day_end"}
    assert set(_bound("select $day_starts, $days", Day(FIRST))) == set()
    assert set(_bound("$day", None)) == set()
    assert (Day(FIRST).start.isoformat(), Day(FIRST).end.isoformat()) == ("2026-01-01T00:00:00", "2026-01-02T00:00:00")
