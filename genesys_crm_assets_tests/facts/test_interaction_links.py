"""Who the customer is (§6.2), and what a told case is worth."""

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.staging import record_ids
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, LONG_AGO, NOON, World, an_id, minutes, reached


def reasons(link: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["reason"], one["told_id"]) for one in link["reasons"]]


@pytest.mark.shows("S0-50", "S0-79")
def test_an_interaction_of_nobody_is_kept_without_a_method():
    world = World()
    world.interaction()
    link = world.link()
    assert link["link_method"] is link["crm_customer_key"] is link["case_id"] is link["nearest_case_id"] is None
    assert link["match_candidates"] == 0
    assert link["reasons"] == []


@pytest.mark.shows("S1-9")
def test_a_told_contact_is_the_customer_and_its_account_is_todays():
    world = World()
    world.account(1)
    world.account(2)
    contact = world.contact(1, (NOON + minutes(600), {"account_id": an_id("account", 2)}), account_id=an_id("account", 1))
    world.interaction(crm_contact_id=contact)
    link = world.link()
    assert (link["link_method"], link["contact_id"], link["crm_customer_key"]) == ("contact_attribute", contact, contact)
    assert link["account_id"] == an_id("account", 2), "matching uses the CRM as it is now"


@pytest.mark.shows("S1-9")
def test_a_told_account_alone_is_the_customer_key():
    world = World()
    account = world.account()
    world.interaction(crm_account_id=account)
    link = world.link()
    assert (link["link_method"], link["account_id"], link["contact_id"], link["crm_customer_key"]) == (
        "account_attribute",
        account,
        None,
        account,
    )


@pytest.mark.shows("S1-8", "S0-52")
@pytest.mark.parametrize("length", [15, 18])
def test_an_external_contact_that_is_a_contact_id_names_the_contact(length: int):
    world = World()
    contact = world.contact()
    world.interaction(external_contact_id=contact[:length])
    link = world.link()
    assert (link["link_method"], link["contact_id"]) == ("external_contact", contact)


@pytest.mark.parametrize("told", ["{} ", " {}", "{}x", "\n{}"])
def test_an_external_contact_is_neither_trimmed_nor_mended(told: str):
    world = World()
    contact = world.contact()
    world.interaction(external_contact_id=told.format(contact))
    assert world.link()["link_method"] is None


def test_an_external_contact_in_lower_case_has_the_wrong_checksum():
    """The id holds capitals, which folding loses; another contact may have the folded id."""
    world = World()
    contact = world.contact()
    world.interaction(external_contact_id=contact.lower())
    link = world.link()
    assert link["link_method"] is None
    assert link["reasons"] == []


ALPHABET = "ABYZabyz0189"


@given(st.lists(st.text(ALPHABET, min_size=12, max_size=15), min_size=1, max_size=20, unique=True))
@settings(max_examples=15, deadline=None)
def test_the_external_contacts_id_is_lengthened_as_staging_lengthens_told_ids(tails: list[str]):
    told = [f"003{tail}" for tail in tails] + [record_ids.long_id(f"003{tail[:12]}") for tail in tails]
    sql = dict(interaction_links.BODY.steps)["contact_ids"]
    with duckdb.connect(":memory:") as engine:
        engine.execute("create temp table interactions as select unnest($told) as external_contact_id", {"told": told})
        found = {row["external_contact_id"]: row["contact_id"] for row in running.dicts(engine.execute(sql))}
    assert found == {one: record_ids.long_id(one) for one in told if record_ids.long_id(one)}


@pytest.mark.shows("S1-10")
def test_a_number_that_one_contact_has_in_any_field_is_the_customer():
    world = World()
    contact = world.contact(1, phones=[*reached("Phone", "+12025550101"), *reached("MobilePhone", "+12025550102", "+12025550101")])
    world.contact(2, phones=reached("Phone", "+12025550199"))
    world.interaction("phone", customer_phone="+12025550101")
    world.interaction("mobile", customer_phone="+12025550102")
    found = world.links()
    assert [(found[name]["link_method"], found[name]["contact_id"]) for name in ("phone", "mobile")] == [("phone", contact)] * 2


@pytest.mark.shows("S1-10", "S0-57")
def test_a_shared_number_is_ambiguous_and_the_address_decides():
    world = World()
    world.contact(1, phones=reached("Phone", "+12025550101"))
    second = world.contact(2, phones=reached("Phone", "+12025550101"), emails=reached("Email", "b@example.com"))
    world.interaction(customer_phone="+12025550101", customer_email="b@example.com")
    link = world.link()
    assert (link["link_method"], link["contact_id"]) == ("email", second)
    assert ("ambiguous_identity", None) in reasons(link)


