"""Interactions of nobody are kept in a fact of their own (S0-79)."""

import pytest

from genesys_crm_assets.facts import anonymous_interactions, customer_interactions
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import World, reached


@pytest.mark.shows("S0-50", "S0-79", "S0-35")
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


@pytest.mark.shows("S0-35", "S0-40", "S0-78", "S0-79")
def test_where_an_adapter_lost_the_external_contact_rows_change_their_fact_and_none_is_lost_or_renamed():
    """Whoever is known by something else stays a customer; whoever is not is nobody's, under the same key."""

    def keys(external_contact: str | None) -> dict[str, dict[str, str]]:
        world = World()
        person = world.contact(phones=reached("Phone", "+12025550101"))
        world.interaction("by number too", external_contact_id=external_contact and person, customer_phone="+12025550101")
        world.interaction("by it alone", external_contact_id=external_contact and person)
        with world.warehouse() as engine:
            select = "select interaction_id, interaction_key from facts.fact_{}_interactions"
            return {fact: dict(engine.execute(select.format(fact)).fetchall()) for fact in ("customer", "anonymous")}

    told, lost = keys("told"), keys(None)
    assert (sorted(told["customer"]), sorted(told["anonymous"])) == (["by it alone", "by number too"], [])
    assert (sorted(lost["customer"]), sorted(lost["anonymous"])) == (["by number too"], ["by it alone"])
    assert {**lost["customer"], **lost["anonymous"]} == told["customer"]


def test_both_facts_have_the_shared_columns_in_one_order():
    shared = anonymous_interactions.TABLE.columns
    assert customer_interactions.TABLE.columns[: len(shared)] == shared


@pytest.mark.shows("S0-35", "S0-79")
def test_the_proof_sees_a_row_that_is_in_neither_fact():
    world = World()
    world.interaction("known", crm_contact_id=world.contact())
    world.interaction("unknown")
    with world.warehouse() as engine:
        found = running.rows(anonymous_interactions.BODY, engine)
        assert all(running.verdicts(anonymous_interactions.TABLE, anonymous_interactions.BODY, engine, found).values())
        assert not any(running.verdicts(anonymous_interactions.TABLE, anonymous_interactions.BODY, engine, []).values())
