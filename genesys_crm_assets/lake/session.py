"""A DuckDB session that sees its declared upstreams only, under the warehouse's own names, pruned to the days asked for (§4).

Not here: what is done with what is seen (`build`).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import pyarrow as pa

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Day, Read
from genesys_crm_assets.lake.errors import EngineRefused, UpstreamMissing
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import LAYERS, Table, arrow_schema

Connect = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]

_READINGS = pa.schema(
    [("day_utc", pa.date32()), ("is_baseline", pa.bool_()), ("read_at", pa.timestamp("us")), ("read_until", pa.timestamp("us"))],
)
_HIVE = "hive_partitioning = true, hive_types = {'year': integer, 'month': integer, 'day': integer}"

_ABOUT_STATEMENTS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
)
"""Refusals that quote names of columns and files, not rows."""

_VALUES = re.compile(r"""'[^']*'|"[^"]*"|\d{5,}""")


@dataclass(frozen=True)
class Sight:
    """What sessions are opened over.

    Attributes:
        storage: the lake.
        connect: opens an empty DuckDB.
        settings: one row, seen as `audit.settings`.
        first_day: the first day of the calendar, whose partition of a CRM table is its baseline.
    """

    storage: Folder
    connect: Connect
    settings: pa.Table
    first_day: date

    @contextmanager
    def session(self, reads: Iterable[Read], day: Day | None) -> Iterator[duckdb.DuckDBPyConnection]:
        """An engine with a view for each read; `UpstreamMissing` where an object of the same day is not there yet."""
        with self.connect() as engine:
            engine.execute("set timezone = 'UTC'")
            for layer in LAYERS:
                engine.execute(f"create schema if not exists {layer}")
            engine.register("settings_row", self.settings)
            engine.execute("create table audit.settings as select * from settings_row")
            for read in reads:
                ensure_contract(self.storage, read.table)
                days = self._days(read, day)
                engine.execute(f"create view {read.table.qualified} as {self._select(read.table, days)}")
                if read.readings:
                    engine.register(f"{read.table.name}_readings", self._readings(read.table, days))
                    engine.execute(f"create view {read.table.qualified}_reads as select * from {read.table.name}_readings")
            try:
                yield engine
            except (duckdb.Error, pa.ArrowException) as refusal:
                raise EngineRefused(_without_values(refusal)) from None

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
        first = day.day - timedelta(days=read.before)
        last = date.max if read.days == "onward" else day.day + timedelta(days=read.after)
        present = self.storage.days(table)
        return [one for one in present if first <= one <= last or (read.baseline and one == self.first_day)]

    def _select(self, table: Table, days: list[date | None]) -> str:
        keys = [layout.object_key(table, layout.CONTRACT_DAY), *(layout.object_key(table, day) for day in days)]
        return select_over([self.storage.url(key) for key in keys], table)

    def _readings(self, table: Table, days: list[date | None]) -> pa.Table:
        rows = [
            {
                "day_utc": day,
                "is_baseline": reading["is_baseline"],
                "read_at": datetime.fromisoformat(reading["received_at"]),
                "read_until": datetime.fromisoformat(reading["read_until"]),
            }
            for day in days
            for reading in json.loads(parquet.papers(self.storage.url(layout.object_key(table, day))).get("reads", "[]"))
        ]
        return pa.Table.from_pylist(rows, schema=_READINGS)


def _without_values(refusal: Exception) -> str:
    # What is said of rows quotes rows, and those may be personal (P8).
    said = str(refusal).strip().partition("\n")[0]
    kept = said if isinstance(refusal, _ABOUT_STATEMENTS) else _VALUES.sub("…", said)
    return f"{type(refusal).__name__}: {kept}. Compare the stored objects it reads with their contracts, and build again what was changed"


def select_over(urls: list[str], table: Table) -> str:
    """The select that shows objects as one table: explicit Hive types, columns of older contracts as nulls, `day_utc` from the path."""
    files = ", ".join("'" + url.replace("'", "''") + "'" for url in urls)
    if not table.daily:
        return f"select * from read_parquet([{files}], union_by_name = true, hive_partitioning = false)"
    shown = "* exclude (year, month, day), make_date(year, month, day) as day_utc"
    return f"select {shown} from read_parquet([{files}], union_by_name = true, {_HIVE})"


def ensure_contract(storage: Folder, table: Table) -> None:
    """Put the zero-row contract file of a stored table in its place, where it is absent or of another contract."""
    key = layout.object_key(table, layout.CONTRACT_DAY)
    schema = arrow_schema(table)
    stated = str(schema)
    if _states(storage, key, stated):
        return
    with storage.held(table, layout.CONTRACT_DAY):
        if _states(storage, key, stated):
            return
        aside = storage.aside(table, layout.CONTRACT_DAY)
        papers: Mapping[str, str] = {"contract": stated}
        with storage.failpoints.step("contract.write_aside"):
            parquet.write(aside, schema, pa.RecordBatchReader.from_batches(schema, []), papers)
        storage.publish(aside, key, step="contract.rename")


def _states(storage: Folder, key: str, contract: str) -> bool:
    return storage.exists(key) and parquet.papers(storage.url(key)).get("contract") == contract