def test_a_shared_number_alone_finds_nobody_and_says_why():
    world = World()
    world.contact(1, phones=reached("Phone", "+12025550101"))
    world.contact(2, phones=reached("Phone", "+12025550101"))
    world.interaction(customer_phone="+12025550101")
    link = world.link()
    assert link["link_method"] is None
    assert reasons(link) == [("ambiguous_identity", None)]


def test_a_shared_number_is_not_ambiguous_where_a_better_method_succeeded():
    """Phone was never tried."""
    world = World()
    first = world.contact(1, phones=reached("Phone", "+12025550101"))
    world.contact(2, phones=reached("Phone", "+12025550101"))
    world.interaction(crm_contact_id=first, customer_phone="+12025550101")
    assert "ambiguous_identity" not in dict(reasons(world.link()))


@pytest.mark.shows("S0-47")
def test_a_deleted_contact_does_not_share_its_number():
    world = World()
    world.contact(1, phones=reached("Phone", "+12025550101"), ended=NOON - minutes(60))
    second = world.contact(2, phones=reached("Phone", "+12025550101"))
    world.interaction(customer_phone="+12025550101")
    assert world.link()["contact_id"] == second


def test_the_centres_own_number_never_matches():
    world = World(own_numbers=("+12025550100",))
    world.contact(1, phones=reached("Phone", "+12025550100"))
    world.interaction(customer_phone="+12025550100")
    assert world.link()["link_method"] is None


def test_methods_are_tried_in_order():
    """Each interaction lacks the methods before it; what comes later is told too and would say somebody else."""
    world = World()
    people = [
        world.contact(number, phones=reached("Phone", f"+1202555010{number}"), emails=reached("Email", f"{number}@x.org"))
        for number in range(5)
    ]
    account = world.account()
    told = {
        "crm_contact_id": people[0],
        "external_contact_id": people[1],
        "crm_account_id": account,
        "customer_phone": "+12025550102",
        "customer_email": "3@x.org",
    }
    for place in range(5):
        world.interaction(str(place), **dict(list(told.items())[place:]))
    methods = ["contact_attribute", "external_contact", "account_attribute", "phone", "email"]
    assert [world.links()[str(place)]["link_method"] for place in range(5)] == methods


@pytest.mark.shows("S0-41", "S0-47")
def test_a_merged_contact_is_its_survivor_and_a_deleted_one_is_known_but_nobody():
    world = World()
    survivor = world.contact(1)
    merged = world.contact(2, ended=LONG_AGO + minutes(1), surviving_id=survivor)
    gone = world.contact(3, ended=LONG_AGO + minutes(1))
    world.interaction("merged", crm_contact_id=merged)
    world.interaction("gone", crm_contact_id=gone)
    found = world.links()
    assert (found["merged"]["contact_id"], found["merged"]["crm_contact_id"]) == (survivor, merged)
    assert found["gone"]["link_method"] is None
    assert found["gone"]["reasons"] == []


@pytest.mark.shows("S0-41", "S0-70")
def test_ids_that_no_table_knows_are_set_aside_though_another_method_finds_the_customer():
    world = World()
    contact = world.contact(1, phones=reached("Phone", "+12025550101"))
    stranger = {
        "crm_contact_id": an_id("contact", 9),
        "external_contact_id": an_id("contact", 8)[:15],
        "crm_account_id": an_id("account", 9),
    }
    world.interaction("all", crm_case_id=an_id("case", 9), customer_phone="+12025550101", **stranger)
    world.interaction("no case", **stranger)
    stranger.pop("crm_contact_id")
    world.interaction("external", **stranger)
    world.interaction("account", crm_account_id=an_id("account", 9))
    found = world.links()
    assert found["all"]["contact_id"] == contact
    told = {name: dict(reasons(link))["unknown_crm_id"] for name, link in found.items()}
    assert told == {
        "all": an_id("case", 9),
        "no case": an_id("contact", 9),
        "external": an_id("contact", 8),
        "account": an_id("account", 9),
    }
    assert {one["detail"] for one in found["all"]["reasons"] if one["reason"] == "unknown_crm_id"} == {
        "case, contact, external contact, account"
    }


