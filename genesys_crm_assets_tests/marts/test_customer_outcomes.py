"""What became of each tier's customers, month by month (S1-1, §6.8), worked by hand."""

from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from genesys_crm_assets.marts import customer_outcomes
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, LONG_AGO, NOON, World, minutes

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
END_OF_JANUARY = datetime(2026, 2, 1, 4, 59, 59, 999_000)  # noqa: DTZ001 - UTC, as DuckDB's timestamps are; 23:59:59.999 in New York


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - as DuckDB's timestamps are


def answers(engine: duckdb.DuckDBPyConnection) -> dict[tuple[date, str], dict[str, Any]]:
    return {(row["month"], row["customer_tier"]): row for row in running.rows(customer_outcomes.BODY, engine)}


def move(engine: duckdb.DuckDBPyConnection, name: str, moment: datetime, tier: str) -> None:
    """Let an interaction have begun at another moment, of a customer of that tier; links and facts are built for one day."""
    engine.execute(
        "update facts.fact_customer_interactions set interaction_timestamp_utc = $moment, customer_tier = $tier where interaction_id = $name",
        {"moment": moment, "tier": tier, "name": name},
    )


def cases(world: World, customer: str, untiered: str) -> None:
    world.case(1, account_id=customer, created_at=at(2, 1, 4), closed_at=at(2, 20, 4))
    world.case(2, account_id=customer, created_at=at(2, 10), closed_at=at(2, 10, 2))
    world.case(3, account_id=customer, created_at=at(2, 10), closed_at=at(2, 10, 10))
    world.case(4, (at(3, 2), {"account_id": customer}), account_id=untiered, created_at=at(3, 1, 12), closed_at=at(3, 3, 12))
    world.case(5, account_id=customer, created_at=at(2, 10), closed_at=at(2, 11), ended=at(2, 12))
    world.case(6, created_at=at(3, 5))
    world.case(7, account_id=customer, created_at=at(3, 5), closed_at=at(3, 11, 1))


def opportunities(world: World, customer: str) -> None:
    def sell(number: int, created: datetime, amount: float | None, *versions: tuple[datetime, dict[str, Any]], **values: Any) -> None:
        told = {"account_id": customer, "stage_name": "Proposal", "amount": amount, "created_at": created, **values}
        world.opportunity(number, *versions, **told)

    won, again, lost = {"stage_name": "Closed Won"}, {"stage_name": "Proposal"}, {"stage_name": "Closed Lost"}
    sell(1, at(1, 10), 100.0, (END_OF_JANUARY, {**won, "amount": 120.0}), (at(2, 3), {"amount": 125.0}))
    sell(2, at(1, 10), 50.0, (at(2, 20), {"amount": 70.0}))
    sell(3, at(1, 10, 5), 10.0, (at(1, 20), won), (at(2, 10), again), (at(3, 2), {**won, "amount": 15.0}))
    sell(4, at(2, 1, 12), 1000.0, (at(2, 2), won), (at(3, 1, 12), again))
    sell(5, at(1, 10), 7.0, (at(2, 5), lost))
    sell(6, at(2, 1, 12), 3000.0, (at(2, 2), won), ended=at(3, 1, 12))
    sell(7, at(3, 1, 12), None, (at(3, 5), won), account_id=None)
    sell(8, at(3, 11), 5000.0)
    sell(9, datetime(2025, 12, 1), 9999.0, (datetime(2025, 12, 5), won))  # noqa: DTZ001 - likewise


@pytest.mark.shows("S1-1")
def test_contacts_cases_satisfaction_revenue_and_pipeline_by_tier_and_month():
    """New York's January ends at 05:00 UTC; the customer became Enterprise in the middle of February; the last final day is 10 March."""
    world = World(told={"REPORTING_TIMEZONE": "America/New_York"})
    customer = world.account(1, (at(2, 15), {"customer_tier": "Enterprise"}), customer_tier="Basic")
    untiered = world.account(2)
    cases(world, customer, untiered)
    opportunities(world, customer)
    world.interaction("happy", crm_account_id=customer, csat_score=5.0)
    world.interaction("content", crm_account_id=customer, csat_score=4.0)
    world.interaction("in January", crm_account_id=customer, csat_score=1.0)
    world.interaction("untiered", crm_account_id=untiered)
    world.interaction("nobody", csat_score=2.0)
    with world.marts() as engine:
        move(engine, "in January", END_OF_JANUARY, "Basic")
        found = running.rows(customer_outcomes.BODY, engine)
    names = [column.name for column in customer_outcomes.TABLE.columns]
    assert found == [
        dict(zip(names, row, strict=True))
        for row in (
            ("Basic", JANUARY, 1, 1, 0, 0.0, None, 1.0, 120.0, 57.0),
            ("Basic", FEBRUARY, 0, 2, 2, 1.0, 6.0, None, 0.0, 0.0),
            ("Enterprise", FEBRUARY, 0, 0, 1, None, 456.0, None, 0.0, 80.0),
            ("Enterprise", MARCH, 2, 1, 1, 1.0, 48.0, 4.5, 15.0, 1070.0),
            ("Unknown", MARCH, 1, 2, 0, 0.0, None, None, 0.0, 0.0),
        )
    ]


