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
DAYS = 10
NEWEST_DAYS = 32
"""Days over which a view is computed for a glance at it: as many as the longest window of a mart needs, whatever the age of the lake."""
_WIDTH = 40
_MASK = "•••"
_ENTITIES = {character: f"&#{ord(character)};" for character in "|`[]<>\\*_~"} | {"\n": " ", "\r": " "}
"""What Markdown gives a meaning to: a cell makes no column, no code, no link and no picture."""


def rows(table: Table, path: Path) -> pa.Table:
    """The first rows of a Parquet file, personal columns not even read."""
    shown = [column.name for column in table.columns if not column.personal]
    with pq.ParquetFile(path) as file:
        batch = next(file.iter_batches(batch_size=ROWS, columns=shown), None)
        return pa.Table.from_batches([batch]) if batch is not None else pa.table({name: [] for name in shown})


def choice(table: Table) -> str:
    """Which rows of a view are shown, as the end of a select: the newest days where days are its key, else a few as they come."""
    return f"order by day_utc desc limit {DAYS}" if "day_utc" in table.key else f"limit {ROWS}"


def markdown(table: Table, shown: pa.Table) -> str:
    """The rows as a Markdown table; personal columns are masked, the rest is cut and escaped."""
    columns = [column for column in table.columns if column.personal or column.name in shown.column_names]
    heading = "| " + " | ".join(column.name for column in columns) + " |\n|" + "---|" * len(columns)
    lines = [
        "| " + " | ".join(_cell(column, row.get(column.name)) for column in columns) + " |" for row in shown.slice(0, DAYS).to_pylist()
    ]
    return "\n".join([heading, *lines])


def _cell(column: Column, value: Any) -> str:
    if column.personal:
        return _MASK
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    short = text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
    return "".join(_ENTITIES.get(character, character) for character in html.escape(short))
