"""Opportunities and their field history as staged, and that days without any change nothing (§6.4)."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets.dimensions import salesforce_opportunity
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.staging import salesforce_field_history, salesforce_opportunities
from genesys_crm_assets_tests import lakes
from genesys_crm_assets_tests.lakes import SmallLake

FIRST = date(2026, 1, 1)
READ_AT = datetime(2026, 1, 3)  # noqa: DTZ001 - as DuckDB's timestamps are
DEAL = {
    "Id": "006000000000001",
    "AccountId": "001000000000001AAA",
    "OwnerId": "005000000000001",
    "StageName": "Closed Won",
    "Amount": 12000.0,
    "CloseDate": "2026-02-28",
    "CreatedDate": "2026-01-01T10:00:00.000+0000",
    "SystemModstamp": "2026-01-02T10:00:00.000+0000",
    "IsDeleted": False,
}
CHANGE = {
    "Id": "017000000000001",
    "OpportunityId": "006000000000001",
    "CreatedDate": "2026-01-02T10:00:00.000+0000",
    "IsDeleted": False,
}


def land(lake: SmallLake, day: date, records: list[dict[str, Any]], changes: list[dict[str, Any]], *, baseline: bool = False) -> None:
    """One day of opportunities and of their field history, landed and staged."""
    papers = lakes.readings((baseline, READ_AT + timedelta(hours=1), READ_AT))
    lake.land(salesforce.OPPORTUNITIES, day, [lakes.record("Opportunity", told, READ_AT) for told in records], papers)
    rows = [lakes.record("OpportunityFieldHistory", told, READ_AT, "CreatedDate") for told in changes]
    lake.land(salesforce.FIELD_HISTORY, day, rows, papers)
    lake.build(salesforce_opportunities.TABLE, salesforce_opportunities.BODY, day)
    lake.build(salesforce_field_history.TABLE, salesforce_field_history.BODY, day)


@pytest.mark.shows("S1-22")
def test_an_opportunity_is_typed_and_its_ids_have_eighteen_characters(tmp_path: Path):
    lake = SmallLake(tmp_path, FIRST)
    land(lake, FIRST, [DEAL], [])
    (row,) = lake.rows(salesforce_opportunities.TABLE)
    said = {name: row[name] for name in ("opportunity_id", "account_id", "owner_id", "stage_name", "amount", "close_date", "is_deleted")}
    assert said == {
        "opportunity_id": "006000000000001AAA",
        "account_id": "001000000000001AAA",
        "owner_id": "005000000000001AAA",
        "stage_name": "Closed Won",
        "amount": 12000.0,
        "close_date": date(2026, 2, 28),
        "is_deleted": False,
    }
    assert row["created_at"] == datetime(2026, 1, 1, 10)  # noqa: DTZ001 - as DuckDB's timestamps are


@pytest.mark.parametrize(("field", "value"), [("Amount", "12,000"), ("CloseDate", "28.02.2026"), ("CloseDate", 20260228)])
def test_a_value_of_another_type_is_refused_and_never_coerced(field: str, value: object, tmp_path: Path):
    """F-40."""
    with pytest.raises(ContractBroken, match=rf"Opportunity\.{field} was told with another type"):
        land(SmallLake(tmp_path, FIRST), FIRST, [{**DEAL, field: value}], [])


def test_what_is_empty_is_null(tmp_path: Path):
    lake = SmallLake(tmp_path, FIRST)
    land(lake, FIRST, [{**DEAL, "Amount": None, "CloseDate": None, "AccountId": None}], [])
    (row,) = lake.rows(salesforce_opportunities.TABLE)
    assert (row["amount"], row["close_date"], row["account_id"]) == (None, None, None)


def test_field_history_of_an_opportunity_is_told_as_of_an_opportunity(tmp_path: Path):
    """The sObject is OpportunityFieldHistory; what changed is an Opportunity, and a number in it stays as history tells it."""
    lake = SmallLake(tmp_path, FIRST)
    land(lake, FIRST, [], [{**CHANGE, "Field": "Amount", "OldValue": 9000, "NewValue": 12000.0}])
    (row,) = lake.rows(salesforce_field_history.TABLE)
    assert (row["object"], row["record_id"], row["field"], row["old_value"], row["new_value"]) == (
        "Opportunity",
        "006000000000001AAA",
        "Amount",
        "9000",
        "12000.0",
    )


@pytest.mark.shows("S0-63")
def test_a_day_that_tells_nothing_leaves_the_dimension_as_it_is(tmp_path: Path):
    """An empty extract ends no version: what was not told has not changed."""
    lake = SmallLake(tmp_path, FIRST)
    land(lake, FIRST, [DEAL], [{**CHANGE, "Field": "Amount", "OldValue": 9000, "NewValue": 12000}], baseline=True)
    before = lake.build(salesforce_opportunity.TABLE, salesforce_opportunity.BODY)
    rows = sorted(lake.rows(salesforce_opportunity.TABLE), key=lambda row: row["valid_from"])
    assert [(row["amount"], row["change_source"], row["is_current"]) for row in rows] == [
        (9000.0, "created", False),
        (12000.0, "history", True),
    ]
    for later in (1, 2):
        land(lake, FIRST + timedelta(days=later), [], [])
    assert lake.build(salesforce_opportunity.TABLE, salesforce_opportunity.BODY).content == before.content
