"""A day of the sandbox, through every table: the vendors' totals and ours are the same, and the days say so."""

import pytest

from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House


@pytest.mark.shows("S0-64", "S0-65")
def test_a_day_of_the_sandbox_adds_up_to_the_last_millisecond(undisturbed: House):
    """Genesys' own aggregates against `fact_queue_activity`, and Salesforce's counts against our Cases: no variance at all."""
    status = undisturbed.rows("select is_final, is_reconciled, largest_variance, lagging_tables from audit.data_status order by day_utc")
    assert status[0] == (True, True, 0.0, [])
    compared = undisturbed.rows(
        f"select comparison, count(*), sum(source_value) > 0, max(abs(source_value - our_value)) from audit.reconciliation "
        f"where day_utc = date '{house.FIRST}' group by comparison order by comparison"
    )
    assert [(row[0], row[2], row[3]) for row in compared] == [("cases", True, 0.0), ("queue_activity", True, 0.0)]
    assert compared[1][1] > 20


@pytest.mark.shows("S2-44", "S0-33")
def test_every_request_for_records_stands_in_the_ledger(undisturbed: House):
    """Of each raw table and day at least one page, with its hash, its count and who landed it."""
    found = undisturbed.rows(
        "select table_name, day_utc, count(*), bool_and(length(body_sha256) = 64) from audit.extraction_ledger group by all"
    )
    assert {(name, day) for name, day, _, _ in found} >= {
        (f"raw_{name}", day)
        for name in ("genesys_interactions", "genesys_queue_totals", "salesforce_cases", "salesforce_field_history", "salesforce_totals")
        for day in (house.FIRST, house.SECOND)
    }
    assert all(hashed for *_, hashed in found)
