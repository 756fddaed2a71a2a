"""How far the blind rules agree with told cases that hold (§6.3)."""

import pytest

from genesys_crm_assets.audit import link_expectation
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, NOON, World, minutes


@pytest.mark.shows("S0-57")
def test_link_expectation_compares_blind_answers_with_told_cases():
    """Two told cases, of which the blind rules find one, and one told where they find nobody; what was not told does not count."""
    world = World()
    told_customer, other = world.contact(1), world.contact(2)
    born = world.case(1, contact_id=told_customer, created_at=NOON)
    older = world.case(2, contact_id=told_customer, created_at=NOON - minutes(60))
    world.case(3, contact_id=other, created_at=NOON - minutes(60))
    world.interaction("agrees", crm_case_id=born, crm_contact_id=told_customer)
    world.interaction("disagrees", crm_case_id=older, crm_contact_id=told_customer)
    world.interaction("not found", crm_case_id=older)
    world.interaction("blind", crm_contact_id=other)
    with world.warehouse() as engine:
        found = running.rows(link_expectation.BODY, engine)
    assert {row["blind_case_match_rule"]: (row["told_cases"], row["agreeing"]) for row in found} == {"created_with": (2, 1), None: (1, 0)}
    assert {row["day_utc"] for row in found} == {DAY}
    assert list(found[0]) == [column.name for column in link_expectation.TABLE.columns]


def test_a_told_case_that_is_contradicted_expects_nothing():
    """It is no label: nobody knows which case it was about."""
    world = World()
    told = world.case(contact_id=world.contact(1), created_at=NOON)
    world.interaction(crm_case_id=told, crm_contact_id=world.contact(2))
    with world.warehouse() as engine:
        assert running.rows(link_expectation.BODY, engine) == []
