"""Runs a table's body over tables made by hand, as the lake does, without files and without Dagster."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from genesys_crm_assets.lake.body import Body, Day
from genesys_crm_assets.lake.build import _bound
from genesys_crm_assets.lake.table import Table, body_schema


def rows(body: Body, connection: duckdb.DuckDBPyConnection, day: date | None = None) -> list[dict[str, Any]]:
    """The rows a body makes, as dicts; its steps stay behind as temporary tables until a body with a step of the same name runs."""
    when = Day(day) if day is not None else None
    for name, sql in body.steps:
        connection.execute(f"create or replace temp table {name} as {sql}", _bound(sql, when))
    if body.python is not None:
        found = body.python(connection, when or Day(date(2026, 1, 1)))
        return dicts(connection.execute("select * from found")) if isinstance(found, duckdb.DuckDBPyRelation) else list(found.to_pylist())
    sql = body.sql or ""
    return dicts(connection.execute(sql, _bound(sql, when)))


def verdicts(
    table: Table, body: Body, connection: duckdb.DuckDBPyConnection, written: list[dict[str, Any]], day: date | None = None
) -> dict[str, bool]:
    """Whether each proof of a body holds of rows as `rows` returned them, or of others, by the proof's name."""
    when = Day(day) if day is not None else None
    connection.register("aside", pa.Table.from_pylist(written, schema=body_schema(table)))
    return {proof.name: bool(connection.execute(proof.sql, _bound(proof.sql, when)).fetchall()[0][0]) for proof in body.proofs}


def dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of a result as dicts."""
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
