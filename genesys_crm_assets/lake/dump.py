"""The canonical dump: what tables say, with everything left out that says when or by which run (P3).

All rows of a table, sorted, as JSON lines without the contract's provenance columns. Not here: which tables are compared.
"""

import hashlib
from collections.abc import Iterable

import duckdb

from genesys_crm_assets.lake.table import Table


def lines(reader: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    """The rows of a table in the warehouse, one JSON object a line, sorted."""
    names = [column.name for column in table.content_columns] + (["day_utc"] if table.daily else [])
    row = ", ".join(f'"{name}" := "{name}"' for name in names)
    return sorted(str(found[0]) for found in reader.execute(f"select to_json(struct_pack({row})) from {table.qualified}").fetchall())


def digests(reader: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> dict[str, str]:
    """SHA-256 of each stored table's dump outside raw, by name."""
    compared = sorted((table for table in tables if table.stored and table.layer != "raw"), key=lambda table: table.name)
    return {table.name: hashlib.sha256("\n".join(lines(reader, table)).encode()).hexdigest() for table in compared}
