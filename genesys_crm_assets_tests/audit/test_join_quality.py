"""How interactions were linked, counted (§6.9)."""

import pytest

from genesys_crm_assets.audit import join_quality
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, NOON, World, minutes


@pytest.mark.shows("S0-57")
def test_join_quality_counts_every_interaction_once_by_method_and_rule():
    world = World()
    told_customer, other = world.contact(1), world.contact(2)
    born = world.case(1, contact_id=told_customer, created_at=NOON)
    older = world.case(2, contact_id=told_customer, created_at=NOON - minutes(60))
    world.case(3, contact_id=other, created_at=NOON - minutes(60))
    world.interaction("told", crm_case_id=born, crm_contact_id=told_customer)
    world.interaction("told alone", crm_case_id=older)
    world.interaction("blind", crm_contact_id=other)
    world.interaction("caseless", crm_contact_id=world.contact(3))
    world.interaction("nobody")
    with world.warehouse() as engine:
        found = running.rows(join_quality.BODY, engine)
    assert {(row["link_method"], row["case_match_rule"]): (row["interactions"], row["mean_candidates"]) for row in found} == {
        ("case_attribute", "case_attribute"): (2, 1.0),
        ("contact_attribute", "open_case"): (1, 1.0),
        ("contact_attribute", None): (1, 0.0),
        (None, None): (1, 0.0),
    }
    assert {row["day_utc"] for row in found} == {DAY}
    assert list(found[0]) == [column.name for column in join_quality.TABLE.columns]
