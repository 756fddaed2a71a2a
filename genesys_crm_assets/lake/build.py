"""Building one object: run the body, write the rows aside, prove them, and only then let them replace the old object (§4).

Not here: which days are built (`lag`, and whoever asks), or where objects lie (`layout`, `storage`).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Day, Proof
from genesys_crm_assets.lake.engines import spare
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.lake.lag import expected_sources
from genesys_crm_assets.lake.session import Sight, ensure_contract
from genesys_crm_assets.lake.table import Table, arrow_schema


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one proof: whether it holds, and its figures."""

    proof: str
    holds: bool
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Aside:
    """An object written aside, proved but not yet published.

    Attributes:
        table: whose object it is.
        day: its day; None for a table without partitions.
        path: the file.
        rows: rows in it.
        size: bytes of it.
        content: digest of what it says, provenance left out (P3).
        verdicts: every proof's outcome, in order.
    """

    table: Table
    day: date | None
    path: Path
    rows: int
    size: int
    content: str
    verdicts: tuple[Verdict, ...]

    @property
    def holds(self) -> bool:
        """Whether every proof holds, so that the object may be published."""
        return all(verdict.holds for verdict in self.verdicts)


def standing_proofs(table: Table) -> tuple[Proof, ...]:
    """What must hold of every object: its columns, and its keys."""
    required = [column.name for column in table.all_columns if column.required]
    nulls = " + ".join(f'count(*) filter ("{name}" is null)' for name in required) or "0"
    key = ", ".join(f'"{name}"' for name in table.key)
    return (
        Proof(
            "columns_are_as_contracted",
            f"select {nulls} = 0 as holds, {nulls} as nulls_in_required_columns, count(*) as rows from aside",
            "Columns, their types and their order are the contract's, and no required one is null.",
        ),
        Proof(
            "keys_are_unique",
            f"select count(*) = 0 as holds, count(*) as repeated_keys from (select {key} from aside group by all having count(*) > 1)",
            f"No two rows share {', '.join(table.key)}.",
        ),
    )


@dataclass(frozen=True)
class Builder:
    """Builds objects of one lake on behalf of one run.

    Attributes:
        sight: what bodies may see.
        run_id: written into every row built.
        now: when rows are built, UTC, naive as DuckDB's timestamps are.
        clock: what stands in for the wall clock, empty where nothing does; said in the papers, so that a sandbox's objects are known.
    """

    sight: Sight
    run_id: str
    now: datetime
    clock: str = ""

    @contextmanager
    def holding(self, table: Table, day: date | None) -> Iterator[None]:
        """Serialise with every other build of the same object."""
        with self.sight.storage.held(table, day):
            yield

    def aside(self, table: Table, body: Body, day: date | None, papers: Mapping[str, str] | None = None) -> Aside:
        """Run the body and write its rows aside, with their papers, and prove them.

        Raises `ContractBroken` for columns that are not the contract's, and what the body raises. Proofs that fail are verdicts.
        """
        storage = self.sight.storage
        ensure_contract(storage, table)
        when = Day(day) if day is not None else None
        path = storage.aside(table, day)
        # Taken before the body looks: an upstream replaced meanwhile makes this object lag, where the reverse would hide that it does.
        sources, carried = expected_sources(storage, body, day), self._carried(body, day)
        with self.sight.session(body.reads, when) as engine:
            # A table without days is made of all there are, and the first day may hold a baseline.
            if day in (None, self.sight.first_day):
                spare(engine)
            self._run(engine, table, body, when)
            content = _digest(engine, table)
            stated = {
                "content": content,
                "run_id": self.run_id,
                "contract_version": str(table.version),
                "clock": self.clock,
                **(papers or {}),
            }
            stated |= {name: str(engine.execute(sql, _bound(sql, when)).fetchall()[0][0]) for name, sql in body.marks}
            built_from = sources(stated.get("settled", ""), stated.get("awaits_until", ""))
            stated |= {"built_from": json.dumps(built_from, sort_keys=True), **carried}
            with storage.failpoints.step("object.write_aside"):
                rows = _write(engine, table, body, path, stated)
            engine.execute(f"create view aside as select * from read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')")
            verdicts = tuple(_verdict(engine, proof, when) for proof in (*standing_proofs(table), *body.proofs))
        return Aside(table, day, path, rows, path.stat().st_size, content, (_typed(path, table, verdicts[0]), *verdicts[1:]))

    def publish(self, aside: Aside) -> None:
        """Let a proved object replace the old one."""
        self.sight.storage.publish(aside.path, layout.object_key(aside.table, aside.day))

    def _run(self, engine: duckdb.DuckDBPyConnection, table: Table, body: Body, day: Day | None) -> None:
        for name, sql in body.steps:
            engine.execute(f"create temp table {name} as {sql}", _bound(sql, day))
        kind = self._found(engine, body, day)
        found = {row[0] for row in engine.execute("select column_name from (describe found)").fetchall()}
        wanted = {column.name for column in table.columns}
        if found != wanted:
            difference = ", ".join(sorted(found ^ wanted))
            raise ContractBroken(f"{table.name}: body and contract differ in {difference}; make them agree")
        provenance = ", ".join(f'cast(${name} as {kind}) as "{name}"' for name, kind in (("loaded_at", "timestamp"), ("run_id", "varchar")))
        shown = table.casts() if table.all_columns == table.columns else f"{table.casts()}, {provenance}"
        values = {} if table.all_columns == table.columns else {"loaded_at": self.now, "run_id": self.run_id}
        name = "result" if body.keeps is None else "made"
        engine.execute(f"create temp table {name} as select {shown} from found", values)
        # Not needed any more, and the digest, the sort and the proofs want its room.
        engine.execute(f"drop {kind} found")
        engine.unregister("returned")
        if body.keeps is not None:
            # Parameters cannot stand in a view, and a table would hold all that is kept.
            stamps = (f"timestamp '{self.now}' as loaded_at", f"'{self.run_id.replace(chr(39), chr(39) * 2)}' as run_id") if values else ()
            kept = f"select {', '.join((table.casts(table.columns), *stamps))} from ({body.keeps})"
            engine.execute(f"create temp view result as ({kept}) union all (select * from made order by {_order(table, body)})")

    def _found(self, engine: duckdb.DuckDBPyConnection, body: Body, day: Day | None) -> str:
        """Make `found` of what the body makes; returns whether it is a table or a view."""
        if body.python is None:
            sql = body.sql or ""
            # Parameters cannot stand in a view; without one a table would be there twice.
            kind = "view" if day is None else "table"
            engine.execute(f"create temp {kind} found as {sql}", _bound(sql, day))
            return kind
        returned = body.python(engine, day or Day(self.sight.first_day))
        engine.register("returned", returned)
        # What stands in memory already is looked at where it stands; anything else can be read once only.
        kind = "view" if isinstance(returned, pa.Table) else "table"
        engine.execute(f"create temp {kind} found as select * from returned")
        return kind

    def _carried(self, body: Body, day: date | None) -> dict[str, str]:
        """The papers this object carries on from what it follows."""
        carried: dict[str, str] = {}
        for table in body.follows if body.carries else ():
            key = layout.object_key(table, day)
            if self.sight.storage.exists(key):
                stated = parquet.papers(self.sight.storage.url(key))
                carried |= {name: stated.get(name) for name in body.carries if stated.get(name)}
        return carried


