"""One row per agent and UTC day: how well the agent kept to the schedule, as Genesys' workforce management says it.

Built daily from `raw_genesys_adherence` of the same day; while the day is under way the figures go as far as it does. Percentages are the
day's own, else those the result gives for the agent as a whole. An agent whom two management units tell of has the figures of the one with
the longer schedule, since an agent belongs to one unit at a time.
Absent are agents without a schedule on the day; the table is empty where the org has no workforce management.
Do not average percentages over agents or days: weigh them by `adherence_schedule_seconds` and `conformance_schedule_seconds`.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import duckdb
import msgspec
import pyarrow as pa
from msgspec import Struct

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import genesys_adherence
from genesys_crm_assets.sources.errors import UnexpectedShape
from genesys_crm_assets.staging.conversation import Moment, Whole

_BODY = ("raw_genesys_adherence.body",)
_Rank = tuple[int, int, str]


def _column(name: str, kind: str, description: str, *, required: bool = False) -> Column:
    return Column(name, kind, description, required=required, comes_from=_BODY)


TABLE = Table(
    name="fact_agent_adherence",
    layer="facts",
    description=__doc__,
    key=("agent_id",),
    columns=(
        _column("agent_id", "varchar", "The Genesys user.", required=True),
        _column("adherence_percentage", "double", "Share of the scheduled time the agent did what was scheduled, 0 to 100."),
        _column("conformance_percentage", "double", "Time worked in per cent of time scheduled; may exceed 100."),
        _column("adherence_schedule_seconds", "bigint", "Scheduled time that counts for adherence."),
        _column("conformance_schedule_seconds", "bigint", "Scheduled time that counts for conformance."),
        _column("conformance_actual_seconds", "bigint", "Time worked that counts for conformance."),
        _column("exception_count", "bigint", "How many times the agent did something else than scheduled."),
        _column("exception_seconds", "bigint", "For how long, together."),
        _column("impact_seconds", "bigint", "Effect on the schedule; negative where time was missing."),
    ),
)


class _DayMetrics(Struct, rename="camel"):
    day_start_offset_seconds: Whole | None = None
    adherence_percentage: float | None = None
    conformance_percentage: float | None = None
    adherence_schedule_seconds: Whole | None = None
    conformance_schedule_seconds: Whole | None = None
    conformance_actual_seconds: Whole | None = None
    exception_count: Whole | None = None
    exception_duration_seconds: Whole | None = None
    impact_seconds: Whole | None = None


class _User(Struct, rename="camel"):
    user_id: str
    adherence_percentage: float | None = None
    conformance_percentage: float | None = None
    day_metrics: list[_DayMetrics] | None = None


class _Result(Struct, rename="camel"):
    start_date: Moment | None = None
    management_unit_id: str | None = None
    user_results: list[_User] | None = None


_DECODER = msgspec.json.Decoder(_Result)


def adhered(session: duckdb.DuckDBPyConnection, day: Day) -> pa.Table:
    """The day's figures of every agent told of (Genesys: schedule adherence).

    Raises `UnexpectedShape` where a result has a value of the wrong type: none is ever taken for an absent one.
    """
    bodies = (row[0] for row in session.execute("select body from raw.raw_genesys_adherence order by page").fetchall())
    return pa.Table.from_pylist(chosen(bodies, day), schema=body_schema(TABLE))


def chosen(bodies: Iterable[bytes], day: Day) -> list[dict[str, Any]]:
    """A row for each agent of some results; of two units that tell of one agent the one with the longer schedule, then the later id."""
    best: dict[str, tuple[_Rank, dict[str, Any]]] = {}
    for result in map(_decoded, bodies):
        for row in _rows(result, day):
            rank = _rank(row, result.management_unit_id)
            if row["agent_id"] not in best or rank > best[row["agent_id"]][0]:
                best[row["agent_id"]] = (rank, row)
    return [row for _, row in best.values()]


def _rank(row: dict[str, Any], unit: str | None) -> _Rank:
    scheduled, conforming = row["adherence_schedule_seconds"], row["conformance_schedule_seconds"]
    return (-1 if scheduled is None else scheduled, -1 if conforming is None else conforming, unit or "")


def _decoded(body: bytes) -> _Result:
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as odd:
        said = str(odd) if isinstance(odd, msgspec.MsgspecError) else "not UTF-8"
        raise UnexpectedShape(f"an adherence result is not in the documented shape ({said})") from None


def _rows(result: _Result, day: Day) -> Iterator[dict[str, Any]]:
    for user in result.user_results or ():
        metrics = _of_day(result, user, day)
        if metrics is not None:
            own = {name: getattr(metrics, name) for name in _DayMetrics.__struct_fields__ if name != "day_start_offset_seconds"}
            own["exception_seconds"] = own.pop("exception_duration_seconds")
            for name in ("adherence_percentage", "conformance_percentage"):
                own[name] = getattr(user, name) if own[name] is None else own[name]
            yield {"agent_id": user.user_id, **own}


def _of_day(result: _Result, user: _User, day: Day) -> _DayMetrics | None:
    """The entry of the day; an empty one where the result tells of the agent as a whole only; none where it tells of other days, or of none."""
    if not user.day_metrics:
        is_told = user.adherence_percentage is not None or user.conformance_percentage is not None
        return _DayMetrics() if is_told else None
    start = day.start.replace(tzinfo=UTC)
    began = result.start_date or start
    return next((one for one in user.day_metrics if _beginning(began, one) == start), None)


def _beginning(began: datetime, metrics: _DayMetrics) -> datetime | None:
    try:
        return began + timedelta(seconds=metrics.day_start_offset_seconds or 0)
    except OverflowError:
        return None


BODY = Body(
    reads=(Read(genesys_adherence.TABLE),),
    python=adhered,
    proofs=(
        Proof(
            "no_more_agents_than_were_told",
            sql_beside(__file__, "proof"),
            "Each row is an agent some result tells of; the figures say how many tellings there were.",
        ),
    ),
    follows=(genesys_adherence.TABLE,),
)


@graph.asset(TABLE, BODY)
def fact_agent_adherence(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
