"""What a person must look at, one row per interaction and reason (§6.5)."""

import pytest

from genesys_crm_assets.facts import quarantine_interactions
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import NOON, World, an_id, minutes


@pytest.mark.shows("S0-70", "S0-41")
def test_each_reason_has_its_row_and_the_interaction_stays_in_its_fact():
    world = World()
    contact = world.contact()
    case = world.case(contact_id=contact, created_at=NOON + minutes(60))
    world.interaction("two reasons", crm_contact_id=contact, crm_account_id=an_id("account", 9))
    world.interaction("anonymous", crm_case_id=an_id("case", 9))
    world.interaction("no reason")
    with world.warehouse() as engine:
        found = running.dicts(engine.execute("select * from facts.quarantine_interactions order by interaction_id, reason"))
        (facts,) = engine.execute(
            "select (select count(*) from facts.fact_customer_interactions), (select count(*) from facts.fact_anonymous_interactions)"
        ).fetchall()
    shown = [(row["interaction_id"], row["reason"], row["told_id"], row["nearest_case_id"]) for row in found]
    assert shown == [
        ("anonymous", "unknown_crm_id", an_id("case", 9), None),
        ("two reasons", "no_case_in_window", None, case),
        ("two reasons", "unknown_crm_id", an_id("account", 9), None),
    ]
    assert {row["nearest_case_offset_ms"] for row in found} == {None, 3_600_000}
    assert facts == (1, 2)


def test_no_reason_holds_a_value_of_what_was_told():
    world = World()
    world.contact(1, phones=[{"field": "Phone", "told": "x", "normalised": "+12025550101"}])
    world.contact(2, phones=[{"field": "Phone", "told": "x", "normalised": "+12025550101"}])
    world.interaction(customer_phone="+12025550101", customer_address="tel:+12025550101")
    row = world.fact(quarantine_interactions.TABLE)
    assert (row["reason"], row["detail"]) == ("ambiguous_identity", "phone")


def test_the_proof_sees_a_reason_that_was_not_set_aside():
    world = World()
    world.interaction(crm_case_id=an_id("case", 9))
    with world.warehouse() as engine:
        assert not any(running.verdicts(quarantine_interactions.TABLE, quarantine_interactions.BODY, engine, []).values())
