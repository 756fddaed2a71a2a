"""A copy of papers that never outlives the objects it was read from."""

import os
from pathlib import Path

import pytest

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.lake.footers import Footers
from genesys_crm_assets_tests.lake.toys import FIRST, ORDERS, ToyLake

KEY = layout.object_key(ORDERS, FIRST)


def _unreadable(path: Path) -> None:
    """Whoever opens it from now on will know; who only looks at its outside sees the same file."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"-" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    # As in another process.
    parquet._papers.cache_clear()


def _footers(toys: ToyLake) -> Footers:
    return Footers(toys.storage.url(""), toys.root / "papers")


def _content(footers: Footers) -> str:
    papers = footers.papers(ORDERS.name, KEY)
    assert papers is not None
    return papers.get("content")


def test_another_run_opens_no_object_that_was_opened_before(toys: ToyLake):
    """Of a year's ten thousand objects a night changes a few dozen (P9)."""
    toys.orders(FIRST, ("a", 1))
    before = _footers(toys)
    told = _content(before)
    before.keep()
    _unreadable(toys.path(ORDERS, FIRST))
    assert _content(_footers(toys)) == told
    with pytest.raises(ObjectDamaged):
        parquet.papers(toys.path(ORDERS, FIRST))


def test_an_object_that_was_replaced_is_read_again(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    footers = _footers(toys)
    told = _content(footers)
    footers.keep()
    toys.orders(FIRST, ("a", 2))
    assert _content(footers) != told
    assert _content(_footers(toys)) == _content(footers)
    footers.keep()
    assert _content(_footers(toys)) == _content(footers)


def test_an_object_that_is_gone_has_no_papers_whatever_was_kept(toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    footers = _footers(toys)
    _content(footers)
    footers.keep()
    toys.path(ORDERS, FIRST).unlink()
    assert footers.papers(ORDERS.name, KEY) is None
    assert _footers(toys).papers(ORDERS.name, KEY) is None


@pytest.mark.parametrize("harm", [b"", b"nonsense", b"\x00\x00\x00\x00\x00\x00\x00\x02\xa10", None])
def test_a_torn_or_foreign_file_is_filled_again(harm: bytes | None, toys: ToyLake):
    toys.orders(FIRST, ("a", 1))
    footers = _footers(toys)
    told = _content(footers)
    footers.keep()
    (kept,) = (toys.root / "papers").glob("*.papers")
    kept.write_bytes(kept.read_bytes()[:-3] if harm is None else harm)
    again = _footers(toys)
    assert _content(again) == told
    again.keep()
    _unreadable(toys.path(ORDERS, FIRST))
    assert _content(_footers(toys)) == told


def test_what_was_replaced_often_is_written_down_anew(toys: ToyLake):
    """Else the file would grow with every night for ever."""
    toys.orders(FIRST, ("a", 1))
    footers, sizes = _footers(toys), []
    for moment in range(150):
        os.utime(toys.path(ORDERS, FIRST), ns=(moment, moment))
        _content(footers)
        footers.keep()
        sizes.append(next((toys.root / "papers").glob("*.papers")).stat().st_size)
    assert sizes[-1] < max(sizes) < 110 * sizes[0]
    assert _content(_footers(toys)) == _content(footers)


def test_papers_that_nobody_asks_for_over_all_days_are_not_kept(toys: ToyLake):
    toys.orders(FIRST, ("a", 1), papers={"fields": "x" * 1_000})
    papers = _footers(toys).papers(ORDERS.name, KEY)
    assert papers is not None
    assert set(papers.values) == {"content", "built_from"}
