"""Opportunities by hand: amounts and days that Salesforce tells as values and history as text are one and the same (§6.4)."""

from datetime import date

import pytest

from genesys_crm_assets.dimensions import salesforce_opportunity
from genesys_crm_assets_tests.dimensions.crm import Crm, at

DEAL = "006000000000001AAA"
BEFORE, AFTER = date(2026, 3, 1), date(2026, 4, 15)


def told() -> Crm:
    return Crm(salesforce_opportunity)


@pytest.mark.shows("S0-60")
@pytest.mark.parametrize("text", ["12000", "12000.0", "12000.00", "1.2E4", "1.2e+4"])
def test_an_amount_is_the_same_however_history_spells_it(text: str):
    crm = told()
    crm.tell(100, DEAL, amount=12000.00)
    crm.tell(200, DEAL, amount=12000.00)
    crm.change(50, "Amount", "9000", text, record=DEAL)
    assert crm.story("amount", DEAL) == [(0, 9000.0, "created"), (50, 12000.0, "history")]
    assert crm.proofs()["history_rows_that_do_not_fit_are_counted"]["old_values_unfitting"] == 0


def test_a_change_to_another_spelling_of_the_same_amount_makes_no_version():
    crm = told()
    crm.tell(100, DEAL, amount=12000.0)
    crm.change(50, "Amount", "12000", "12000.00", record=DEAL)
    assert crm.story("amount", DEAL) == [(0, 12000.0, "created")]


@pytest.mark.parametrize("text", ["2026-04-15", "2026-04-15T00:00:00.000Z", "2026-04-15T00:00:00.000+0000"])
def test_a_close_date_is_the_same_however_history_spells_it(text: str):
    crm = told()
    crm.tell(100, DEAL, close_date=AFTER)
    crm.change(50, "CloseDate", "2026-03-01", text, record=DEAL)
    assert crm.story("close_date", DEAL) == [(0, BEFORE, "created"), (50, AFTER, "history")]


def test_amounts_and_days_become_null_and_come_back():
    crm = told()
    crm.tell(300, DEAL, amount=0.0, close_date=AFTER)
    crm.change(100, "Amount", "5", None, record=DEAL)
    crm.change(200, "Amount", None, "0", record=DEAL)
    crm.change(100, "CloseDate", "2026-03-01", None, record=DEAL)
    crm.change(200, "CloseDate", None, "2026-04-15", record=DEAL)
    assert [(row["amount"], row["close_date"]) for row in crm.versions()] == [(5.0, BEFORE), (None, None), (0.0, AFTER)]


@pytest.mark.parametrize(
    ("field", "column", "text", "value"), [("Amount", "amount", "EUR 5", 5.0), ("CloseDate", "close_date", "15/04", AFTER)]
)
def test_a_history_value_that_is_none_of_its_column_is_left_to_the_tellings(field: str, column: str, text: str, value: object):
    crm = told()
    crm.tell(10, DEAL)
    crm.tell(100, DEAL, **{column: value})
    crm.change(100, field, None, text, record=DEAL)
    assert crm.story(column, DEAL) == [(0, None, "created"), (100, value, "observed")]


@pytest.mark.shows("S0-60", "S0-61")
def test_an_opportunity_that_moved_was_won_and_reopened_has_a_version_of_each_stage():
    """Worked by hand: amount and stage in one second make one version; the reopening was read and not tracked."""
    crm = told()
    crm.tell(300, DEAL, stage_name="Closed Won", amount=150.0)
    crm.tell(400, DEAL, stage_name="Negotiation", amount=150.0)
    crm.change(100, "StageName", "Prospecting", "Negotiation", record=DEAL)
    crm.change(200.2, "StageName", "Negotiation", "Closed Won", record=DEAL)
    crm.change(200.7, "Amount", "100", "150", record=DEAL)
    assert [(row["valid_from"], row["stage_name"], row["amount"], row["change_source"]) for row in crm.versions()] == [
        (at(0), "Prospecting", 100.0, "created"),
        (at(100), "Negotiation", 100.0, "history"),
        (at(200.2), "Closed Won", 150.0, "history"),
        (at(400), "Negotiation", 150.0, "observed"),
    ]
    assert {row["surviving_id"] for row in crm.versions()} == {DEAL}


@pytest.mark.shows("S0-47")
def test_a_deleted_opportunity_lives_on_nowhere():
    crm = told()
    crm.tell(10, DEAL, stage_name="Proposal")
    crm.tell(100, DEAL, stage_name="Proposal", is_deleted=True)
    assert [(row["valid_to"], row["is_current"], row["surviving_id"]) for row in crm.versions()] == [(at(100), False, None)]
