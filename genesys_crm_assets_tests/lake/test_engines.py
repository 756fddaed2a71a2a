"""Sessions share one DuckDB and nothing that is in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
import pytest

from genesys_crm_assets.lake.engines import Engines, spare


class Opened:
    """Opens engines, and remembers them."""

    def __init__(self) -> None:
        self.engines: list[duckdb.DuckDBPyConnection] = []

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        self.engines.append(duckdb.connect(":memory:"))
        with self.engines[-1] as engine:
            yield engine


def test_what_one_session_makes_no_other_sees():
    """Tables, temporary tables and registered rows: a body must find nothing but what it declared."""
    engines = Engines(Opened().connect)
    with engines.empty() as one, engines.empty() as other:
        one.execute("create schema facts")
        one.execute("create table facts.seen as select 1 as place")
        one.execute("create temp table found as select 1 as place")
        one.register("returned", pa.table({"place": [1]}))
        for name in ("facts.seen", "found", "returned"):
            assert one.execute(f"select place from {name}").fetchall() == [(1,)]
            with pytest.raises(duckdb.CatalogException):
                other.execute(f"select place from {name}")
        other.execute("create schema facts")
        other.execute("create table facts.seen as select 2 as place")
        assert one.execute("select place from facts.seen").fetchall() == [(1,)]


def test_a_session_leaves_nothing_behind():
    opened = Opened()
    engines = Engines(opened.connect)
    for _ in range(3):
        with engines.empty() as engine:
            engine.execute("create table seen as select 1 as place")
    (shared,) = opened.engines
    assert [row[0] for row in shared.execute("select database_name from duckdb_databases() where not internal").fetchall()] == ["memory"]


def test_a_session_that_spares_memory_does_so_alone():
    """Giving memory back takes time, which a year of days would pay for day after day."""
    threshold = "select current_setting('allocator_bulk_deallocation_flush_threshold')"
    engines = Engines(Opened().connect)
    with engines.empty() as before:
        usual = before.execute(threshold).fetchall()
    with engines.empty() as engine:
        spare(engine)
        assert engine.execute(threshold).fetchall() != usual
    with engines.empty() as after:
        assert after.execute(threshold).fetchall() == usual


def test_a_refused_statement_ends_only_its_session():
    """Whoever comes next has the same DuckDB: most refusals are about a statement."""
    opened = Opened()
    engines = Engines(opened.connect)
    with pytest.raises(duckdb.CatalogException), engines.empty() as engine:
        engine.execute("select * from nowhere")
    with engines.empty() as engine:
        assert engine.execute("select 1").fetchall() == [(1,)]
    assert len(opened.engines) == 1


def test_an_engine_that_answers_no_more_is_replaced():
    opened = Opened()
    engines = Engines(opened.connect)
    with engines.empty() as engine:
        engine.close()
    with engines.empty() as engine:
        assert engine.execute("select 1").fetchall() == [(1,)]
    assert len(opened.engines) == 2


def test_after_some_sessions_another_engine_takes_over():
    """A DuckDB gives memory back to the system when it is closed."""
    opened = Opened()
    engines = Engines(opened.connect, sessions=2)
    for _ in range(5):
        with engines.empty() as engine:
            assert engine.execute("select 1").fetchall() == [(1,)]
    assert len(opened.engines) == 3


def test_no_engine_is_closed_under_an_open_session():
    opened = Opened()
    engines = Engines(opened.connect, sessions=1)
    with engines.empty() as first:
        first.execute("create table seen as select 1 as place")
        for _ in range(3):
            with engines.empty() as other:
                assert other.execute("select 2").fetchall() == [(2,)]
        assert first.execute("select place from seen").fetchall() == [(1,)]
    with engines.empty():
        assert len(opened.engines) == 2
