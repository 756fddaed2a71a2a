"""The names beside the ids, and the local time, of `unified_interactions` (§6.4, §6.7)."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from genesys_crm_assets.dimensions import genesys_agent, genesys_queue, genesys_wrapup_code
from genesys_crm_assets_tests.crm_world import NOON, World, minutes

NAMES = "queue_name, last_queue_name, agent_name"


def by_name(world: World, columns: str) -> dict[str, tuple[Any, ...]]:
    """Some columns of `unified_interactions`, by interaction."""
    with world.marts() as engine:
        found = engine.execute(f"select interaction_id, {columns} from marts.unified_interactions").fetchall()
    return {name: tuple(rest) for name, *rest in found}


@pytest.mark.shows("S1-11")
def test_names_are_those_that_held_when_the_interaction_began():
    """A version begins with its first moment; an interaction that began a millisecond earlier has the name before."""
    world = World()
    renamed = ((NOON - minutes(60), "Old"), (NOON, "New"), (NOON + minutes(60), "Newest"))
    world.listed(genesys_queue.TABLE, "q", *renamed)
    world.listed(genesys_queue.TABLE, "r", "Second line")
    world.listed(genesys_agent.TABLE, "a", *renamed)
    for name, start in {"before": NOON - minutes(1), "then": NOON, "after": NOON + minutes(61)}.items():
        world.interaction(name, start=start, queue_id="q", last_queue_id="r", agent_id="a")
    assert by_name(world, NAMES) == {
        "before": ("Old", "Second line", "Old"),
        "then": ("New", "Second line", "New"),
        "after": ("Newest", "Second line", "Newest"),
    }


def test_what_was_listed_later_has_its_first_name_and_what_is_not_listed_has_none():
    world = World()
    world.listed(genesys_queue.TABLE, "q", (NOON + minutes(1), "First"), (NOON + minutes(2), "Second"))
    world.listed(genesys_agent.TABLE, "a", (NOON - minutes(2), "Ann"), (NOON - minutes(1), None))
    world.interaction("known", queue_id="q", last_queue_id="elsewhere", agent_id="a")
    world.interaction("nameless")
    world.interaction("unlisted", queue_id="x", last_queue_id="q", agent_id="x")
    assert by_name(world, NAMES) == {
        "known": ("First", None, None),
        "nameless": (None, None, None),
        "unlisted": (None, "First", None),
    }


def test_a_thing_that_came_back_keeps_the_name_it_had_while_it_was_away():
    """§6.4: inside a gap the last version before; names must not vanish with a listing that left the queue out."""
    world = World()
    world.listed(genesys_queue.TABLE, "q", (NOON - minutes(9), "Before"), (NOON + minutes(9), "After"))
    world.rows["dim_genesys_queue"][0]["valid_to"] = NOON - minutes(5)
    world.interaction("one", queue_id="q")
    assert by_name(world, "queue_name") == {"one": ("Before",)}


@pytest.mark.shows("S4-17")
def test_a_disposition_is_labelled_with_its_name_else_its_code():
    world = World()
    world.listed(genesys_wrapup_code.TABLE, "w", "Resolved")
    world.listed(genesys_wrapup_code.TABLE, "v", None)
    for name, code in {"named": "w", "nameless": "v", "unlisted": "u", "none": None}.items():
        world.interaction(name, disposition_code=code)
    found = by_name(world, "disposition_code, disposition_label")
    assert found == {"named": ("w", "Resolved"), "nameless": ("v", "v"), "unlisted": ("u", "u"), "none": (None, "Unanswered/Abandoned")}


ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
)
TURNS = ("2026-03-08T07:00", "2026-03-29T01:00", "2026-04-04T15:00", "2026-10-03T15:30", "2026-10-25T01:00", "2026-11-01T05:00")


@pytest.mark.shows("S0-18")
def test_local_time_is_what_the_clock_on_the_wall_said_and_a_doubled_hour_loses_no_row():
    """Every quarter of an hour over the nights on which some of these clocks go forward or back."""
    world = World()
    starts = {f"{turn} {quarter}": datetime.fromisoformat(turn) + minutes(15 * quarter - 1) for turn in TURNS for quarter in range(-8, 9)}
    for name, start in starts.items():
        world.interaction(name, start=start)
    with world.marts() as engine:
        for zone in ZONES:
            engine.execute("update audit.settings set reporting_timezone = $zone", {"zone": zone})
            found = engine.execute("select interaction_id, interaction_timestamp_local from marts.unified_interactions").fetchall()
            expected = {name: start.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for name, start in starts.items()}
            assert len(found) == len(starts), zone
            assert dict(found) == expected, zone
