"""One row per listing, thing and day observed: how a queue, user, wrap-up code, skill, team, location or management unit was last listed that day.

Built from `raw_genesys_reference` whenever it gains: the days that are told of anew, the others stay as they were built. A day has rows where a whole listing of it was kept, which is when a listing
differed from the one before; `states` tells every change of that day by its moment, so several changes of one day are all there. A thing
that was listed before and no longer is has a row, too, on the day it was first missing.
An empty listing says nothing: nobody is missing from it. Entities without an id are absent and counted in a check.
Do not take the newest day of a listing for what is there now: the newest row of each thing is, and only where `is_listed`.

The body is Python: an observation is never lost, and DuckDB would refuse all of them for ever over one entity with half a surrogate pair.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import accumulate
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.build import Builder
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
        ("is_kept", pa.bool_()),
        *((name, pa.int64()) for name in ("things", "repeated", "unreadable", "odd_values")),
    ]
)
"""What the proof is told of each observation: whether its day's rows are kept as they stood; else things, entities that repeat one, entities
without an id, values of another type."""

STAGED_FROM = "staged_from"
"""The paper that says which observations an object was built from, and by which edition of this module."""

_EDITION = 1
"""Raised when this module reads the same pages otherwise, so that nothing that stands is kept."""

_PAGES_TOGETHER = 64
_ROWS_TOGETHER = 8_192
_REBUILD = ("why", "rebuild")
"""The tag of runs that are to build everything from raw again (§4)."""

_UNTIL = pa.schema([("listing", pa.string()), ("until_day", pa.date32()), ("goes_on", pa.bool_())])
_KEPT_DAYS = pa.schema([("listing", pa.string()), ("observed_on", pa.date32()), ("observation", pa.int64()), ("things", pa.int64())])
_KEPT_DAY = "listing, observed_on, max(observation), count(*) filter (is_listed)"

_KEPT, _LAST, _OBSERVED = (sql_beside(__file__, part) for part in ("kept", "last", "observed"))


@dataclass(frozen=True, slots=True)
class Told:
    """An observation as raw tells it without a body being opened.

    Attributes:
        listing: of what.
        number: in raw.
        pages: how many it has.
        entities: how many its pages were counted to hold.
        observed_at: when it was asked for, UTC, at the earliest when the one before it was.
        digest: of its pages' bytes.
    """

    listing: str
    number: int
    pages: int
    entities: int
    observed_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class _Observation:
    """A whole listing, read."""

    told: Told
    things: dict[str, Entity]
    counted: dict[str, Any]


@dataclass(slots=True)
class _History:
    """What one listing has said so far, what became of its things on the day under way, and that day's last observation."""

    things: dict[str, tuple[Entity, bool]] = field(default_factory=dict)
    states: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    last: _Observation | None = None

    def take(self, observation: _Observation) -> list[dict[str, Any]]:
        """Note what an observation tells otherwise than the one before; the rows of the day before where it begins another day."""
        if not observation.things:
            return []
        told = observation.told
        over = self.close() if self.last is not None and self.last.told.observed_at.date() != told.observed_at.date() else []
        for thing_id, entity in observation.things.items():
            self._turn(told.observed_at, thing_id, entity, is_listed=True)
        for thing_id in [one for one, (_, is_listed) in self.things.items() if is_listed and one not in observation.things]:
            self._turn(told.observed_at, thing_id, self.things[thing_id][0], is_listed=False)
        self.last = observation
        return over

    def close(self) -> list[dict[str, Any]]:
        """The rows of the day under way; none where it told nothing."""
        if self.last is None:
            return []
        told, here = self.last.told, sorted({*self.last.things, *self.states})
        about = {"listing": told.listing, "observed_on": told.observed_at.date(), "observed_at": told.observed_at}
        found = [about | self._row(thing_id) | {"observation": told.number, "states": self.states.get(thing_id, [])} for thing_id in here]
        self.states, self.last = {}, None
        return found

    def _row(self, thing_id: str) -> dict[str, Any]:
        entity, is_listed = self.things[thing_id]
        return {**{name: getattr(entity, name) for name in _FIELDS}, "is_listed": is_listed}

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


