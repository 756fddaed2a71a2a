"""Parquet files with their own papers: rows, and beside them what the object was built from and when.

The papers stand in the file's key-value metadata as text, so a closed ledger is the existence of the object (§4). Not here: which papers
a table carries, or where files lie.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets.lake.errors import ObjectDamaged

PREFIX = "genesys_crm."
_ROWS_PER_GROUP = 8_192
"""Small enough that tellings, sorted by the day they began, are pruned by day."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What an object says of itself, read from its footer: how many rows it has, its papers, and a digest of its columns and their types."""

    rows: int
    values: Mapping[str, str]
    shape: str

    def get(self, name: str, default: str = "") -> str:
        """One paper by its name; the default where the object carries none."""
        return self.values.get(name, default)


def write(path: Path, schema: pa.Schema, batches: pa.RecordBatchReader, papers: Mapping[str, str], together: int = _ROWS_PER_GROUP) -> int:
    """Write the batches and the papers to a file, at most `together` rows to a group; returns the number of rows."""
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _grouped(batches, together):
            rows += group.num_rows
            writer.write_table(group.cast(schema), row_group_size=together)
        # Beside the schema, not in it: of what stands in an Arrow schema a second copy is kept in base64, and footers are read every night.
        writer.add_key_value_metadata({f"{PREFIX}{name}": value for name, value in papers.items()})
    return rows


def _grouped(batches: pa.RecordBatchReader, together: int) -> Iterator[pa.Table]:
    """What DuckDB tells of a file comes in the groups it lies in; a file copied again and again would have as many as it had batches."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if waiting and sum(one.num_rows for one in waiting) + batch.num_rows > together:
            yield pa.Table.from_batches(waiting)
            waiting = []
        waiting.append(batch)
    if waiting:
        yield pa.Table.from_batches(waiting)


def papers(path: str | Path) -> Papers:
    """The papers of a file; `ObjectDamaged` where its footer cannot be read. Read again only when the file has changed."""
    status = os.stat(path)  # noqa: PTH116 - asked of thousands of objects at once: a third of the time
    return _papers(str(path), status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=1_000)
def _papers(path: str, _changed: int, _size: int, _inode: int) -> Papers:
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError) as damage:
        raise ObjectDamaged(f"{Path(path).name} cannot be read as Parquet; materialise that day again") from damage
    stored = footer.metadata or {}
    start = len(PREFIX)
    values = {key.decode()[start:]: value.decode() for key, value in stored.items() if key.decode().startswith(PREFIX)}
    columns = footer.schema.to_arrow_schema().to_string(show_field_metadata=False, show_schema_metadata=False)
    return Papers(rows=footer.num_rows, values=values, shape=hashlib.sha256(columns.encode()).hexdigest()[:16])
