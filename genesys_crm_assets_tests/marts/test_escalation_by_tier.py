"""The escalation rate by tier (S1-26, §6.8), worked by hand."""

from datetime import date, timedelta

import duckdb
import pytest

from genesys_crm_assets.marts import escalation_by_tier
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, World


def on(engine: duckdb.DuckDBPyConnection, name: str, day: date) -> None:
    """Move an interaction to another day; links and facts are built for one."""
    engine.execute("update facts.fact_customer_interactions set day_utc = $day where interaction_id = $name", {"day": day, "name": name})


def answers(engine: duckdb.DuckDBPyConnection) -> dict[str, dict[str, object]]:
    return {row["customer_tier"]: row for row in running.rows(escalation_by_tier.BODY, engine)}


@pytest.mark.shows("S1-26")
def test_rates_times_and_values_by_tier_in_order_of_value():
    world = World()
    pro, enterprise = world.account(1, customer_tier="Pro", ltv_usd=100.0), world.account(2, customer_tier="Enterprise", ltv_usd=900.0)
    second = world.account(3, customer_tier="Enterprise", ltv_usd=600.0)
    untiered = world.account(4, ltv_usd=5.0)
    for number, escalated in enumerate((True, False, False)):
        world.interaction(f"pro {number}", crm_account_id=pro, was_escalated=escalated, handle_time_ms=number * 60_000)
    world.interaction("big", crm_account_id=enterprise, was_escalated=True)
    world.interaction("big again", crm_account_id=enterprise)
    world.interaction("other big", crm_account_id=second, handle_time_ms=0)
    world.interaction("untiered", crm_account_id=untiered)
    world.interaction("nobody", was_escalated=True)
    with world.marts() as engine:
        found = running.rows(escalation_by_tier.BODY, engine)
    assert found == [
        {
            "customer_tier": "Enterprise",
            "total_contacts": 3,
            "escalations": 1,
            "escalation_rate_pct": 33.3,
            "avg_handle_time_minutes": 1.0,
            "avg_customer_ltv": 800.0,
        },
        {
            "customer_tier": "Pro",
            "total_contacts": 3,
            "escalations": 1,
            "escalation_rate_pct": 33.3,
            "avg_handle_time_minutes": 1.5,
            "avg_customer_ltv": 100.0,
        },
    ]
    assert list(found[0]) == [column.name for column in escalation_by_tier.TABLE.columns]


@pytest.mark.shows("S1-26")
def test_thirty_days_end_with_the_last_final_day():
    world = World()
    account = world.account(1, customer_tier="Pro")
    for ago in (0, 1, 30, 31):
        world.interaction(f"ago {ago}", crm_account_id=account)
    with world.marts(ago_1=False, ago_2=False) as engine:
        engine.execute("insert into audit.data_status values ($day, false, false)", {"day": DAY})
        for ago in (0, 1, 30, 31):
            on(engine, f"ago {ago}", DAY - timedelta(days=ago))
        assert answers(engine)["Pro"]["total_contacts"] == 2, "the day under way and the thirty-first before the last final one are out"


def test_without_a_final_day_there_is_no_answer():
    world = World()
    world.interaction(crm_account_id=world.account(1, customer_tier="Pro"))
    with world.marts() as engine:
        engine.execute("update audit.data_status set is_final = false")
        assert answers(engine) == {}


@pytest.mark.shows("S1-26")
@pytest.mark.parametrize(("policy", "contacts"), [("flag", 2), ("block", 1)])
def test_biased_days_are_left_out_where_the_policy_blocks(policy: str, contacts: int):
    world = World(told={"NULL_CRM_POLICY": policy})
    account = world.account(1, customer_tier="Pro")
    world.interaction("today", crm_account_id=account)
    world.interaction("yesterday", crm_account_id=account)
    with world.marts(ago_0=False, ago_1=True) as engine:
        on(engine, "yesterday", DAY - timedelta(days=1))
        assert answers(engine)["Pro"]["total_contacts"] == contacts
