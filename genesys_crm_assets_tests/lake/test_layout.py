"""Names in, keys out; nothing else becomes a path."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.errors import LocationRefused
from genesys_crm_assets_tests.lake.toys import BUYERS, FIRST, ORDERS, ToyLake

HOSTILE = (
    "../../x", "..", ".", "", "/etc/passwd", "C:\\x", "a/b", "a\\b", "%2e%2e%2fx", "x\0y", "x\n", " x", "x ", "Ünïcode", "UPPER", "x" * 101,
    "_x", "1x", "x.parquet", "~root", "$HOME", "x;y", "a*", "a?b", "year=2026",
)  # fmt: skip


def test_keys_are_zero_padded_hive_parts():
    assert layout.object_key(ORDERS, date(2026, 1, 2)) == "staging/staging_orders/year=2026/month=01/day=02/staging_orders.parquet"
    assert layout.object_key(ORDERS, layout.CONTRACT_DAY) == "staging/staging_orders/year=0001/month=01/day=01/staging_orders.parquet"
    assert layout.object_key(BUYERS, None) == "dimensions/dim_buyer/dim_buyer.parquet"


@given(st.dates())
def test_a_key_tells_its_day(day: date):
    assert layout.day_of(layout.object_key(ORDERS, day)) == day
    assert layout.day_of(layout.object_key(BUYERS, None)) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_name_becomes_a_place(name: str, toys: ToyLake, tmp_path: Path):
    """F-64: neither as an object, nor as the file aside, nor as a lock, nor as an address."""
    hostile = replace(ORDERS, name=name)
    for attempt in (
        lambda: layout.object_key(hostile, FIRST),
        lambda: layout.pattern(hostile),
        lambda: toys.storage.aside(hostile, FIRST),
        lambda: toys.storage.held(hostile, FIRST).__enter__(),
    ):
        with pytest.raises(LocationRefused, match="use lower-case letters"):
            attempt()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("key", ["../x", "staging/../../x", "/etc/passwd", "a/\0/b"])
def test_no_key_leads_out_of_the_lake(key: str, toys: ToyLake):
    with pytest.raises(LocationRefused, match="outside the lake"):
        toys.storage.url(key)


def test_a_link_inside_the_lake_that_leads_out_is_refused(toys: ToyLake, tmp_path: Path):
    """A resolved path is compared, not a written one."""
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "staging").symlink_to(tmp_path)
    with pytest.raises(LocationRefused):
        toys.storage.url(layout.object_key(ORDERS, FIRST))
