"""What a bot handles alone, by industry (S1-27, §6.8), worked by hand."""

from datetime import timedelta

import pytest

from genesys_crm_assets.marts import bot_containment_by_industry
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, World
from genesys_crm_assets_tests.marts.test_escalation_by_tier import on


@pytest.mark.shows("S1-27")
def test_rates_by_industry_at_the_interaction():
    world = World()
    banking, retail = world.account(1, industry="Banking"), world.account(2, industry="Retail")
    for number in range(3):
        world.interaction(f"bank {number}", crm_account_id=banking, handled_by_bot_only=number == 0, abandoned=number > 0)
    world.interaction("shop", crm_account_id=retail, handled_by_bot_only=True)
    world.interaction("of no industry", crm_account_id=world.account(3), handled_by_bot_only=True)
    world.interaction("nobody's", handled_by_bot_only=True)
    with world.marts() as engine:
        found = running.rows(bot_containment_by_industry.BODY, engine)
    assert found == [
        {"industry": "Banking", "total_contacts": 3, "bot_containment_pct": 33.3, "abandon_rate_pct": 66.7},
        {"industry": "Retail", "total_contacts": 1, "bot_containment_pct": 100.0, "abandon_rate_pct": 0.0},
    ]
    assert list(found[0]) == [column.name for column in bot_containment_by_industry.TABLE.columns]


@pytest.mark.shows("S1-27")
def test_seven_final_days_count_and_none_between_them_that_is_not_final():
    """§6.8: the last 7 final days, which need not follow each other; today and the day before yesterday are not final yet."""
    world = World()
    banking = world.account(1, industry="Banking")
    days = (0, 1, 2, 3, 8, 9)
    for ago in days:
        world.interaction(f"ago {ago}", crm_account_id=banking)
    with world.marts(**{f"ago_{ago}": False for ago in (1, 3, 4, 5, 6, 7, 8, 9)}) as engine:
        for ago in days:
            on(engine, f"ago {ago}", DAY - timedelta(days=ago))
        (found,) = running.rows(bot_containment_by_industry.BODY, engine)
    assert found["total_contacts"] == 3, "the ninth day before today is the eighth-last final one"


@pytest.mark.shows("S1-28")
@pytest.mark.parametrize(("policy", "contacts"), [("flag", 2), ("block", 1)])
def test_biased_days_are_left_out_where_the_policy_blocks(policy: str, contacts: int):
    world = World(told={"NULL_CRM_POLICY": policy})
    banking = world.account(1, industry="Banking")
    world.interaction("today", crm_account_id=banking)
    world.interaction("yesterday", crm_account_id=banking)
    with world.marts(ago_0=False, ago_1=True) as engine:
        on(engine, "yesterday", DAY - timedelta(days=1))
        (found,) = running.rows(bot_containment_by_industry.BODY, engine)
    assert found["total_contacts"] == contacts
