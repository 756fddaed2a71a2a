"""`staging_genesys_reference` and the dimensions of listed things (§4, §6.4, §6.9): queues, agents, codes, skills, teams, locations.

An observation is a whole listing as the vendor told it at one moment: `listing`, `observed_at`, `entities` (JSON objects in the order
told). Times are UTC. Not here: how a listing was read, and who carries which version (`sessions`, `unified`).
"""

import json
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from .history import version_key
from .values import Row, midnight

NAMED = {"wrapup_code": "wrapup_codes", "skill": "skills", "team": "teams", "location": "locations"}
LISTED = ("queue", "agent", *NAMED)


def kept(observations: list[Row], listing: str) -> list[Row]:
    """The observations of a listing in order of time, without those that say word for word what the last one kept said."""
    found: list[Row] = []
    for each in sorted((each for each in observations if each["listing"] == listing), key=lambda each: each["observed_at"]):
        if not found or json.dumps(found[-1]["entities"]) != json.dumps(each["entities"]):
            found.append(each)
    return found


def part(container: Row, *path: str) -> Any:
    """A value some objects deep; None where anything on the way is absent."""
    here: Any = container
    for name in path:
        here = None if here is None else here.get(name)
    return here


def location_of(entity: Row) -> str | None:
    """Where a user sits: the first place told."""
    place: Row = next(iter(entity.get("locations") or []), {})
    found: str | None = part(place, "locationDefinition", "id") or place.get("id")
    return found


def described(entity: Row) -> Row:
    """The columns of a thing as listed once."""
    return {
        "name": entity.get("name"),
        "division": part(entity, "division", "name"),
        "state": entity.get("state"),
        "email": entity.get("email"),
        "team_id": part(entity, "team", "id"),
        "location_id": location_of(entity),
    }


def staging_reference(observations: list[Row]) -> list[Row]:
    """`staging_genesys_reference`: listing, thing and day with an observation kept, of what was listed that day or first missed on it.

    Fields as last told; `is_listed` says whether the day's last observation had it; `states` which observations of the day told its name,
    division or state, or that it is there, otherwise than the one before. By listing, thing and day.
    """
    rows = []
    for listing in sorted({each["listing"] for each in observations}):
        known: dict[str, tuple[Row, bool]] = {}
        seen = kept(observations, listing)
        for day in sorted({each["observed_at"].date() for each in seen}):
            turns: dict[str, list[Row]] = {}
            for each in (each for each in seen if each["observed_at"].date() == day):
                for thing, now in told_by(each, known).items():
                    before = known.get(thing)
                    if now[1] or (before is not None and before[1]):
                        turns.setdefault(thing, [])
                    if before is None or turn(*before) != turn(*now):
                        turns[thing].append({"observed_at": each["observed_at"], **turn(*now)})
                    known[thing] = now
            own = {"listing": listing, "observed_on": day}
            rows += [{**own, "thing_id": thing, "is_listed": known[thing][1], **known[thing][0], "states": turns[thing]} for thing in turns]
    return sorted(rows, key=lambda row: (row["listing"], row["thing_id"], row["observed_on"]))


def told_by(observation: Row, known: dict[str, tuple[Row, bool]]) -> dict[str, tuple[Row, bool]]:
    """What a whole listing says of every thing listed so far: how it is described, else that it is gone."""
    here = {entity["id"]: described(entity) for entity in observation["entities"]}
    return {**{thing: (before, False) for thing, (before, _) in known.items()}, **{thing: (now, True) for thing, now in here.items()}}


def turn(told: Row, listed: bool) -> Row:  # noqa: FBT001 - a pair as `told_by` gives it
    """The part of a description whose changes are kept one by one."""
    return {"is_listed": listed, "name": told["name"], "division": told["division"], "state": told["state"]}


def states(observations: list[Row], thing: str, *, by_state: bool) -> list[tuple[datetime, Row]]:
    """What each whole listing since the first that had the thing says of it: its tracked values, or that it is gone."""
    found: list[tuple[datetime, Row]] = []
    for each in observations:
        entity = next((entity for entity in each["entities"] if entity["id"] == thing), None)
        if entity is not None:
            told = described(entity)
            active = told["state"] == "active" if by_state else True
            found.append((each["observed_at"], {"name": told["name"], "division": told["division"], "is_active": active}))
        elif found:
            found.append((each["observed_at"], {**found[-1][1], "is_active": False}))
    return found


def versions(told: list[tuple[datetime, Row]], first: datetime) -> list[tuple[datetime, Row]]:
    """The moments at which something changed, with what held from then on; the first begins with the calendar."""
    start = [(first, told[0][1])]
    return start + [(moment, now) for (_, before), (moment, now) in pairwise(told) if now != before]


def dimension(kind: str, observations: list[Row], first_day: date) -> list[Row]:
    """All rows of `dim_genesys_queue` (`Queue`) or `dim_genesys_agent` (`Agent`), by id, then valid_from."""
    listing = "queues" if kind == "Queue" else "users"
    seen = kept(observations, listing)
    last = {entity["id"]: described(entity) for each in seen for entity in each["entities"]}
    others = () if kind == "Queue" else ("email", "team_id", "location_id")
    rows = []
    for thing in sorted(last):
        found = versions(states(seen, thing, by_state=kind == "Agent"), midnight(first_day))
        ends = [moment for moment, _ in found[1:]] + [None]
        for (moment, tracked), end in zip(found, ends, strict=True):
            rows.append(
                {
                    "version_key": version_key(kind, thing, moment),
                    f"{kind.lower()}_id": thing,
                    **tracked,
                    **{column: last[thing][column] for column in others},
                    "valid_from": moment,
                    "valid_to": end,
                    "is_current": end is None,
                    "change_source": "created" if moment is found[0][0] else "observed",
                }
            )
    return rows


def names(entity: str, observations: list[Row]) -> list[Row]:
    """`dim_genesys_wrapup_code`, `…_skill`, `…_team`, `…_location`: the latest name ever told; what vanished keeps its last one."""
    latest: dict[str, str | None] = {}
    for each in kept(observations, NAMED[entity]):
        for thing in each["entities"]:
            latest[thing["id"]] = thing.get("name") or latest.get(thing["id"])
    return [{f"{entity}_id": thing, "name": latest[thing]} for thing in sorted(latest)]


def reference_dimensions(observations: list[Row], first_day: date) -> dict[str, list[Row]]:
    """The six dimensions of listed things by entity."""
    versioned = {kind.lower(): dimension(kind, observations, first_day) for kind in ("Queue", "Agent")}
    return {**versioned, **{entity: names(entity, observations) for entity in NAMED}}
