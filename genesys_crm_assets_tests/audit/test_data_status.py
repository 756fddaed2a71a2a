"""Which days can be trusted, and what is wrong where they cannot."""

from datetime import timedelta
from pathlib import Path

import pytest

from genesys_crm_assets.audit import data_status
from genesys_crm_assets.lake import lag
from genesys_crm_assets.raw import genesys_interactions
from genesys_crm_assets.staging import genesys_metrics
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
            ["fact_anonymous_interactions", "fact_customer_interactions", "interaction_links"],
        )
        lake.settle()
        assert reader.execute(query).fetchall() == [(D, []), (NEXT, [])]


def test_days_that_were_never_landed_are_absent(tmp_path: Path):
    with Days(tmp_path).warehouse().open() as reader:
        assert reader.execute("select day_utc from audit.data_status").fetchall() == [(D,)]
