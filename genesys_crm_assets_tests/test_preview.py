"""A glance at rows for the Dagster UI, without personal data and without markup of somebody else's."""

from pathlib import Path

import pyarrow as pa
import pytest

from genesys_crm_assets import preview
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets_tests.lake.toys import FIRST, ORDERS, ToyLake

NOTES = Table(
    name="staging_notes",
    layer="staging",
    description="",
    key=("note",),
    columns=(Column("note", "varchar", "A note."), Column("phone", "varchar", "A number.", personal=True)),
)


def _shown(*notes: str | None) -> str:
    return preview.markdown(NOTES, pa.table({"note": pa.array(notes, pa.string()), "phone": pa.array(["+12025550111"] * len(notes))}))


def test_rows_become_a_table_that_a_person_can_read():
    assert _shown("first", None).splitlines() == ["| note | phone |", "|---|---|", "| first | ••• |", "|  | ••• |"]


@pytest.mark.shows("S2-18")
def test_personal_columns_are_masked():
    """P8: the event log is not the place for telephone numbers."""
    assert "2025550111" not in _shown("a")


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script>",
        "a | b",
        "`code`",
        "[press](javascript:alert(1))",
        "![x](http://tracker)",
        "line\nbreak\r\n| x |",
        "<img src=x onerror=y>",
        "&lt;b&gt;",
        "**bold** _it_ ~~no~~",
        "\\| x",
    ],
)
def test_a_cell_is_text_and_nothing_else(note: str):
    """F-68: whoever writes a case subject does not write our UI."""
    shown = _shown(note)
    assert len(shown.splitlines()) == 3
    row = shown.splitlines()[2]
    assert row.count("|") == 3
    assert not set(row.strip("| ").removesuffix("| •••")) & set("<>`[]*_~\\")


def test_long_values_are_cut_and_few_rows_are_shown(tmp_path: Path):
    assert len(_shown("x" * 500).splitlines()[2]) < 80
    toys = ToyLake(tmp_path)
    toys.orders(FIRST, *((f"order {number}", number) for number in range(100)))
    rows = preview.rows(ORDERS, toys.path(ORDERS, FIRST))
    assert len(preview.markdown(ORDERS, rows).splitlines()) == 2 + preview.ROWS
    assert "buyer of" not in preview.markdown(ORDERS, rows)


def test_a_view_whose_key_is_a_day_shows_the_newest_days():
    """The first thing asked of `data_status` is what it says of yesterday."""
    days = Table(
        name="days", layer="audit", description="", key=("day_utc",), columns=(Column("day_utc", "date", "The day."),), stored=False
    )
    assert preview.choice(days) == f"order by day_utc desc limit {preview.DAYS}"
    assert preview.choice(NOTES) == f"limit {preview.ROWS}"


def test_a_share_is_shown_in_as_many_digits_as_a_person_reads():
    rates = Table(name="rates", layer="audit", description="", key=("rate",), columns=(Column("rate", "double", "A share."),))
    assert preview.markdown(rates, pa.table({"rate": [0.37809523809523804]})).splitlines()[2] == "| 0.378095 |"


def test_an_empty_object_has_a_heading_and_no_rows(tmp_path: Path):
    toys = ToyLake(tmp_path)
    toys.orders(FIRST)
    assert preview.markdown(ORDERS, preview.rows(ORDERS, toys.path(ORDERS, FIRST))).count("\n") == 1