@pytest.mark.shows("S0-53", "S1-9")
def test_a_told_case_that_holds_gives_the_case_and_its_customer():
    """However old: a told case needs no window. The blind answer stands beside it."""
    world = World()
    account = world.account()
    contact = world.contact(account_id=account)
    told = world.case(1, contact_id=contact, account_id=account, closed_at=LONG_AGO + minutes(9))
    near = world.case(2, contact_id=contact, account_id=account, created_at=NOON)
    world.interaction(crm_case_id=told, crm_contact_id=contact)
    link = world.link()
    assert (link["link_method"], link["case_match_rule"], link["case_id"]) == ("case_attribute", "case_attribute", told)
    assert (link["contact_id"], link["account_id"]) == (contact, account)
    assert link["match_offset_ms"] == (LONG_AGO - NOON).total_seconds() * 1000
    assert (link["blind_link_method"], link["blind_case_match_rule"], link["blind_case_id"]) == ("contact_attribute", "created_with", near)
    assert link["match_candidates"] == 1
    assert link["reasons"] == []


@pytest.mark.shows("S0-41", "S0-70")
@pytest.mark.parametrize("party", ["crm_contact_id", "external_contact_id", "crm_account_id"])
def test_a_told_case_of_somebody_else_is_contradicted_and_the_blind_answer_stands(party: str):
    world = World()
    account, other = world.account(1), world.account(2)
    owner = world.contact(1, account_id=account)
    stranger = world.contact(2, account_id=other)
    told = world.case(1, contact_id=owner, account_id=account)
    world.interaction(crm_case_id=told, **{party: other if party == "crm_account_id" else stranger})
    link = world.link()
    assert link["case_id"] is None
    assert link["account_id"] == other
    assert ("relationship_mismatch", told) in reasons(link)


def test_a_colleague_of_the_cases_account_does_not_contradict_it():
    world = World()
    account = world.account()
    owner, colleague = world.contact(1, account_id=account), world.contact(2, account_id=account)
    told = world.case(contact_id=owner, account_id=account)
    world.interaction(crm_case_id=told, crm_contact_id=colleague)
    link = world.link()
    assert (link["case_id"], link["contact_id"]) == (told, owner)
    assert link["reasons"] == []


def test_a_case_without_a_contact_takes_the_told_one_that_fits():
    world = World()
    account = world.account()
    colleague, other = world.contact(1, account_id=account), world.contact(2, account_id=account)
    told = world.case(account_id=account)
    world.interaction("contact", crm_case_id=told, crm_contact_id=colleague, external_contact_id=other)
    world.interaction("external", crm_case_id=told, external_contact_id=other)
    world.interaction("nobody", crm_case_id=told)
    found = world.links()
    assert [found[name]["contact_id"] for name in ("contact", "external", "nobody")] == [colleague, other, None]
    assert {link["account_id"] for link in found.values()} == {account}
    assert found["nobody"]["crm_customer_key"] == account


def test_a_case_given_neither_parent_is_contradicted_by_nobody():
    """It makes a customer's row though contact and account may stay null."""
    world = World()
    told = world.case()
    contact = world.contact()
    world.interaction("alone", crm_case_id=told)
    world.interaction("with contact", crm_case_id=told, crm_contact_id=contact)
    found = world.links()
    assert (found["alone"]["link_method"], found["alone"]["case_id"], found["alone"]["crm_customer_key"]) == ("case_attribute", told, None)
    assert (found["with contact"]["case_id"], found["with contact"]["contact_id"]) == (told, contact)


@pytest.mark.shows("S0-41")
def test_a_parent_no_table_knows_contradicts_a_case_unless_its_source_is_absent():
    def link(absent: str) -> dict[str, Any]:
        world = World(told={"SOURCES_ABSENT": absent})
        account = world.account()
        told = world.case(contact_id=an_id("contact", 9), account_id=account)
        world.interaction(crm_case_id=told)
        return world.link()

    assert link("")["case_id"] is None
    assert reasons(link("")) == [("relationship_mismatch", an_id("case", 1))]
    assert (link("contacts")["case_id"], link("contacts")["contact_id"]) == (an_id("case", 1), None)
    assert link("contacts")["reasons"] == []


def test_a_deleted_parent_is_known_and_contradicts_nothing():
    world = World()
    account = world.account()
    told = world.case(contact_id=world.contact(1, ended=NOON), account_id=account)
    world.interaction(crm_case_id=told)
    link = world.link()
    assert (link["case_id"], link["contact_id"], link["account_id"]) == (told, None, account)


