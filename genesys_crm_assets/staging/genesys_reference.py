"""One row per listing, thing and day observed: how a queue, user, wrap-up code, skill, team, location or management unit was last listed that day.

Built from all of `raw_genesys_reference`, whenever it gains. A day has rows where a whole listing of it was kept, which is when a listing
differed from the one before; `states` tells every change of that day by its moment, so several changes of one day are all there. A thing
that was listed before and no longer is has a row, too, on the day it was first missing.
An empty listing says nothing: nobody is missing from it. Entities without an id are absent and counted in a check.
Do not take the newest day of a listing for what is there now: the newest row of each thing is, and only where `is_listed`.

The body is Python: an observation is never lost, and DuckDB would refuse all of them for ever over one entity with half a surrogate pair.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import resources, walk
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import genesys_reference as raw
from genesys_crm_assets.sources.genesys.reference import entities_of
from genesys_crm_assets.staging.reference_entities import Entity, entity_of

_BODY = ("raw_genesys_reference.body",)


def _told(name: str, description: str, *, personal: bool = False) -> Column:
    return Column(name, "varchar", description, personal=personal, comes_from=_BODY)


TABLE = Table(
    name="staging_genesys_reference",
    layer="staging",
    description=__doc__,
    key=("listing", "thing_id", "observed_on"),
    daily=False,
    columns=(
        Column(
            "listing", "varchar", "The listing: queues, users, wrapup_codes, skills, teams, locations or management_units.", required=True
        ),
        Column("thing_id", "varchar", "Genesys' id.", required=True, comes_from=_BODY),
        Column("observed_on", "date", "UTC day of the observation.", required=True, comes_from=("raw_genesys_reference.received_at",)),
        Column(
            "observed_at",
            "timestamp",
            "When the day's last whole listing was asked for, UTC.",
            required=True,
            provenance=True,
            comes_from=("raw_genesys_reference.received_at",),
        ),
        Column("observation", "bigint", "That listing's number in raw.", required=True, provenance=True),
        Column("is_listed", "boolean", "Whether that listing holds the thing.", required=True, comes_from=_BODY),
        _told("name", "Name as last told; of a user a person's.", personal=True),
        _told("division", "Name of its division, as last told."),
        _told("state", "State as last told: of a user active, inactive or deleted."),
        _told("email", "A user's address, as last told.", personal=True),
        _told("team_id", "A user's team, as last told."),
        _told("location_id", "A user's first location, as last told."),
        Column(
            "states",
            "struct(observed_at timestamp, is_listed boolean, name varchar, division varchar, state varchar)[]",
            "What became of it that day: an entry for each listing of the day that told it otherwise than the listing before, the first ever "
            "included, with the moment it was asked for (UTC, ms).",
            required=True,
            personal=True,
            comes_from=(*_BODY, "raw_genesys_reference.received_at"),
        ),
    ),
)
COUNTED = pa.schema(
    [
        ("listing", pa.string()),
        ("observation", pa.int64()),
        ("observed_on", pa.date32()),
        *((name, pa.int64()) for name in ("things", "repeated", "unreadable", "odd_values")),
    ]
)
"""What the proof is told of each observation: things, entities that repeat one, entities without an id, values of another type."""


@dataclass(frozen=True, slots=True)
class _Observation:
    """A whole listing, read."""

    listing: str
    number: int
    observed_at: datetime
    things: dict[str, Entity]
    counted: dict[str, Any]


@dataclass(slots=True)
class _History:
    """What one listing has said so far, and what became of its things on the day under way."""

    things: dict[str, tuple[Entity, bool]] = field(default_factory=dict)
    states: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def take(self, observation: _Observation) -> None:
        """Note what an observation tells otherwise than the one before."""
        for thing_id, entity in observation.things.items():
            self._turn(observation.observed_at, thing_id, entity, is_listed=True)
        for thing_id in [one for one, (_, is_listed) in self.things.items() if is_listed and one not in observation.things]:
            self._turn(observation.observed_at, thing_id, self.things[thing_id][0], is_listed=False)

    def close(self, last: _Observation) -> Iterator[dict[str, Any]]:
        """The rows of the day whose last observation that was."""
        for thing_id in sorted({*last.things, *self.states}):
            entity, is_listed = self.things[thing_id]
            about = {"listing": last.listing, "observed_on": last.observed_at.date(), "observed_at": last.observed_at}
            fields = {name: getattr(entity, name) for name in ("thing_id", "name", "division", "state", "email", "team_id", "location_id")}
            yield about | fields | {"observation": last.number, "is_listed": is_listed, "states": self.states.get(thing_id, [])}
        self.states = {}

    def _turn(self, moment: datetime, thing_id: str, entity: Entity, *, is_listed: bool) -> None:
        before = self.things.get(thing_id)
        self.things[thing_id] = entity, is_listed
        if before is not None and (_tracked(before[0]), before[1]) == (_tracked(entity), is_listed):
            return
        told = self.states.setdefault(thing_id, [])
        if told and told[-1]["observed_at"] == moment:
            # Two listings of one millisecond: the later one stands.
            told.pop()
        told.append({"observed_at": moment, "is_listed": is_listed, **_tracked(entity)})


def _tracked(entity: Entity) -> dict[str, str | None]:
    return {"name": entity.name, "division": entity.division, "state": entity.state}


def stage(session: duckdb.DuckDBPyConnection, _day: Day) -> pa.Table:
    """The rows of every listing; leaves the table `counted` behind for the proof. Raises `ObjectDamaged` for bytes that were not received."""
    schema = body_schema(TABLE)
    counted: list[dict[str, Any]] = []
    batches = [pa.RecordBatch.from_pylist(list(rows), schema=schema) for rows in _days(_observations(session), counted)]
    session.register("counted", pa.Table.from_pylist(counted, schema=COUNTED))
    return pa.Table.from_batches(batches, schema=schema)


def _days(observations: Iterator[_Observation], counted: list[dict[str, Any]]) -> Iterator[Iterator[dict[str, Any]]]:
    for _, of_listing in groupby(observations, key=lambda one: one.listing):
        history = _History()
        for _, of_day in groupby(of_listing, key=lambda one: one.observed_at.date()):
            last: _Observation | None = None
            for observation in of_day:
                counted.append(observation.counted)
                if observation.things:
                    history.take(observation)
                    last = observation
            if last is not None:
                yield history.close(last)


def _observations(session: duckdb.DuckDBPyConnection) -> Iterator[_Observation]:
    """Every observation, listing by listing in the order they were kept, each at the earliest when the one before it was."""
    standing: dict[str, datetime] = {}
    for (listing, number), pages in groupby(_pages(session), key=itemgetter(0, 1)):
        told = list(pages)
        received_at: datetime = told[0][3]
        moment = received_at.replace(microsecond=received_at.microsecond // 1000 * 1000)
        standing[listing] = max(moment, standing.get(listing, moment))
        yield _read(listing, number, standing[listing], [page[4] for page in told])


def _pages(session: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    columns = "listing, observation, page, received_at, body, body_sha256"
    found = session.execute(f"select {columns} from {raw.TABLE.qualified} order by listing, observation, page")
    while page := found.fetchone():
        if hashlib.sha256(page[4]).hexdigest() != page[5]:
            raise ObjectDamaged(
                f"page {page[2]} of {page[0]} in raw_genesys_reference is not what was received; put the object back from a copy"
            )
        yield page


def _read(listing: str, number: int, observed_at: datetime, bodies: list[bytes]) -> _Observation:
    read = [entity_of(record) for body in bodies for record in entities_of(body)]
    known = [entity for entity in read if entity is not None]
    things = {entity.thing_id: entity for entity in known}
    counted = {
        "listing": listing,
        "observation": number,
        "observed_on": observed_at.date(),
        "things": len(things),
        "repeated": len(known) - len(things),
        "unreadable": len(read) - len(known),
        "odd_values": sum(entity.odd_values for entity in known),
    }
    return _Observation(listing, number, observed_at, things, counted)


BODY = Body(
    reads=(Read(raw.TABLE),),
    python=stage,
    proofs=(
        Proof(
            "every_thing_listed_is_staged",
            sql_beside(__file__, "proof"),
            "Entities told = things + entities that repeat a thing + entities without an id, for every observation, and every thing of a day's "
            "last listing has its row. `odd_values` counts values of another type than documented, read as null: look at the pages in raw.",
        ),
    ),
)


@resources.asset(TABLE, BODY)
def staging_genesys_reference(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
