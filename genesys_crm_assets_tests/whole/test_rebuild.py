"""After a contract gained a column, older objects read as null in it until the table is built again from raw."""

from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest

from genesys_crm_assets import rebuilding
from genesys_crm_assets.definitions import build_defs
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House

TABLE, COLUMN = "staging_genesys_metrics", "invalid_told_ids"
LATER = ("fact_customer_interactions", "fact_anonymous_interactions")


@pytest.fixture
def aged(undisturbed: House, tmp_path: Path) -> House:
    """A lake whose staged conversations were written before the contract had `invalid_told_ids`, with nobody to ask."""
    lake = undisturbed.copied(tmp_path, "raw", "staging", "dimensions", "facts")
    for day in (house.FIRST, house.SECOND):
        _as_by_an_older_contract(lake.folder / "lake" / house.key(TABLE, day, "staging"))
    return lake


def _as_by_an_older_contract(path: Path) -> None:
    table = pq.ParquetFile(path).read()
    papers = {**table.schema.metadata, b"genesys_crm.contract_version": b"0"}
    pq.write_table(table.drop_columns([COLUMN]).replace_schema_metadata(papers), path)


def _rebuilt(lake: House, table: str, size: int = 7) -> list[rebuilding.Portion]:
    portions = rebuilding.portions(lake.lake(), table, size)
    for portion in portions:
        assert rebuilding.run(build_defs(lake.told()), dg.DagsterInstance.ephemeral(), portion) == ()
    return portions


def _nulls(lake: House) -> list[tuple[object, ...]]:
    lake.lake().warehouse().refresh()
    return lake.rows(f"select day_utc, count(*) = count(*) filter ({COLUMN} is null) from staging.{TABLE} group by 1 order by 1")


def test_an_older_partition_reads_as_null_until_the_table_is_rebuilt(aged: House, undisturbed: House):
    """§4: what was written stays readable, and says nothing of what it did not know."""
    assert _nulls(aged) == [(house.FIRST, True), (house.SECOND, True)]
    _rebuilt(aged, TABLE)
    assert _nulls(aged) == [(house.FIRST, False), (house.SECOND, False)]
    assert aged.dumps([TABLE, *LATER]) == undisturbed.dumps([TABLE, *LATER])


def test_the_newest_day_is_rebuilt_first_in_runs_of_a_bounded_size(aged: House):
    """Analysts look at yesterday before they look at last year."""
    assert [portion.days for portion in rebuilding.portions(aged.lake(), TABLE, 1)] == [(house.SECOND,), (house.FIRST,)]
    assert [portion.days for portion in rebuilding.portions(aged.lake(), TABLE, 7)] == [(house.FIRST, house.SECOND)]


def test_what_lies_between_raw_and_the_table_is_rebuilt_where_an_older_contract_wrote_it(aged: House, undisturbed: House):
    (portion,) = rebuilding.portions(aged.lake(), LATER[0], 7)
    assert portion.tables == (TABLE, LATER[0])
    (portion,) = rebuilding.portions(undisturbed.lake(), LATER[0], 7)
    assert portion.tables == (LATER[0],)


def test_a_table_without_days_is_rebuilt_whole(undisturbed: House):
    assert rebuilding.portions(undisturbed.lake(), "dim_salesforce_case", 7) == [rebuilding.Portion(("dim_salesforce_case",), ())]


def test_days_apart_are_not_joined_by_days_that_were_never_there():
    """A range would build the days between, of which there is no raw."""
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 5)]
    assert list(rebuilding._parts(days, 7)) == [(date(2026, 1, 5),), (date(2026, 1, 1), date(2026, 1, 2))]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("fact_of_life", "there is no table fact_of_life"),
        ("unified_interactions", "is a view"),
        ("raw_salesforce_cases", "is what the vendor said"),
        ("raw_genesys_interactions", "materialise its days to ask again"),
    ],
)
def test_what_cannot_be_rebuilt_says_why(undisturbed: House, table: str, why: str):
    with pytest.raises(rebuilding.RebuildRefused, match=why):
        rebuilding.portions(undisturbed.lake(), table, 7)
