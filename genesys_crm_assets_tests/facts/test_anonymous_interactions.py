"""Interactions of nobody are kept in a fact of their own (S0-79)."""

import pytest

from genesys_crm_assets.facts import anonymous_interactions, customer_interactions
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import World


@pytest.mark.shows("S0-50", "S0-79")
def test_customer_and_anonymous_rows_are_every_staged_row_and_none_is_both():
    world = World()
    world.interaction("known", crm_contact_id=world.contact())
    world.interaction("unknown", customer_phone="+12025550101", queue_ids=["q1", "q2"], talk_time_ms=7, was_escalated=True)
    with world.warehouse() as engine:
        anonymous = running.dicts(engine.execute("select * from facts.fact_anonymous_interactions"))
        customers = running.dicts(engine.execute("select * from facts.fact_customer_interactions"))
    assert [row["interaction_id"] for row in customers] == ["known"]
    assert [row["interaction_id"] for row in anonymous] == ["unknown"]
    assert (anonymous[0]["queue_ids"], anonymous[0]["talk_time_ms"], anonymous[0]["was_escalated"]) == (["q1", "q2"], 7, True)


def test_both_facts_have_the_shared_columns_in_one_order():
    shared = anonymous_interactions.TABLE.columns
    assert customer_interactions.TABLE.columns[: len(shared)] == shared


def test_the_proof_sees_a_row_that_is_in_neither_fact():
    world = World()
    world.interaction("known", crm_contact_id=world.contact())
    world.interaction("unknown")
    with world.warehouse() as engine:
        found = running.rows(anonymous_interactions.BODY, engine)
        assert all(running.verdicts(anonymous_interactions.TABLE, anonymous_interactions.BODY, engine, found).values())
        assert not any(running.verdicts(anonymous_interactions.TABLE, anonymous_interactions.BODY, engine, []).values())
