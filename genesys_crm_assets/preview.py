"""A glance at rows for the Dagster UI: few, short, escaped, and without personal data (P8, F-68).

Not here: which rows are shown when.
"""

import html
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets.lake.table import Column, Table

ROWS = 5
_WIDTH = 40
_MASK = "•••"
_ENTITIES = {character: f"&#{ord(character)};" for character in "|`[]<>\\*_~"} | {"\n": " ", "\r": " "}
"""What Markdown gives a meaning to: a cell makes no column, no code, no link and no picture."""


def rows(path: Path) -> pa.Table:
    """The first rows of a Parquet file."""
    with pq.ParquetFile(path) as file:
        batch = next(file.iter_batches(batch_size=ROWS), None)
        return pa.Table.from_batches([batch]) if batch is not None else file.schema_arrow.empty_table()


def markdown(table: Table, shown: pa.Table) -> str:
    """The rows as a Markdown table; personal columns are masked, the rest is cut and escaped."""
    columns = [column for column in table.columns if column.name in shown.column_names]
    heading = "| " + " | ".join(column.name for column in columns) + " |\n|" + "---|" * len(columns)
    lines = ["| " + " | ".join(_cell(column, row[column.name]) for column in columns) + " |" for row in shown.slice(0, ROWS).to_pylist()]
    return "\n".join([heading, *lines])


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.personal:
        return _MASK
    text = str(value)
    short = text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
    return "".join(_ENTITIES.get(character, character) for character in html.escape(short))