_FIELDS = ("thing_id", "name", "division", "state", "email", "team_id", "location_id")


def _tracked(entity: Entity) -> dict[str, str | None]:
    return {"name": entity.name, "division": entity.division, "state": entity.state}


@dataclass(frozen=True, slots=True)
class Before:
    """What the object that stands was built from: every observation up to one, and a digest of them all."""

    observation: int
    digest: str


def stage(session: duckdb.DuckDBPyConnection, _day: Day, before: Before | None = None) -> duckdb.DuckDBPyRelation:
    """The rows of every listing from the day on which it goes on after `before`; from its first day where raw no longer says what it said.

    Bodies are read some at a time, and rows go to the session as they come. Leaves behind `counted` and `kept_days` for the proof,
    `kept_until` for what is kept, `staged_from` for the paper. Raises `ObjectDamaged` for bytes that were not received.
    """
    told = [Told(*row) for row in session.execute(_OBSERVED).fetchall()]
    until = _kept_until(told, before)
    session.execute("create or replace temp table staged_from as select $text as text", {"text": _paper(told)})
    _hold(session, "kept_until", [{"listing": name, "until_day": day, "goes_on": day < date.max} for name, day in until.items()], _UNTIL)
    read = [one for one in told if one.observed_at.date() >= until.get(one.listing, date.min)]
    kept = [_counted(one, is_kept=True) for one in told if one.observed_at.date() < until.get(one.listing, date.min)]
    _hold(session, "kept_days", [], _KEPT_DAYS)
    if until:
        session.execute(f"insert into kept_days select {_KEPT_DAY} from ({_KEPT}) group by listing, observed_on")
    counted: list[dict[str, Any]] = []
    _stage(session, read, _histories(session) if until else {}, counted)
    _hold(session, "counted", kept + counted, COUNTED)
    return session.table("fresh")


def _kept_until(told: list[Told], before: Before | None) -> dict[str, date]:
    """Of each listing the day from which on it is staged anew, the end of time where nothing new was told; none where nothing can be kept."""
    if before is None:
        return {}
    known = [one for one in told if one.number <= before.observation]
    if _digest(known) != before.digest:
        return {}
    until = {one.listing: date.max for one in told}
    for one in told[len(known) :]:
        until[one.listing] = min(until[one.listing], one.observed_at.date())
    return until


def _stage(session: duckdb.DuckDBPyConnection, read: list[Told], histories: dict[str, _History], counted: list[dict[str, Any]]) -> None:
    _hold(session, "fresh", [], body_schema(TABLE))
    rows: list[dict[str, Any]] = []
    for observation in _observations(session, read):
        counted.append(observation.counted)
        rows += histories.setdefault(observation.told.listing, _History()).take(observation)
        if len(rows) >= _ROWS_TOGETHER:
            _add(session, rows)
            rows = []
    _add(session, [*rows, *(row for history in histories.values() for row in history.close())])