@pytest.mark.shows("S0-47", "S0-48")
def test_a_merged_case_is_its_survivor_and_a_deleted_one_does_not_hold():
    world = World()
    contact = world.contact()
    survivor = world.case(1, contact_id=contact)
    merged = world.case(2, contact_id=contact, ended=NOON, surviving_id=survivor)
    gone = world.case(3, contact_id=contact, ended=NOON)
    world.interaction("merged", crm_case_id=merged)
    world.interaction("gone", crm_case_id=gone)
    found = world.links()
    assert (found["merged"]["case_id"], found["merged"]["crm_case_id"]) == (survivor, merged)
    assert (found["gone"]["link_method"], found["gone"]["reasons"]) == (None, [])


def test_a_told_account_stands_where_contact_and_case_have_none():
    world = World()
    account = world.account()
    contact = world.contact()
    world.interaction(crm_contact_id=contact, crm_account_id=account)
    assert world.link()["account_id"] == account


@pytest.mark.shows("S0-53")
def test_a_case_gives_the_account_where_the_contact_has_none():
    world = World()
    account = world.account()
    contact = world.contact()
    world.case(contact_id=contact, account_id=account, created_at=NOON)
    world.interaction(crm_contact_id=contact)
    assert world.link()["account_id"] == account


@pytest.mark.shows("S0-56")
def test_a_told_case_is_not_tried_where_match_rules_leave_it_out():
    world = World(told={"MATCH_RULES": "open_case"})
    contact = world.contact()
    told, other = world.case(1, contact_id=contact), world.case(2, contact_id=contact, created_at=LONG_AGO + minutes(1))
    world.interaction(crm_case_id=told, crm_contact_id=contact)
    link = world.link()
    assert (link["link_method"], link["case_match_rule"], link["case_id"]) == ("contact_attribute", "open_case", other)


PEOPLE = st.sampled_from([None, *(an_id("contact", number) for number in range(4))])
ACCOUNTS = st.sampled_from([None, *(an_id("account", number) for number in range(3))])


@given(
    st.lists(st.tuples(PEOPLE, ACCOUNTS, st.integers(-4000, 200)), max_size=8),
    st.lists(st.tuples(PEOPLE, PEOPLE, ACCOUNTS, st.sampled_from([None, *(an_id("case", number) for number in range(9))])), max_size=12),
)
@settings(max_examples=15, deadline=None)
@pytest.mark.shows("S0-50", "S0-57", "S0-79", "S0-49")
def test_however_shared_everything_is_no_interaction_is_lost_or_doubled(cases: list[Any], told: list[Any]):
    """All contacts share a number, and cases, contacts and accounts refer to each other at random: the proofs hold and nothing fans out."""
    world = World()
    for number in range(3):
        world.contact(number, account_id=an_id("account", number % 2), phones=reached("Phone", "+12025550101"))
        world.account(number)
    for number, (contact, account, created) in enumerate(cases):
        made = world.case(
            number, (NOON, {"status": "Working"}), contact_id=contact, account_id=account, created_at=NOON + minutes(created - 200)
        )
        world.change(made, NOON)
        world.change(made, NOON + minutes(1))
    for number, (contact, external, account, case) in enumerate(told):
        ids = {"crm_contact_id": contact, "external_contact_id": external, "crm_account_id": account, "crm_case_id": case}
        world.interaction(str(number), customer_phone="+12025550101", **ids)
    with world.warehouse() as engine:
        count = "select count(*), count(distinct interaction_id) from"
        (links,) = engine.execute(f"{count} facts.interaction_links").fetchall()
        both = "(select interaction_id from facts.fact_customer_interactions union all select interaction_id from facts.fact_anonymous_interactions)"
        (facts,) = engine.execute(f"{count} {both}").fetchall()
    assert links == facts == (len(told), len(told))


def test_the_proofs_see_a_lost_and_a_doubled_row():
    world = World()
    world.interaction("one")
    world.interaction("two")
    with world.connection() as engine:
        found = running.rows(interaction_links.BODY, engine, DAY)
        for broken in (found[:1], [found[0], found[0]], [*found, found[0]]):
            verdict = running.verdicts(interaction_links.TABLE, interaction_links.BODY, engine, broken)
            assert not verdict["every_interaction_is_linked_once"]
        mute = [{**found[0], "contact_id": an_id("contact", 1)}, found[1]]
        assert not running.verdicts(interaction_links.TABLE, interaction_links.BODY, engine, mute)["every_link_says_how"]
