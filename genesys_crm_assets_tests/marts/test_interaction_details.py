"""The curated columns that a report shows, worked by hand (S4-13 to S4-17)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.dimensions import genesys_agent, genesys_location, genesys_queue, genesys_skill, genesys_team, genesys_wrapup_code
from genesys_crm_assets.facts import sessions
from genesys_crm_assets.marts import interaction_details
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.crm_world import NOON, World, lay, minutes

Row = dict[str, Any]


def a_session(position: int, conversation: str = "one", **values: Any) -> Row:
    times = dict.fromkeys(("handle_time_ms", "wrap_up_time_ms", "queue_time_ms", "talk_time_ms", "hold_time_ms"), 0)
    return {"conversation_id": conversation, "position": position, "interaction_key": "", "skill_ids": [], **times, **values}


def shown(engine: duckdb.DuckDBPyConnection, *held: Row) -> list[Row]:
    """The details with these sessions."""
    engine.execute(f"drop table if exists {sessions.TABLE.qualified}")
    lay(engine, sessions.TABLE, list(held))
    engine.execute(f"create or replace view marts.interaction_details as {interaction_details.BODY.sql}")
    return running.dicts(engine.execute("select * from marts.interaction_details order by id"))


def named(**agent: Any) -> World:
    """A world whose listings know everything by name."""
    world = World()
    world.listed(genesys_queue.TABLE, "q", "Support")
    world.listed(genesys_agent.TABLE, "a", "Ann", **agent)
    world.listed(genesys_wrapup_code.TABLE, "w", "Resolved")
    for number, skill in enumerate(("Billing", "German"), 1):
        world.listed(genesys_skill.TABLE, f"s{number}", skill)
        world.listed(genesys_team.TABLE, f"t{number}", f"Team {number}")
    world.listed(genesys_location.TABLE, "l", "Leeds")
    return world


@pytest.mark.shows("S4-13", "S4-14", "S4-15")
def test_a_call_by_hand():
    world = named(team_id="t2", location_id="l")
    spent = {"queue_time_ms": 12_345, "talk_time_ms": 61_000, "wrap_up_time_ms": 30_500}
    about = {"media_type": "voice", "queue_id": "q", "agent_id": "a", "disposition_code": "w"}
    world.interaction("one", start=NOON + timedelta(milliseconds=1999), **about, **spent)
    with world.marts() as engine:
        (row,) = shown(engine, a_session(1, purpose="acd", queue_id="q", skill_ids=["s2", "s1"]), a_session(2, user_id="a", team_id="t1"))
    assert row == {
        "id": "one",
        "created_date": datetime(2026, 3, 10, 12, 0, 1, 999_000),  # noqa: DTZ001 - UTC
        "updated_date": NOON,
        "channel": "VOICE",
        "queue_name": "Support",
        "skill_name": "German",
        "wait_time": 12.345,
        "talk_time": 61.0,
        "wrap_up_time": 30.5,
        "disposition_code": "Resolved",
        "agent_name": "Ann",
        "team_name": "Team 1",
        "location_name": "Leeds",
        "created_date_utc": "2026-03-10 12:00:01",
        "wait_time_sec": 12.345,
        "talk_time_sec": 61.0,
    }


@pytest.mark.shows("S4-17")
def test_a_disposition_is_its_name_else_its_code_else_unanswered():
    world = named()
    world.interaction("1", disposition_code="w")
    world.interaction("2", disposition_code="ININ-WRAP-UP-TIMEOUT")
    world.interaction("3")
    with world.marts() as engine:
        assert [row["disposition_code"] for row in shown(engine)] == ["Resolved", "ININ-WRAP-UP-TIMEOUT", "Unanswered/Abandoned"]


def test_the_skill_is_the_first_asked_for_in_the_queue_the_interaction_came_to():
    world = named()
    world.interaction("one", queue_id="q")
    told = (
        a_session(1, purpose="customer", queue_id="q"),
        a_session(2, queue_id="other", skill_ids=["s2"]),
        a_session(3, queue_id="q", skill_ids=["s1"]),
        a_session(4, queue_id="q", skill_ids=["s2"]),
        a_session(1, "somebody else's", queue_id="q", skill_ids=["s2"]),
    )
    with world.marts() as engine:
        assert [row["skill_name"] for row in shown(engine, *told)] == ["Billing"]
        assert [row["skill_name"] for row in shown(engine, *told[:2])] == [None]
        assert [row["skill_name"] for row in shown(engine, a_session(1, queue_id="q", skill_ids=["unlisted"]))] == [None]


def test_the_team_is_the_answering_agents_of_the_session_else_as_listed():
    world = named(team_id="t2")
    world.interaction("one", agent_id="a")
    with world.marts() as engine:
        assert [row["team_name"] for row in shown(engine, a_session(1, user_id="b", team_id="t1"), a_session(2, user_id="a"))] == ["Team 2"]
        assert [row["team_name"] for row in shown(engine, a_session(1, user_id="a", team_id="t1"))] == ["Team 1"]


@pytest.mark.shows("S4-13", "S4-25")
def test_what_no_listing_knows_is_null_and_no_id_stands_in_for_a_name():
    world = World()
    world.interaction("one", queue_id="q", agent_id="a", customer_address="+15550100", customer_phone="+15550100")
    with world.marts() as engine:
        (row,) = shown(engine, a_session(1, queue_id="q", skill_ids=["s1"], participant_id="p", session_id="s"))
    assert [row[name] for name in ("queue_name", "skill_name", "agent_name", "team_name", "location_name")] == [None] * 5
    assert not {"q", "a", "s1", "p", "s", "+15550100"} & set(row.values())
    personal = {column.name for column in interaction_details.TABLE.columns if column.personal}
    assert personal == {"agent_name"}


@pytest.mark.shows("S4-13", "S4-14", "S4-15")
def test_customers_and_nobodies_stand_once_each_with_the_contracts_columns_and_types():
    world = named(location_id="l")
    world.interaction("known", crm_contact_id=world.contact(), agent_id="a")
    world.interaction("unknown")
    twice = [a_session(number, name, user_id="a", queue_id="q") for name in ("known", "unknown") for number in (1, 2)]
    with world.marts() as engine:
        assert [row["id"] for row in shown(engine, *twice)] == ["known", "unknown"]
        types = {
            row["column_name"]: row["column_type"].lower() for row in running.dicts(engine.execute("describe marts.interaction_details"))
        }
    assert types == {column.name: column.type for column in interaction_details.TABLE.columns}


@pytest.mark.parametrize(("policy", "rows"), [("flag", 1), ("block", 0)])
def test_biased_days_are_left_out_only_where_the_policy_says_so(policy: str, rows: int):
    world = World(told={"NULL_CRM_POLICY": policy})
    world.interaction()
    with world.marts(ago_0=True) as engine:
        assert len(shown(engine)) == rows


@pytest.mark.shows("S4-16")
@given(st.lists(st.integers(-(10**6), 10**6), max_size=5))
@settings(max_examples=5, deadline=None)
def test_times_are_utc_whatever_zone_a_session_or_a_report_has(offsets: list[int]):
    """Neither the reporting zone nor the reader's own moves a moment."""
    world = World(told={"REPORTING_TIMEZONE": "Asia/Kathmandu"})
    starts = {str(number): NOON + minutes(offset) for number, offset in enumerate(offsets)}
    for name, start in starts.items():
        world.interaction(name, start=start)
    with world.marts() as engine:
        shown(engine)
        engine.execute("set timezone = 'America/New_York'")
        found = engine.execute("select id, created_date, created_date_utc from marts.interaction_details").fetchall()
    assert {name: (moment, text) for name, moment, text in found} == {
        name: (start, start.replace(tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S")) for name, start in starts.items()
    }
