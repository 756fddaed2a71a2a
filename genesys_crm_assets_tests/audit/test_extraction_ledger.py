"""One row per page landed, whether rows are pages or records (§6.9)."""

from pathlib import Path

import pytest

from genesys_crm_assets import catalogue
from genesys_crm_assets.audit import extraction_ledger
from genesys_crm_assets.definitions import ROOMS
from genesys_crm_assets.lake.warehouse import Warehouse
from genesys_crm_assets_tests.audit.days import FIRST, READ_AT, D, Days
from genesys_crm_assets_tests.lakes import SmallLake


@pytest.mark.shows("S2-44", "S0-33")
def test_every_page_of_every_vendor_stands_in_the_ledger(tmp_path: Path):
    with Days(tmp_path, counted=(3, 1)).warehouse().open() as reader:
        found = reader.sql("select * from audit.extraction_ledger order by table_name").to_arrow_table().to_pylist()
    assert list(found[0]) == [column.name for column in extraction_ledger.TABLE.columns]
    assert {(row["table_name"], row["day_utc"]) for row in found} == {
        ("raw_genesys_interactions", D),
        ("raw_genesys_queue_totals", D),
        ("raw_salesforce_totals", D),
        *((f"raw_salesforce_{name}", FIRST) for name in ("cases", "accounts", "contacts", "users", "field_history")),
    }
    (page,) = [row for row in found if row["table_name"] == "raw_genesys_interactions"]
    assert (page["page"], page["record_count"], page["attempts"], page["run_id"], page["received_at"]) == (1, 1, 1, "a run", READ_AT)
    assert len(page["body_sha256"]) == 64


def test_an_empty_lake_has_an_empty_ledger(tmp_path: Path):
    """Before anything was landed the view can be read all the same."""
    lake = SmallLake(tmp_path)
    warehouse = Warehouse(tmp_path / "w.duckdb", lake.storage, catalogue.of(ROOMS), lake.settings)
    warehouse.refresh()
    with warehouse.open() as reader:
        views = [table.qualified for table, _ in warehouse.catalogue.views()]
        assert {view: reader.execute(f"select count(*) from {view}").fetchall()[0][0] for view in views} == dict.fromkeys(views, 0)
