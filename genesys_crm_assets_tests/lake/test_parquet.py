"""Parquet files with their own papers."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genesys_crm_assets.lake import parquet
from genesys_crm_assets.lake.errors import ObjectDamaged

SCHEMA = pa.schema([("a", pa.int64())])


def _written(path: Path, *values: int, **papers: str) -> Path:
    batches = [pa.RecordBatch.from_pylist([{"a": value}], schema=SCHEMA) for value in values]
    assert parquet.write(path, SCHEMA, pa.RecordBatchReader.from_batches(SCHEMA, batches), papers) == len(values)
    return path


def test_papers_come_back_as_they_were_given(tmp_path: Path):
    found = parquet.papers(_written(tmp_path / "x.parquet", 1, 2, reads='[{"page": 1}]', note="zwölf €"))
    assert found.rows == 2
    assert found.get("reads") == '[{"page": 1}]'
    assert found.get("note") == "zwölf €"
    assert found.get("absent") == ""
    assert found.get("absent", "{}") == "{}"


def test_papers_stand_in_a_footer_once(tmp_path: Path):
    """Of what stands in the Arrow schema a copy is kept in base64; footers of a year are read every night (P9)."""
    plain, long = (_written(tmp_path / f"{size}.parquet", 1, reads="x" * size) for size in (1, 10_000))
    assert long.stat().st_size - plain.stat().st_size < 10_100


def test_an_object_without_rows_is_an_object(tmp_path: Path):
    path = _written(tmp_path / "x.parquet", told="nothing")
    assert parquet.papers(path).rows == 0
    assert pq.read_table(path).schema.names == ["a"]


def test_rows_that_come_one_by_one_lie_together(tmp_path: Path):
    """A file that is copied every night would else have a group for every night there was (P9)."""
    batches = [pa.RecordBatch.from_pylist([{"a": value}] * 2, schema=SCHEMA) for value in range(5)]
    path = tmp_path / "x.parquet"
    assert parquet.write(path, SCHEMA, pa.RecordBatchReader.from_batches(SCHEMA, batches), {}, 5) == 10
    footer = pq.read_metadata(path)
    assert [footer.row_group(number).num_rows for number in range(footer.num_row_groups)] == [4, 4, 2]


def test_objects_are_compressed(tmp_path: Path):
    path = _written(tmp_path / "x.parquet", 1)
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("kept", [0, 3, 100])
def test_a_damaged_footer_says_what_to_do(kept: int, tmp_path: Path):
    path = _written(tmp_path / "x.parquet", 1)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ObjectDamaged, match=r"x\.parquet cannot be read as Parquet; materialise that day again"):
        parquet.papers(path)


def test_papers_are_read_again_when_the_object_was_replaced(tmp_path: Path):
    """Papers are kept in memory; a replaced object, even of the same size and time, must not show the old ones."""
    path = _written(tmp_path / "x.parquet", 1, told="old")
    times = path.stat()
    assert parquet.papers(path).get("told") == "old"
    other = _written(tmp_path / "y.parquet", 1, told="new")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(path)
    assert parquet.papers(path).get("told") == "new"