def test_the_view_has_its_contracts_columns_and_types():
    with World().marts() as engine:
        found = running.dicts(engine.execute(f"describe {customer_outcomes.BODY.sql}"))
    assert {row["column_name"]: row["column_type"].lower() for row in found} == {
        column.name: column.type for column in customer_outcomes.TABLE.columns
    }


def test_a_month_ends_with_the_last_final_day_and_without_one_there_is_no_answer():
    world = World()
    account = world.account(1, customer_tier="Pro")
    world.opportunity(1, (NOON, {"stage_name": "Closed Won"}), account_id=account, stage_name="Proposal", amount=5.0)
    world.interaction(crm_account_id=account)
    with world.marts(ago_1=False) as engine:
        found = answers(engine)
        assert list(found) == [(JANUARY, "Pro"), (FEBRUARY, "Pro"), (MARCH, "Pro")]
        row = found[MARCH, "Pro"]
        assert (row["contacts"], row["revenue"], row["pipeline"]) == (0, 0.0, 5.0), "what the day under way brought is out"
        engine.execute("update audit.data_status set is_final = false")
        assert answers(engine) == {}


def test_a_case_counts_for_the_first_tier_of_a_younger_account_and_for_the_last_of_a_deleted_one():
    world = World()
    young = world.account(1, (NOON, {"customer_tier": "Pro"}), customer_tier="Basic", created_at=NOON - minutes(5))
    gone = world.account(2, (at(2, 1), {"customer_tier": "Enterprise"}), customer_tier="Pro", ended=at(2, 2))
    world.case(1, account_id=young, created_at=LONG_AGO)
    world.case(2, account_id=gone, created_at=at(3, 1))
    with world.marts() as engine:
        assert {place: row["cases_created"] for place, row in answers(engine).items()} == {(JANUARY, "Basic"): 1, (MARCH, "Enterprise"): 1}


def test_what_an_org_cannot_tell_is_null_and_not_nought():
    world = World(told={"SOURCES_ABSENT": "cases,opportunities"})
    world.interaction(crm_account_id=world.account(1, customer_tier="Pro"))
    with world.marts() as engine:
        (row,) = running.rows(customer_outcomes.BODY, engine)
    said = {"customer_tier": "Pro", "month": MARCH, "contacts": 1}
    assert row == {**dict.fromkeys(row), **said}


@pytest.mark.parametrize(("policy", "contacts"), [("flag", 2), ("block", 1)])
def test_contacts_of_biased_days_are_left_out_where_the_policy_blocks(policy: str, contacts: int):
    world = World(told={"NULL_CRM_POLICY": policy})
    account = world.account(1, customer_tier="Pro")
    for name in ("today", "yesterday"):
        world.interaction(name, crm_account_id=account)
    with world.marts(ago_0=False, ago_1=True) as engine:
        engine.execute("update facts.fact_customer_interactions set day_utc = $day - 1 where interaction_id = 'yesterday'", {"day": DAY})
        assert answers(engine)[MARCH, "Pro"]["contacts"] == contacts


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"])
def test_every_case_is_created_in_exactly_one_month_of_any_zone(zone: str):
    world = World(told={"REPORTING_TIMEZONE": zone})
    account = world.account(1, customer_tier="Pro")
    moments = [at(2, 1) + minutes(number * 15) for number in range(-96, 96)]
    for number, moment in enumerate(moments):
        world.case(number, account_id=account, created_at=moment)
    with world.marts() as engine:
        assert sum(row["cases_created"] for row in answers(engine).values()) == len(moments)


def test_a_month_ends_once_though_its_last_midnight_strikes_twice():
    """Havana's clocks go back from 1:00 to 0:00 on 1 November 2026: October ends at the first of the two midnights, 04:00 UTC."""
    world = World(told={"REPORTING_TIMEZONE": "America/Havana"})
    world.opportunity(1, account_id=world.account(1, customer_tier="Pro"), stage_name="Proposal", amount=10.0, created_at=at(10, 2))
    with world.marts() as engine:
        engine.execute("update audit.data_status set day_utc = date '2026-11-20' where is_final")
        found = {month: row["pipeline"] for (month, _), row in answers(engine).items()}
    assert found == {date(2026, 10, 1): 10.0, date(2026, 11, 1): 10.0}
