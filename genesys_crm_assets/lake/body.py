"""How a table is built: what it reads of other tables, the SQL or Python that makes its rows, and what must hold of the result.

A body is a value. It sees its declared upstreams only, under the warehouse's own names, pruned to the partitions it asked for; time comes
in as `$day`, `$day_start` and `$day_end`. Not here: writing, checking or publishing (`build`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from genesys_crm_assets.lake.table import Table


@dataclass(frozen=True, slots=True)
class Day:
    """The UTC day an object is built for, half-open; for tables without partitions the whole calendar so far."""

    day: date

    @property
    def start(self) -> datetime:
        """00:00 UTC, naive as DuckDB's `timestamp` is."""
        return datetime(self.day.year, self.day.month, self.day.day)  # noqa: DTZ001 - DuckDB timestamps are UTC without saying so

    @property
    def end(self) -> datetime:
        """00:00 UTC of the next day."""
        return self.start + timedelta(days=1)


Span = Literal["same", "onward", "since", "around", "held", "all"]


@dataclass(frozen=True, slots=True)
class Read:
    """One upstream, and which of its days a body sees.

    Attributes:
        table: the upstream's contract; its module is imported, so the import graph is the asset graph.
        days: `same` day; `onward`: that day (it must be there) and every later one, of objects with a paper `starts` those that hold something
            of days up to it; `since`: that day and every later one; `around`: `before` days earlier to `after` days later;
            `held`: that day and later ones whose object, by its paper `starts`, holds something of it; `all`.
            Of a table without partitions the one object, whatever is said here; a body that reads its own table sees it as it stands.
            Of a view everything it shows: only the body of a table without partitions may read one.
        baseline: the first partition too, which for CRM tables holds everything as first read (§4).
        readings: a view `<table>_reads` beside it: day_utc, is_baseline, read_at, read_until of every reading of the vendor that its
            objects carry in their papers.
        rows: without them only the readings are there, and no object is opened but for its papers.
        papers: of a view: whether what it makes of papers is wanted. Where no read wants it, `audit.papers` is empty: looking at the papers
            of all objects takes longer with every day.
    """

    table: Table
    days: Span = "same"
    before: int = 0
    after: int = 0
    baseline: bool = False
    readings: bool = False
    rows: bool = True
    papers: bool = True


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that must hold of one object before it replaces the old one.

    Attributes:
        name: a fact as a sentence in snake_case; the name of the asset check.
        sql: one row, whose first column `holds` is a boolean and whose others are figures shown with the check. It sees what the body
            sees, its steps, and the file written aside as `aside`.
        description: what it means and what to do when it fails.
    """

    name: str
    sql: str
    description: str


PythonBody = Callable[[duckdb.DuckDBPyConnection, Day], pa.Table | duckdb.DuckDBPyRelation]


@dataclass(frozen=True, slots=True)
class Body:
    """What builds one object of a table.

    Attributes:
        reads: the declared upstreams.
        sql: one select over the upstreams and the steps, with bound parameters; or
        python: a function of the session and the day that returns an Arrow table with the contract's columns, or a relation of the session.
        steps: named selects, run in order and kept as temporary tables for those that follow.
        proofs: what must hold of the file written aside.
        follows: tables whose object of the same day this one must keep up with: when that one's content changes, this one lags (§4).
        gathers: a table whose objects of many days hold rows of this day, as their paper `starts` tells; this one lags when what they
            hold of it changes.
        gathered_by: columns of that table: the day a row is of, what the row tells of, and a digest of what it tells. With them, the
            objects having been received in another order matters only where they tell differently of one thing.
        awaits: tables whose objects of other days may still change this one. Which of them still do, this object's own paper `settled` names,
            with commas between; `true` where none does. It lags when what those it names say changes: all their objects, up to the day that
            its paper `awaits_until` names where it does; or, of objects with a paper `starts`, what those of this day and later hold of days
            up to it.
        marks: papers computed from the finished rows, a name and a select over `result` that gives one text.
        carries: papers copied from the followed object of the same day.
        order: the columns rows are stored by; the key where empty.
        keeps: a select of what the table without partitions holds already and goes on to hold as it is. Those rows come first, in the order
            they lie in, and pass from file to file without being held in memory.
        together: rows written, and so read again, at once: fewer where rows are large.
        looks_back: the daily job builds the closed days inside `LOOKBACK_DAYS` again too, since late CRM records may change them (§4).
    """

    reads: tuple[Read, ...]
    sql: str | None = None
    python: PythonBody | None = None
    steps: tuple[tuple[str, str], ...] = ()
    proofs: tuple[Proof, ...] = ()
    follows: tuple[Table, ...] = ()
    gathers: Table | None = None
    gathered_by: tuple[str, str, str] | None = None
    awaits: tuple[Table, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    carries: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    keeps: str | None = None
    together: int = 8_192
    looks_back: bool = False


def sql_beside(module_file: str, stem: str | None = None) -> str:
    """The text of the `.sql` file that stands beside a module: of the same stem, or `<module stem>.<stem>.sql`."""
    module = Path(module_file)
    name = f"{module.stem}.{stem}.sql" if stem else f"{module.stem}.sql"
    return module.with_name(name).read_text(encoding="utf-8")
