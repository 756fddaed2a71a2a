"""Which days can be trusted, and what is wrong where they cannot."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from genesys_crm_assets import catalogue
from genesys_crm_assets.audit import data_status, reconciliation
from genesys_crm_assets.definitions import ROOMS
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake import lag, layout
from genesys_crm_assets.lake.warehouse import Warehouse
from genesys_crm_assets.raw import genesys_interactions, genesys_queue_totals, salesforce, salesforce_totals
from genesys_crm_assets.staging import genesys_metrics, salesforce_cases
from genesys_crm_assets_tests import builders, lakes
from genesys_crm_assets_tests.audit.days import NEXT, READ_AT, D, Days, totals


def test_a_day_is_described_by_what_stands(tmp_path: Path):
    found = Days(tmp_path).status()
    assert list(found) == [column.name for column in data_status.TABLE.columns]
    assert (found["is_over"], found["is_final"], found["is_reconciled"]) == (True, True, True)
    assert (found["interactions"], found["provisional_interactions"], found["lagging_tables"]) == (1, 0, [])
    assert (found["crm_read_until"], found["last_received_at"]) == (READ_AT, READ_AT)


@pytest.mark.shows("S1-28")
@pytest.mark.parametrize(("limit", "biased"), [("0.30", True), ("1.0", False)])
def test_a_final_day_with_too_few_accounts_is_biased(limit: str, biased: bool, tmp_path: Path):  # noqa: FBT001 - a table of cases
    found = Days(tmp_path, settings={"MAX_NULL_CRM_RATE": limit}).status()
    assert found["null_account_rate"] == 1
    assert found["is_biased"] is biased


def test_a_provisional_day_is_never_called_biased(tmp_path: Path):
    """Attributes, which name most accounts, come with the jobs only."""
    found = Days(tmp_path, until=READ_AT - timedelta(days=3)).status()
    assert (found["is_final"], found["is_biased"], found["provisional_interactions"]) == (False, False, 1)


def test_a_tolerance_is_a_setting(tmp_path: Path):

    wrong = [totals(nOffered=(2, None), tHandle=(1, 330_000.0), tAcw=(1, 30_000.0))]
    assert Days(tmp_path / "a", totals=wrong).status()["is_reconciled"] is False
    assert Days(tmp_path / "b", totals=wrong, settings={"RECONCILIATION_TOLERANCE": "0.5"}).status()["is_reconciled"] is True


def test_a_landing_that_touches_an_earlier_day_shows_it_as_lagging_until_it_is_rebuilt(tmp_path: Path):
    """The view and the code that rebuilds must say the same; both read the papers."""
    days = Days(tmp_path)
    warehouse = days.warehouse()
    lake = days.lake
    late = builders.record(conversationEnd=builders.at("10:30"))

    lake.land(genesys_interactions.TABLE, NEXT, [lakes.page(1, "conversation_jobs", [late], READ_AT + timedelta(days=1))])
    lake.split(NEXT)
    with warehouse.open() as reader:
        query = "select day_utc, lagging_tables from audit.data_status order by day_utc"
        assert reader.execute(query).fetchall()[0] == (D, ["staging_genesys_metrics"])
        assert D in lag.lagging(lake.storage, genesys_metrics.TABLE, genesys_metrics.BODY)
        lake.build(genesys_metrics.TABLE, genesys_metrics.BODY, D)
        assert reader.execute(query).fetchall()[0] == (
            D,
            ["fact_anonymous_interactions", "fact_customer_interactions", "fact_sessions", "interaction_links", "staging_genesys_sessions"],
        )
        lake.settle()
        assert reader.execute(query).fetchall() == [(D, []), (NEXT, [])]


def test_every_table_whose_papers_are_compared_is_declared_as_read():
    """A session shows the papers of what is read only; a table left out would never seem to lag there. Marts lie above this room."""
    with duckdb.connect(":memory:") as engine:
        named = {name for row in engine.execute(dict(data_status.BODY.steps)["follows"]).fetchall() for name in row}
    layers = {table.name: table.layer for table, _ in catalogue.of(ROOMS).entries}
    read = {read.table.name for read in data_status.BODY.reads}
    assert [name for name in sorted(named - read) if layers[name] != "marts"] == []


def _agree(days: Days, warehouse: Warehouse) -> dict[date, list[str]]:
    """What lags of the landed days below the marts, which the view and the code that rebuilds say alike."""
    entries = [(table, body) for table, body in catalogue.of(ROOMS).entries if table.daily and body.follows and table.layer != "marts"]
    behind = [(day, table.name) for table, body in entries for day in lag.lagging(days.lake.storage, table, body)]
    with warehouse.open() as reader:
        seen = dict(reader.execute("select day_utc, lagging_tables from audit.data_status").fetchall())
    assert {day: sorted(tables) for day, tables in seen.items()} == {
        day: sorted(name for one, name in behind if one == day) for day in seen
    }
    return {day: tables for day, tables in seen.items() if tables}


def test_the_view_and_the_code_that_rebuilds_say_the_same_of_every_kind_of_lag(tmp_path: Path):
    """Absent, another source, another reading of the vendor, later tellings, another order, and what an unsettled day awaits."""
    open_ended = builders.record(conversationEnd=builders.ABSENT)
    days = Days(tmp_path, told={D: [open_ended], NEXT: [open_ended]}, totals=[totals(nOffered=(9, None))], counted=(1, 0))
    warehouse, lake = days.warehouse(), days.lake

    def land(day: date, record: bytes, hours: int) -> None:
        lake.land(
            genesys_interactions.TABLE, day, [lakes.page(1, "conversation_jobs", [record], READ_AT + timedelta(hours=hours), until=READ_AT)]
        )
        lake.split(day)

    def rebuilt(day: date = D) -> None:
        lake.settle()
        lake.build(reconciliation.TABLE, reconciliation.BODY, day)

    assert _agree(days, warehouse) == {}
    land(D, open_ended, 30)
    assert _agree(days, warehouse) == {}, "the same bytes win in any order, and explain as much"
    land(NEXT, builders.record(), 40)
    assert {"staging_genesys_metrics", "reconciliation"} <= set(_agree(days, warehouse)[D])
    rebuilt()
    assert _agree(days, warehouse) == {}
    land(D, open_ended, 50)
    assert "staging_genesys_metrics" in _agree(days, warehouse)[D], "received last, the other telling wins"
    rebuilt()
    assert _agree(days, warehouse) == {}
    read_twice = lakes.readings((True, READ_AT, READ_AT), (True, READ_AT, READ_AT))
    for table in (salesforce.CASES, salesforce.USERS):
        lake.land(table, D, [], read_twice)
    assert _agree(days, warehouse) == {D: ["staging_salesforce_cases", "staging_salesforce_users"]}
    lake.build(salesforce_cases.TABLE, salesforce_cases.BODY, D)
    assert _agree(days, warehouse) == {D: ["reconciliation", "staging_salesforce_users"]}
    Path(lake.storage.url(layout.object_key(interaction_links.TABLE, D))).unlink()
    lake.land(genesys_queue_totals.TABLE, NEXT, [])
    lake.land(salesforce_totals.TABLE, NEXT, [])
    found = _agree(days, warehouse)
    assert found[NEXT] == ["reconciliation"]
    assert "interaction_links" in found[D]


def test_an_unsettled_day_awaits_what_its_own_paper_names(tmp_path: Path):
    days = Days(tmp_path, crm_until=READ_AT - timedelta(days=3))
    warehouse = days.warehouse()
    assert _agree(days, warehouse) == {}
    days.lake.land(salesforce.USERS, NEXT, [], lakes.readings((False, READ_AT, READ_AT)))
    assert _agree(days, warehouse) == {}, "whether a day is final depends on the CRM of days up to it"
    days.lake.land(salesforce.USERS, D, [], lakes.readings((False, READ_AT, READ_AT)))
    assert "reconciliation" in _agree(days, warehouse)[D]


def test_days_that_were_never_landed_are_absent(tmp_path: Path):
    with Days(tmp_path).warehouse().open() as reader:
        assert reader.execute("select day_utc from audit.data_status").fetchall() == [(D,)]