def _bound(sql: str, day: Day | None) -> dict[str, Any]:
    if day is None:
        return {}
    known = {"day": day.day, "day_start": day.start, "day_end": day.end}
    return {name: value for name, value in known.items() if _mentions(sql, name)}


def _mentions(sql: str, name: str) -> bool:
    position = sql.find(f"${name}")
    while position >= 0:
        following = sql[position + len(name) + 1 : position + len(name) + 2]
        if not (following.isalnum() or following == "_"):
            return True
        position = sql.find(f"${name}", position + 1)
    return False


def _digest(engine: duckdb.DuckDBPyConnection, table: Table) -> str:
    names = [column.name for column in table.content_columns]
    told = [name for name in names if f"{name}_sha256" not in names]
    row = ", ".join(f'"{name}"' for name in told)
    sums = f"sum(md5_number_lower(cast(row({row}) as varchar))), sum(md5_number_upper(cast(row({row}) as varchar)))"
    count, low, high = engine.execute(f"select count(*), {sums} from result").fetchall()[0]
    return f"{count}-{int(low or 0):x}-{int(high or 0):x}"


def _write(engine: duckdb.DuckDBPyConnection, table: Table, body: Body, path: Path, papers: Mapping[str, str]) -> int:
    ordered = "" if body.keeps is not None else f"order by {_order(table, body)}"
    found = engine.sql(f"select * from result {ordered}")
    return parquet.write(path, arrow_schema(table), found.to_arrow_reader(body.together), papers, body.together)


def _order(table: Table, body: Body) -> str:
    return ", ".join(f'"{name}"' for name in body.order or table.key)


def _verdict(engine: duckdb.DuckDBPyConnection, proof: Proof, day: Day | None) -> Verdict:
    found = engine.execute(proof.sql, _bound(proof.sql, day))
    names = [column[0] for column in found.description or ()]
    figures = dict(zip(names, found.fetchall()[0], strict=True))
    return Verdict(proof.name, bool(figures.pop("holds")), figures)


def _typed(path: Path, table: Table, verdict: Verdict) -> Verdict:
    written = pq.read_schema(path)
    differing = [
        field.name for field in arrow_schema(table) if field.name not in written.names or written.field(field.name).type != field.type
    ]
    figures = {**verdict.figures, "columns_differing": ", ".join(differing) or "none"}
    return replace(verdict, holds=verdict.holds and not differing and len(written) == len(table.all_columns), figures=figures)