def _hold(session: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    session.register("held", pa.Table.from_pylist(rows, schema=schema))
    session.execute(f"create or replace temp table {name} as select * from held")
    session.unregister("held")


def _add(session: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    session.register("held", pa.Table.from_pylist(rows, schema=body_schema(TABLE)))
    session.execute("insert into fresh select * from held")
    session.unregister("held")


def _histories(session: duckdb.DuckDBPyConnection) -> dict[str, _History]:
    """What the listings that go on have said so far, as the rows that are kept tell it."""
    found: dict[str, _History] = {}
    for listing, is_listed, *fields in session.execute(_LAST).fetchall():
        found.setdefault(listing, _History()).things[fields[0]] = Entity(**dict(zip(_FIELDS, fields, strict=True)), odd_values=0), is_listed
    return found


def _observations(session: duckdb.DuckDBPyConnection, wanted: list[Told]) -> Iterator[_Observation]:
    """The observations in the order they were kept, some pages at a time and at least one whole."""
    while wanted:
        ends = list(accumulate(one.pages for one in wanted[:_PAGES_TOGETHER]))
        many = max(1, sum(end <= _PAGES_TOGETHER for end in ends))
        some, wanted = wanted[:many], wanted[many:]
        bodies: dict[int, list[bytes]] = {one.number: [] for one in some}
        for number, body in _pages(session, list(bodies)):
            bodies[number].append(body)
        yield from (_read(one, bodies[one.number]) for one in some)


def _pages(session: duckdb.DuckDBPyConnection, numbers: list[int]) -> Iterator[tuple[int, bytes]]:
    columns = "listing, observation, page, body, body_sha256"
    which = "observation between $first and $last and list_contains($numbers, observation)"
    asked = {"first": numbers[0], "last": numbers[-1], "numbers": numbers}
    sql = f"select {columns} from {raw.TABLE.qualified} where {which} order by observation, page"
    for listing, number, page, body, digest in session.execute(sql, asked).fetchall():
        if hashlib.sha256(body).hexdigest() != digest:
            raise ObjectDamaged(
                f"page {page} of {listing} in raw_genesys_reference is not what was received; put the object back from a copy"
            )
        yield number, body


def _read(told: Told, bodies: list[bytes]) -> _Observation:
    read = [entity_of(record) for body in bodies for record in entities_of(body)]
    known = [entity for entity in read if entity is not None]
    things = {entity.thing_id: entity for entity in known}
    counted = _counted(told, is_kept=False) | {
        "things": len(things),
        "repeated": len(known) - len(things),
        "unreadable": len(read) - len(known),
        "odd_values": sum(entity.odd_values for entity in known),
    }
    return _Observation(told, things, counted)


def _counted(told: Told, *, is_kept: bool) -> dict[str, Any]:
    return {"listing": told.listing, "observation": told.number, "observed_on": told.observed_at.date(), "is_kept": is_kept}


def _digest(told: list[Told]) -> str:
    return hashlib.sha256(json.dumps([[one.listing, one.number, str(one.observed_at), one.digest] for one in told]).encode()).hexdigest()


def _paper(told: list[Told]) -> str:
    last = told[-1].number if told else 0
    return json.dumps({"edition": _EDITION, "contract": TABLE.version, "observation": last, "digest": _digest(told)})


def _before(lake: resources.Lake) -> Before | None:
    """What the object that stands was built from; None where there is none, or another edition or contract built it."""
    key = layout.object_key(TABLE, None)
    said = parquet.papers(lake.storage.url(key)).get(STAGED_FROM) if lake.storage.exists(key) else ""
    told = json.loads(said or "{}")
    if (told.get("edition"), told.get("contract")) != (_EDITION, TABLE.version):
        return None
    return Before(told["observation"], told["digest"])


BODY = Body(
    reads=(Read(raw.TABLE),),
    python=stage,
    marks=((STAGED_FROM, "select text from staged_from"),),
    proofs=(
        Proof(
            "every_thing_listed_is_staged",
            sql_beside(__file__, "proof"),
            "Entities told = things + entities that repeat a thing + entities without an id, for every observation of the days staged now, and "
            "every thing of a day's last listing has its row; days kept are as they were. `odd_values` counts values of another type than "
            "documented, read as null: look at the pages in raw.",
        ),
    ),
)


def made(lake: resources.Lake, builder: Builder, *, is_rebuilt: bool = False) -> walk.Made:
    """Stage what raw gained since the object that stands was built and keep the rest of it; everything where it cannot be kept."""
    before = None if is_rebuilt else _before(lake)
    gaining = replace(BODY, reads=(*BODY.reads, Read(TABLE)), python=partial(stage, before=before), keeps=_KEPT)
    return walk.Made(builder.aside(TABLE, gaining if before is not None else BODY, None))


@graph.asset(TABLE, BODY)
def staging_genesys_reference(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    is_rebuilt = context.run.tags.get(_REBUILD[0]) == _REBUILD[1]
    return walk.once(context, lake, TABLE, lambda builder: made(lake, builder, is_rebuilt=is_rebuilt))
