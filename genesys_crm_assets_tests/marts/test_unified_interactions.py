"""Everything an analyst needs beside an interaction: then, now, and how far to trust the link (§6.7)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.dimensions import salesforce_account
from genesys_crm_assets.marts import unified_interactions
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import DAY, LONG_AGO, NOON, World, an_id, lay, minutes


@pytest.mark.shows("S1-11", "S1-12", "S1-13", "S1-14", "S1-15", "S1-16", "S1-25")
def test_the_view_has_its_contracts_columns_and_types_and_each_interaction_once():
    world = World()
    world.interaction("known", crm_contact_id=world.contact())
    world.interaction("unknown")
    with world.marts() as engine:
        found = running.dicts(engine.execute("describe marts.unified_interactions"))
        names = engine.execute("select interaction_id from marts.unified_interactions order by 1").fetchall()
    wanted = {column.name: column.type for column in unified_interactions.TABLE.columns}
    assert {row["column_name"]: row["column_type"].lower() for row in found} == wanted
    assert names == [("known",), ("unknown",)]
    guide = """conversation_id conversation_start conversation_end duration_ms queue_id queue_name media_type agent_id agent_name handle_time_ms
        acw_time_ms abandoned transferred qa_score csat_score crm_account_id crm_case_id customer_tier account_owner open_opportunity_count
        ltv_usd case_category was_escalated handled_by_bot_only etl_loaded_at data_source"""
    assert not set(guide.split()) - set(wanted)


@pytest.mark.shows("S1-24")
def test_an_anonymous_interaction_has_an_unknown_tier_and_no_counts():
    world = World()
    world.interaction(wrap_up_time_ms=9)
    row = world.unified()
    assert (row["customer_tier_at_interaction"], row["customer_tier_current"], row["customer_tier"]) == ("Unknown", "Unknown", None)
    assert row["open_case_count"] is row["open_opportunity_count"] is row["case_url"] is row["link_method"] is None
    assert (row["acw_time_ms"], row["disposition_label"], row["etl_loaded_at"]) == (9, "Unanswered/Abandoned", NOON)
    assert row["genesys_url"] == "https://apps.mypurecloud.com/directory/#/engage/admin/interactions/one"


@pytest.mark.shows("S1-14", "S1-24", "S1-29")
def test_then_and_now_stand_side_by_side():
    world = World(told={"SALESFORCE_URL": "https://acme.my.salesforce.com"})
    world.user(1, name="Ann")
    world.user(2, (NOON + minutes(2), {"name": "Bob the Second"}), name="Bob")
    later = (NOON + minutes(1), {"customer_tier": "Enterprise", "owner_id": an_id("user", 2)})
    account = world.account(1, later, customer_tier="Pro", owner_id=an_id("user", 1), ltv_usd=1250.5)
    contact = world.contact(account_id=account)
    closed = NOON + minutes(9)
    changed = (closed, {"status": "Closed"})
    case = world.case(1, changed, status="New", type="Billing", contact_id=contact, account_id=account, closed_at=closed)
    world.interaction(crm_contact_id=contact, disposition_code="Resolved")
    row = world.unified()
    assert (row["customer_tier"], row["case_category"]) == ("Pro", "Billing")
    assert (row["customer_tier_at_interaction"], row["customer_tier_current"]) == ("Pro", "Enterprise")
    assert (row["account_owner"], row["account_owner_current"]) == ("Ann", "Bob the Second")
    assert (row["case_status"], row["case_status_current"]) == ("New", "Closed")
    assert (row["case_closed_at"], row["case_closed_at_current"]) == (None, closed)
    assert (row["ltv_usd"], row["disposition_label"]) == (1250.5, "Resolved")
    assert row["case_url"] == f"https://acme.my.salesforce.com/lightning/r/Case/{case}/view"


@pytest.mark.shows("S0-47", "S0-48")
def test_what_the_crm_says_now_of_a_record_merged_after_linking_is_what_it_says_of_the_survivor():
    world = World()
    merged = world.account(1, customer_tier="Basic")
    world.interaction(crm_account_id=merged)
    with world.marts() as engine:
        world.account(2, customer_tier="Enterprise")
        world.rows["dim_salesforce_account"][0] |= {
            "surviving_id": an_id("account", 2),
            "is_deleted": True,
            "is_current": False,
            "valid_to": NOON,
        }
        engine.execute("drop table dimensions.dim_salesforce_account")
        lay(engine, salesforce_account.TABLE, world.rows["dim_salesforce_account"])
        (row,) = running.dicts(engine.execute("select * from marts.unified_interactions"))
    assert (row["customer_tier_at_interaction"], row["customer_tier_current"]) == ("Basic", "Enterprise")


@pytest.mark.shows("S1-29", "S0-63")
def test_a_tier_that_changed_after_facts_were_built_is_the_current_one_at_once_and_rewrites_no_fact():
    """However long ago the interaction was, and without building anything again but the dimension."""
    world = World()
    world.account(1, customer_tier="Pro")
    world.interaction(crm_account_id=an_id("account", 1))
    tiers = "customer_tier_at_interaction, customer_tier_current"
    with world.marts() as engine:
        facts = engine.execute("select * from facts.fact_customer_interactions").fetchall()
        assert engine.execute(f"select {tiers} from marts.unified_interactions").fetchall() == [("Pro", "Pro")]
        world.rows["dim_salesforce_account"].clear()
        world.account(1, (NOON + timedelta(days=200), {"customer_tier": "Enterprise"}), customer_tier="Pro")
        engine.execute("drop table dimensions.dim_salesforce_account")
        lay(engine, salesforce_account.TABLE, world.rows["dim_salesforce_account"])
        assert engine.execute(f"select {tiers} from marts.unified_interactions").fetchall() == [("Pro", "Enterprise")]
    with world.warehouse() as engine:
        assert engine.execute("select * from facts.fact_customer_interactions").fetchall() == facts, "built again, it says the same"


@pytest.mark.shows("S1-15")
@pytest.mark.parametrize(("named", "expected"), [("", (False, True)), ("IsEscalated", (True, True))])
def test_escalation_is_the_attributes_unless_the_mapping_names_a_case_field_and_a_case_is_linked(named: str, expected: tuple[bool, bool]):
    world = World(escalated_case_field=named)
    contact = world.contact()
    world.case(contact_id=contact, is_escalated=True)
    world.interaction("with case", crm_contact_id=contact, was_escalated=False)
    world.interaction("without", was_escalated=True)
    with world.marts() as engine:
        found = dict(engine.execute("select interaction_id, was_escalated from marts.unified_interactions").fetchall())
    assert (found["with case"], found["without"]) == expected


def test_local_time_is_that_of_the_reporting_zone():
    world = World(told={"REPORTING_TIMEZONE": "America/Chicago"})
    world.interaction("winter", start=datetime(2026, 3, 8, 7, 59))  # noqa: DTZ001 - UTC
    world.interaction("summer", start=datetime(2026, 3, 8, 8, 0))  # noqa: DTZ001 - UTC
    with world.marts() as engine:
        found = dict(engine.execute("select interaction_id, interaction_timestamp_local from marts.unified_interactions").fetchall())
    assert [moment.strftime("%H:%M") for moment in (found["winter"], found["summer"])] == ["01:59", "03:00"]


@pytest.mark.shows("S1-22")
def test_open_cases_are_counted_as_of_the_start_over_merged_accounts():
    world = World()
    account = world.account(1)
    merged = world.account(2, ended=NOON - minutes(5), surviving_id=account)
    other = world.account(3)
    world.case(1, account_id=account)
    world.case(2, account_id=merged)
    world.case(3, account_id=account, closed_at=NOON + minutes(1))
    world.case(4, account_id=account, closed_at=NOON)
    world.case(5, account_id=account, created_at=NOON)
    world.case(6, account_id=account, created_at=NOON + minutes(1))
    world.case(7, (NOON - minutes(1), {"account_id": other}), account_id=account)
    world.case(8, (NOON + minutes(1), {"account_id": account}), account_id=other)
    world.case(9, account_id=account, ended=NOON - minutes(1))
    world.interaction("counted", crm_account_id=account)
    world.interaction("no cases", crm_account_id=world.account(4))
    with world.marts() as engine:
        found = dict(engine.execute("select interaction_id, open_case_count from marts.unified_interactions").fetchall())
    assert found == {"counted": 4, "no cases": 0}
    world.told["SOURCES_ABSENT"] = "cases"
    assert world.unified("counted")["open_case_count"] is None


@pytest.mark.shows("S1-14", "S1-22")
def test_open_opportunities_are_counted_by_the_stage_they_were_in_at_the_start():
    world = World()
    account = world.account(1)
    merged = world.account(2, ended=NOON - minutes(5), surviving_id=account)
    other = world.account(3)
    open_, won, lost = ({"stage_name": name} for name in ("Proposal", "Closed Won", "Closed Lost"))
    world.opportunity(1, account_id=account, **open_)
    world.opportunity(2, account_id=merged, **open_)
    world.opportunity(3, (NOON + minutes(1), won), account_id=account, **open_)
    world.opportunity(4, (NOON, won), account_id=account, **open_)
    world.opportunity(5, (NOON, open_), account_id=account, **lost)
    world.opportunity(6, account_id=account, created_at=NOON + minutes(1), **open_)
    world.opportunity(7, (NOON - minutes(1), {"account_id": other}), account_id=account, **open_)
    world.opportunity(8, account_id=account, ended=NOON - minutes(1), **open_)
    world.opportunity(9, account_id=account, ended=NOON + minutes(1), **open_)
    world.opportunity(10, (NOON - minutes(1), {"amount": 5.0}), account_id=account)
    world.interaction("counted", crm_account_id=account)
    world.interaction("none", crm_account_id=world.account(4))
    with world.marts() as engine:
        found = dict(engine.execute("select interaction_id, open_opportunity_count from marts.unified_interactions").fetchall())
    assert found == {"counted": 6, "none": 0}, "1, 2, 3, 5, 9 and 10, whose stage nobody told"
    world.told["SOURCES_ABSENT"] = "opportunities"
    row = world.unified("counted")
    assert (row["open_opportunity_count"], row["open_case_count"]) == (None, 0)


MOMENTS = st.integers(-50, 50).map(minutes)


@pytest.mark.shows("S1-22")
@given(
    st.lists(st.tuples(MOMENTS, st.none() | MOMENTS, st.lists(MOMENTS, max_size=3)), max_size=8), st.lists(MOMENTS, min_size=1, max_size=4)
)
@settings(max_examples=12, deadline=None)
def test_the_running_counts_are_the_counts_by_definition(cases: list[Any], starts: list[timedelta]):
    """Counted record by record: which version is valid at s, whose account is it, and was it not closed by s."""
    world = World()
    accounts = [world.account(number) for number in range(2)]
    for number, (created, closed, moves) in enumerate(cases):
        begun = sorted({NOON + created + abs(move) + minutes(1) for move in moves})
        versions = [(moment, {"account_id": accounts[place % 2]}) for place, moment in enumerate(begun)]
        world.case(
            number, *versions, account_id=accounts[1], created_at=NOON + created, closed_at=None if closed is None else NOON + closed
        )
        stages = [
            (moment, {"stage_name": ("Closed Lost", "Proposal")[place % 2], **moved}) for place, (moment, moved) in enumerate(versions)
        ]
        world.opportunity(number, *stages, account_id=accounts[0], created_at=NOON + created, stage_name=None if closed else "Proposal")
    for number, start in enumerate(starts):
        world.interaction(str(number), start=NOON + start, crm_account_id=accounts[number % 2])
    with world.marts() as engine:
        columns = "interaction_id, {'case': open_case_count, 'opportunity': open_opportunity_count}"
        found = dict(engine.execute(f"select {columns} from marts.unified_interactions").fetchall())

    def by_definition(moment: datetime, account: str) -> dict[str, int]:
        def counts(row: dict[str, Any]) -> bool:
            valid = row["valid_from"] <= moment and (row["valid_to"] is None or moment < row["valid_to"])
            is_open = row.get("closed_at") is None or row["closed_at"] > moment
            return valid and row["account_id"] == account and is_open and row.get("stage_name") != "Closed Lost"

        return {entity: sum(counts(row) for row in world.rows.get(f"dim_salesforce_{entity}", [])) for entity in ("case", "opportunity")}

    assert found == {str(number): by_definition(NOON + start, accounts[number % 2]) for number, start in enumerate(starts)}


@pytest.mark.parametrize(("told", "expected"), [(29, None), (30, 0.9)])
def test_a_link_says_how_often_its_rule_agrees_with_told_cases(told: int, expected: float | None):
    """Over the whole lake, and only where at least thirty were told; told cases and rows without a case say nothing."""
    world = World()
    contact, other = world.contact(1), world.contact(2)
    near = world.case(1, contact_id=contact, created_at=NOON)
    far = world.case(2, contact_id=contact, created_at=LONG_AGO)
    world.case(3, contact_id=other, created_at=NOON)
    for number in range(told):
        world.interaction(str(number), crm_contact_id=contact, crm_case_id=far if number % 10 == 0 else near)
    world.interaction("blind", crm_contact_id=other)
    world.interaction("caseless", crm_contact_id=world.contact(3))
    with world.marts() as engine:
        found = dict(engine.execute("select interaction_id, link_precision from marts.unified_interactions").fetchall())
    assert found["blind"] == expected
    assert found["caseless"] is found["0"] is found["1"] is None


def test_the_rules_precision_is_that_of_all_days():
    world = World()
    contact = world.contact()
    world.case(contact_id=contact, created_at=NOON)
    world.interaction(crm_contact_id=contact)
    with world.marts() as engine:
        told = {
            "case_match_rule": "case_attribute",
            "case_id": "a",
            "blind_case_match_rule": "created_with",
            "match_candidates": 1,
            "reasons": [],
        }
        for number in range(40):
            values = {
                **told,
                "interaction_id": str(number),
                "blind_case_id": "a" if number < 10 else "b",
                "day_utc": DAY - timedelta(days=1),
            }
            names = ", ".join(values)
            engine.execute(f"insert into facts.interaction_links ({names}) values ({', '.join(f'${name}' for name in values)})", values)
        (found,) = engine.execute("select link_precision from marts.unified_interactions").fetchall()
    assert found == (0.25,)


@pytest.mark.parametrize(("policy", "rows"), [("flag", 1), ("block", 0)])
def test_biased_days_are_left_out_only_where_the_policy_says_so(policy: str, rows: int):
    world = World(told={"NULL_CRM_POLICY": policy})
    world.interaction()
    with world.marts(ago_0=True) as engine:
        assert engine.execute("select count(*) from marts.unified_interactions").fetchall() == [(rows,)]
