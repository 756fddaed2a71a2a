"""Listings over the wire: read at three moments of an org that is rearranged meanwhile, the dimensions say what was listed at each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets.sandbox.server import Plan, Sandbox, running
from genesys_crm_assets_tests.whole import house
from genesys_crm_assets_tests.whole.house import House

TABLES = (
    "raw_genesys_reference", "staging_genesys_reference", "dim_genesys_queue", "dim_genesys_agent",
    "dim_genesys_wrapup_code", "dim_genesys_skill", "dim_genesys_team", "dim_genesys_location",
)  # fmt: skip
MOMENTS = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (2, 4, 7)]
PLAN = Plan(seed=3, start=house.FIRST, days=6, per_day=10, now=MOMENTS[0])
NAMES = {"wrapup_code": "wrapupcodes", "skill": "skills", "team": "teams", "location": "locations"}


def _listed(vendors: Sandbox, kind: str) -> dict[str, dict[str, Any]]:
    """What there is of a kind now, as the sandbox itself knows it."""
    directory, now = vendors.world.directory, int(vendors.now.timestamp() * 1000)
    found = {
        thing: {**state, "division": directory.name("divisions", state["division"], now)} for thing, state in directory.things(kind, now)
    }
    assert found
    return found


def _at(lake: House, dimension: str, key: str, moment: datetime) -> dict[str, tuple[Any, ...]]:
    when = f"timestamp '{moment.replace(tzinfo=None)}'"
    found = lake.rows(f"select {key}, name, division, is_active from dimensions.{dimension} where valid_from <= {when} and (valid_to > {when} or valid_to is null)")  # fmt: skip
    return {row[0]: row[1:] for row in found}


def test_at_every_reading_the_dimensions_say_what_was_listed(tmp_path: Path):
    with running(PLAN) as vendors:
        lake = house.of(tmp_path, vendors)
        seen: list[dict[str, dict[str, dict[str, Any]]]] = []
        for moment in MOMENTS:
            vendors.advance(moment)
            ran = lake.at(moment).run([house.FIRST], TABLES)
            assert ran.success, ran.reasons
            seen.append({kind: _listed(vendors, kind) for kind in ("queues", "users", *NAMES.values())})
        requests = [one for one in vendors.requests if one.path.startswith("/api/v2/users")]
    assert len(requests) == 3
    assert seen[0]["queues"] != seen[-1]["queues"]
    for moment, listed in zip(MOMENTS, seen, strict=True):
        at = moment + timedelta(seconds=1)
        queues, agents = _at(lake, "dim_genesys_queue", "queue_id", at), _at(lake, "dim_genesys_agent", "agent_id", at)
        assert {one: row[:2] for one, row in queues.items() if row[2]} == {one: (state["name"], state["division"]) for one, state in listed["queues"].items()}  # fmt: skip
        assert agents == {one: (state["name"], state["division"], state["state"] == "active") for one, state in listed["users"].items()}
    _names_are_the_latest(lake, seen)


def _names_are_the_latest(lake: House, seen: list[dict[str, dict[str, dict[str, Any]]]]) -> None:
    for entity, kind in NAMES.items():
        latest = {thing: state["name"] for listed in seen for thing, state in listed[kind].items()}
        assert dict(lake.rows(f"select {entity}_id, name from dimensions.dim_genesys_{entity}")) == latest
    placed = lake.rows("select agent_id, team_id, location_id from dimensions.dim_genesys_agent where is_current")
    told = {one: (state["team"] or None, (state["locations"] or [None])[0]) for one, state in seen[-1]["users"].items()}
    assert {one: (team, location) for one, team, location in placed if one in told} == told


@pytest.mark.parametrize("declared", [False, True], ids=["undeclared", "declared"])
def test_an_org_that_refuses_its_listings(tmp_path: Path, declared: bool):  # noqa: FBT001 - from a table
    """Undeclared it fails and names permission and variable; declared it lands an empty object, and the dimensions are empty."""
    with running(Plan(seed=3, start=house.FIRST, days=1, per_day=4, absent=("reference",))) as vendors:
        lake = house.of(tmp_path, vendors)
        if declared:
            lake = House(lake.folder, {**lake.variables, "SOURCES_ABSENT": "reference,adherence"})
        ran = lake.run([house.FIRST], TABLES)
    assert ran.success == declared
    if declared:
        assert lake.rows("select count(*) from dimensions.dim_genesys_queue") == [(0,)]
    else:
        assert "routing:queue:view" in ran.reasons
        assert "name reference in SOURCES_ABSENT" in ran.reasons
