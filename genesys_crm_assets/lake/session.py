"""A DuckDB session that sees its declared upstreams only, under the warehouse's own names, pruned to the days asked for (§4).

Not here: what is done with what is seen (`build`).
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Day, Read
from genesys_crm_assets.lake.errors import ContractBroken, EngineRefused, UpstreamMissing
from genesys_crm_assets.lake.lag import holding, onward
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import LAYERS, Table, arrow_schema, stated

Connect = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]

_READINGS = pa.schema(
    [("day_utc", pa.date32()), ("is_baseline", pa.bool_()), ("read_at", pa.timestamp("us")), ("read_until", pa.timestamp("us"))],
)
_HIVE = "hive_partitioning = true, hive_types = {'year': integer, 'month': integer, 'day': integer}"

_NO_PAPERS = "select '' as table_name, date '2026-01-01' as day_utc, '' as paper, '' as value where false"

_ABOUT_STATEMENTS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
)
"""Refusals that quote names of columns and files, not rows."""

_VALUES = re.compile(r"""'[^']*'|"[^"]*"|\d{5,}""")


class _Shown(NamedTuple):
    table: Table
    body: Body
    is_read_often: bool


@dataclass(frozen=True)
class Sight:
    """What sessions are opened over.

    Attributes:
        storage: the lake.
        connect: opens an empty DuckDB.
        settings: one row, seen as `audit.settings`.
        first_day: the first day of the calendar, whose partition of a CRM table is its baseline.
        views: of the warehouse, with their bodies, each after those it reads.
    """

    storage: Folder
    connect: Connect
    settings: pa.Table
    first_day: date
    views: tuple[tuple[Table, Body], ...] = ()

    @contextmanager
    def session(self, reads: Iterable[Read], day: Day | None, *, newest: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
        """An engine with a view for each read, and for all that the warehouse's views among them are made of.

        With `newest` only that many days are seen, up to the newest there is, and of readings of the vendor all.

        Raises `UpstreamMissing` where an object of the same day is not there yet, `ContractBroken` where a body of one day reads a view:
        views show every day, and a day would cost more the older the lake.
        """
        with self.connect() as engine:
            engine.execute("set timezone = 'UTC'")
            for layer in LAYERS:
                engine.execute(f"create schema if not exists {layer}")
            engine.register("settings_row", self.settings)
            engine.execute("create table audit.settings as select * from settings_row")
            asked = list(reads)
            stored, shown = self._taken_apart(asked, day)
            since = self._since(stored, newest)
            for read in stored:
                ensure_contract(self.storage, read.table)
                days = [one for one in self._days(read, day) if one is None or not read.rows or one >= since]
                if read.rows:
                    engine.execute(f"create view {read.table.qualified} as {self._select(read.table, days)}")
                if read.readings:
                    engine.register(f"{read.table.name}_readings", self._readings(read.table, days))
                    engine.execute(f"create view {read.table.qualified}_reads as select * from {read.table.name}_readings")
            try:
                if shown and any(read.table.daily for read in stored):
                    wanted = any(read.papers for read in asked if not read.table.stored)
                    papers = papers_over(self.storage, [read.table for read in stored], since)
                    engine.execute(f"create view audit.papers as {papers}" if wanted else f"create table audit.papers as {_NO_PAPERS}")
                _show(engine, shown)
                yield engine
            except (duckdb.Error, pa.ArrowException) as refusal:
                raise EngineRefused(_without_values(refusal)) from None

    def _taken_apart(self, asked: list[Read], day: Day | None) -> tuple[list[Read], list[_Shown]]:
        """The stored tables to be seen, and the views over them in the order they can be made."""
        stored = {read.table.name: read for read in asked if read.table.stored}
        wanted = Counter(read.table.name for read in asked if not read.table.stored)
        shown: list[_Shown] = []
        for table, body in reversed(self.views):
            times = wanted.pop(table.name, 0)
            if not times:
                continue
            shown.insert(0, _Shown(table, body, is_read_often=times > 1))
            wanted.update(read.table.name for read in body.reads if not read.table.stored)
            for read in body.reads:
                if read.table.stored:
                    known = stored.get(read.table.name, read)
                    stored[read.table.name] = replace(known, readings=known.readings or read.readings, rows=known.rows or read.rows)
        if wanted or (shown and day is not None):
            name = next(iter(wanted), None) or shown[-1].table.name
            raise ContractBroken(f"{name} is a view; only the body of a table without partitions reads one, and only of its own lake")
        return list(stored.values()), shown

    def _since(self, stored: list[Read], newest: int) -> date:
        ends = [days[-1] for read in stored if newest and read.table.daily and (days := self.storage.days(read.table))]
        return max(ends) - timedelta(days=newest - 1) if ends else date.min

    def _days(self, read: Read, day: Day | None) -> list[date | None]:
        table = read.table
        if not table.daily:
            return [None] if self.storage.exists(layout.object_key(table, None)) else []
        if day is None or read.days == "all":
            return list(self.storage.days(table))
        if read.days in ("same", "onward") and not self.storage.exists(layout.object_key(table, day.day)):
            raise UpstreamMissing(f"{table.name} has no {day.day}; materialise {table.name} for that day first")
        if read.days == "same":
            return [day.day]
        if read.days in ("held", "onward"):
            return list(holding(self.storage, table, day.day) if read.days == "held" else onward(self.storage, table, day.day))
        first = day.day - timedelta(days=read.before)
        last = date.max if read.days == "since" else day.day + timedelta(days=read.after)
        present = self.storage.days(table)
        return [one for one in present if first <= one <= last or (read.baseline and one == self.first_day)]

    def _select(self, table: Table, days: list[date | None]) -> str:
        # The engine guesses the rows of files it has not opened from the first: of none, it would join year-long tables row by row.
        keys = [*(layout.object_key(table, day) for day in days), layout.object_key(table, layout.CONTRACT_DAY)]
        shapes = {papers.shape for key in keys if (papers := self.storage.footers.papers(table.name, key)) is not None}
        root = self.storage.url("")
        return select_over([f"{root}/{key}" for key in keys], table, by_name=len(shapes) > 1)

    def _readings(self, table: Table, days: list[date | None]) -> pa.Table:
        said = ((day, self.storage.footers.papers(table.name, layout.object_key(table, day))) for day in days)
        told = [(day, papers.get("reads", "[]")) for day, papers in said if papers is not None]
        rows = [(day, *reading) for day, text in told for reading in _readings_in(text)]
        return pa.Table.from_arrays(
            [pa.array(column, field.type) for column, field in zip(_columns(rows), _READINGS, strict=True)], schema=_READINGS
        )


def _show(engine: duckdb.DuckDBPyConnection, shown: list[_Shown]) -> None:
    for one in shown:
        # What is read in several places would be computed in each.
        kind = "table" if one.is_read_often else "view"
        engine.execute(f"create {kind} {one.table.qualified} as {with_steps(one.body)}")


@lru_cache(maxsize=20_000)
def _readings_in(paper: str) -> tuple[tuple[bool, datetime, datetime], ...]:
    return tuple(
        (reading["is_baseline"], datetime.fromisoformat(reading["received_at"]), datetime.fromisoformat(reading["read_until"]))
        for reading in json.loads(paper)
    )


def _columns(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) or [()] * len(_READINGS)


def _without_values(refusal: Exception) -> str:
    # What is said of rows quotes rows, and those may be personal (P8).
    said = str(refusal).strip().partition("\n")[0]
    kept = said if isinstance(refusal, _ABOUT_STATEMENTS) else _VALUES.sub("…", said)
    return f"{type(refusal).__name__}: {kept}. Compare the stored objects it reads with their contracts, and build again what was changed"


def select_over(urls: list[str], table: Table, *, by_name: bool = True) -> str:
    """The select that shows objects as one table: explicit Hive types, columns of older contracts as nulls, `day_utc` from the path.

    Where all objects are known to have the same columns and types they need not be united `by_name`, which opens every one beforehand.
    """
    files = ", ".join(f"'{_quoted(url)}'" for url in urls)
    united = "true" if by_name else "false"
    if not table.daily:
        return f"select * from read_parquet([{files}], union_by_name = {united}, hive_partitioning = false)"
    shown = "* exclude (year, month, day), make_date(year, month, day) as day_utc"
    return f"select {shown} from read_parquet([{files}], union_by_name = {united}, {_HIVE})"


def papers_over(storage: Folder, tables: Iterable[Table], since: date = date.min) -> str:
    """The select that shows what objects say of themselves: table_name, day_utc, paper, value; `day_utc` is null where a table has no days.

    Of tables without days only raw ones are shown: their papers tell when the vendor was read. With `since` only of that day's objects and
    later ones.
    """

    def files(table: Table) -> str:
        if since == date.min or not table.daily:
            return f"'{_quoted(storage.url(layout.pattern(table)))}'"
        keys = (
            layout.object_key(table, day)
            for day in (layout.CONTRACT_DAY, *storage.days(table))
            if day >= since or day == layout.CONTRACT_DAY
        )
        return ", ".join(f"'{_quoted(storage.url(key))}'" for key in keys)

    shown = (
        "regexp_extract(file_name, 'year=(\\d+)/month=(\\d+)/day=(\\d+)', ['y', 'm', 'd']) as part, "
        f"substr(decode(key), {len(parquet.PREFIX) + 1}) as paper, decode(value) as value"
    )
    parts = [
        f"select '{table.name}' as table_name, {shown} from parquet_kv_metadata([{files(table)}]) "
        f"where starts_with(decode(key), '{parquet.PREFIX}')"
        for table in tables
        if table.daily or table.layer == "raw"
    ]
    day = "make_date(try_cast(part.y as integer), try_cast(part.m as integer), try_cast(part.d as integer))"
    return f"select table_name, {day} as day_utc, paper, value from ({' union all '.join(parts)}) where part.y <> '0001'"


def with_steps(body: Body) -> str:
    """The one select of a view: its steps as common table expressions."""
    if not body.steps:
        return body.sql or ""
    steps = ", ".join(f"{name} as ({sql})" for name, sql in body.steps)
    return f"with {steps} select * from ({body.sql})"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def ensure_contract(storage: Folder, table: Table) -> None:
    """Put the zero-row contract file of a stored table in its place, where it is absent or of another contract."""
    key = layout.object_key(table, layout.CONTRACT_DAY)
    if _states(storage, key, table):
        return
    with storage.held(table, layout.CONTRACT_DAY):
        if _states(storage, key, table):
            return
        aside, schema = storage.aside(table, layout.CONTRACT_DAY), arrow_schema(table)
        papers: Mapping[str, str] = {"contract": stated(table)}
        with storage.failpoints.step("contract.write_aside"):
            parquet.write(aside, schema, pa.RecordBatchReader.from_batches(schema, []), papers)
        storage.publish(aside, key, step="contract.rename")


def _states(storage: Folder, key: str, table: Table) -> bool:
    return storage.exists(key) and parquet.papers(storage.url(key)).get("contract") == stated(table)
