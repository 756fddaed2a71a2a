"""A fact carries the customer and the case as they were at the interaction's start (§6.4, §6.7)."""

import hashlib
from datetime import datetime
from typing import Any

import pytest

from genesys_crm_assets.facts import customer_interactions
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import LONG_AGO, NOON, World, an_id, minutes

TABLE = customer_interactions.TABLE


@pytest.mark.shows("S0-49", "S0-51", "S0-53", "S1-14")
def test_a_fact_has_the_values_of_the_versions_valid_at_its_start():
    world = World()
    world.user(1, (LONG_AGO + minutes(10), {"name": "Ann Married"}), (NOON + minutes(1), {"name": "Ann Again"}), name="Ann", is_active=True)
    world.user(2, name="Bob")
    owners = (
        (NOON - minutes(1), {"owner_id": an_id("user", 1), "customer_tier": "Enterprise"}),
        (NOON + minutes(1), {"customer_tier": "Basic"}),
    )
    account = world.account(1, *owners, name="Acme", industry="Energy", customer_tier="Pro", owner_id=an_id("user", 2))
    contact = world.contact(1, (NOON + minutes(1), {"email": "new@x.org"}), account_id=account, email="old@x.org", phone="202 555 0101")
    stages = ((NOON - minutes(30), {"status": "Working"}), (NOON + minutes(30), {"status": "Closed"}))
    case = world.case(
        1, *stages, status="New", priority="High", type="Billing", case_number="00001", contact_id=contact, closed_at=NOON + minutes(30)
    )
    world.interaction(crm_contact_id=contact)
    fact = world.fact(TABLE)
    assert (fact["link_method"], fact["case_match_rule"], fact["match_candidates"]) == ("contact_attribute", "open_case", 1)
    assert (fact["case_id"], fact["contact_id"], fact["account_id"]) == (case, contact, account)
    assert (fact["case_status"], fact["case_priority"], fact["case_category"], fact["case_number"]) == (
        "Working",
        "High",
        "Billing",
        "00001",
    )
    assert (fact["account_name"], fact["industry"], fact["customer_tier"], fact["account_owner"]) == (
        "Acme",
        "Energy",
        "Enterprise",
        "Ann Married",
    )
    assert (fact["contact_email"], fact["contact_phone"]) == ("old@x.org", "202 555 0101")
    assert fact["case_created_at"] == LONG_AGO
    assert fact["case_closed_at"] is None, "at noon nobody knew that it would be closed"
    keys = [f"case|1|{stages[0][0].isoformat()}", f"account|1|{owners[0][0].isoformat()}", f"contact|1|{LONG_AGO.isoformat()}"]
    assert [fact[f"{name}_version_key"] for name in ("case", "account", "contact")] == keys


@pytest.mark.shows("S0-58", "S0-59")
def test_the_surrogate_key_is_the_digest_of_the_natural_one_which_stands_beside_it():
    world = World()
    world.interaction(crm_contact_id=world.contact())
    fact = world.fact(TABLE)
    assert fact["interaction_id"] == "one"
    assert fact["interaction_key"] == hashlib.sha256(b"genesys|one").hexdigest()
    assert fact["data_source"] == "genesys_cloud"


def test_a_version_is_valid_from_its_first_moment():
    world = World()
    contact = world.contact(1, (NOON, {"email": "new@x.org"}), email="old@x.org")
    world.interaction(crm_contact_id=contact)
    assert world.fact(TABLE)["contact_email"] == "new@x.org"


def test_a_record_younger_than_the_interaction_has_its_first_version():
    world = World()
    contact = world.contact()
    case = world.case(1, (NOON + minutes(9), {"status": "Closed"}), contact_id=contact, created_at=NOON + minutes(3), status="New")
    world.interaction(crm_contact_id=contact)
    fact = world.fact(TABLE)
    assert (fact["case_id"], fact["case_status"], fact["case_created_at"]) == (case, "New", NOON + minutes(3))


def test_between_deletion_and_undeletion_the_last_version_before_stands():
    world = World()
    contact = world.contact(
        1, (NOON - minutes(90), {"email": "kept@x.org"}), (NOON + minutes(90), {"email": "back@x.org"}), email="old@x.org"
    )
    world.rows["dim_salesforce_contact"][1]["valid_to"] = NOON - minutes(60)
    world.interaction(crm_contact_id=contact)
    assert world.fact(TABLE)["contact_email"] == "kept@x.org"


@pytest.mark.parametrize(("closed", "known"), [(NOON, True), (NOON + minutes(1), False)])
def test_a_closing_later_than_the_start_is_not_in_the_fact(closed: datetime, *, known: bool):
    world = World()
    contact = world.contact()
    world.case(contact_id=contact, closed_at=closed)
    world.interaction(crm_contact_id=contact)
    assert world.fact(TABLE)["case_closed_at"] == (closed if known else None)


@pytest.mark.shows("S1-24")
def test_a_missing_owner_is_tolerated():
    world = World()
    world.interaction(crm_account_id=world.account(owner_id=an_id("user", 9), name="Acme"))
    fact = world.fact(TABLE)
    assert (fact["account_name"], fact["account_owner"], fact["customer_tier"]) == ("Acme", None, None)


def test_a_told_case_without_customer_makes_a_customer_row():
    world = World()
    world.interaction(crm_case_id=world.case(status="New"))
    fact = world.fact(TABLE)
    assert (fact["link_method"], fact["case_status"], fact["crm_customer_key"]) == ("case_attribute", "New", None)


@pytest.mark.shows("S0-48", "S0-49")
def test_the_proofs_see_a_lost_row_and_a_fact_without_its_version():
    world = World()
    world.interaction(crm_contact_id=world.contact())
    with world.warehouse() as engine:
        (fact,) = running.rows(customer_interactions.BODY, engine)

        def failing(rows: list[dict[str, Any]]) -> list[str]:
            verdicts = running.verdicts(TABLE, customer_interactions.BODY, engine, rows)
            return [name for name, holds in verdicts.items() if not holds]

        assert failing([fact]) == []
        assert failing([]) == ["customer_rows_are_the_links_with_a_customer_or_a_case"]
        assert failing([{**fact, "contact_version_key": None}]) == ["every_fact_finds_its_versions"]
