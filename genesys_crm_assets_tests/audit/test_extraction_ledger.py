"""One row per page landed, whether rows are pages or records (§6.9)."""

from datetime import timedelta
from pathlib import Path

import pytest

from genesys_crm_assets import catalogue
from genesys_crm_assets.audit import extraction_ledger
from genesys_crm_assets.definitions import ROOMS
from genesys_crm_assets.lake.warehouse import Warehouse
from genesys_crm_assets_tests.audit.days import FIRST, READ_AT, D, Days
from genesys_crm_assets_tests.lakes import SmallLake
from genesys_crm_assets_tests.raw import vendors
from genesys_crm_assets_tests.raw.test_genesys_reference import Centre, land


@pytest.mark.shows("S2-44", "S0-33")
def test_every_page_of_every_vendor_stands_in_the_ledger(tmp_path: Path):
    with Days(tmp_path, counted=(3, 1)).warehouse().open() as reader:
        found = reader.sql("select * from audit.extraction_ledger order by table_name").to_arrow_table().to_pylist()
    assert list(found[0]) == [column.name for column in extraction_ledger.TABLE.columns]
    assert {(row["table_name"], row["day_utc"]) for row in found} == {
        ("raw_genesys_interactions", D),
        ("raw_genesys_queue_totals", D),
        ("raw_salesforce_totals", D),
        *((f"raw_salesforce_{name}", FIRST) for name in ("cases", "accounts", "contacts", "opportunities", "users", "field_history")),
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


@pytest.mark.shows("S2-44")
def test_listings_stand_in_the_ledger_as_kept_and_as_last_read(tmp_path: Path):
    """An observation's pages once; a reading that brought nothing new as long as it is the last."""
    place, centre = vendors.lake(tmp_path), Centre(listings={"queues": ["q1", "q2", "q3"], "users": ["u1"]})
    warehouse = Warehouse(tmp_path / "w.duckdb", place.storage, catalogue.of(ROOMS), place.sight.settings)
    counts = []
    for hour in range(3):
        centre.now = vendors.NOON + timedelta(hours=10 * hour)
        land(place, centre)
        warehouse.refresh()
        with warehouse.open() as reader:
            counts.append(reader.sql("select day_utc, page, received_at from audit.extraction_ledger order by all").fetchall())
    first, _, last = counts
    assert [page for _, page, _ in first] == list(range(1, 9))
    assert {(day, at.hour) for day, _, at in last} == {(vendors.NOON.date(), 12), (vendors.NOON.date() + timedelta(days=1), 8)}
    assert len(set(last)) == len(last) == 16
