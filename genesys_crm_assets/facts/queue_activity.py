"""One row per quarter hour, queue, agent, medium and metric by the time the metric was emitted: what the vendor's own screen shows of a day.

Built daily from `staging_genesys_tellings` of the same day: the last telling of each conversation within the day, and of it the metrics
emitted on that day, whenever the conversation began. Absent are observations (`o…`) and metrics told without a time. Queue is null for
sessions without one, agent for participants that are no user.
Do not add `count` over metrics, nor compare a day's sums with `staging_genesys_metrics`, which counts a conversation on the day it began.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.staging import genesys_tellings
from genesys_crm_assets.staging.conversation import Conversation, Session, decode
from genesys_crm_assets.staging.conversation_columns import session_queue

_RECORD = ("staging_genesys_tellings.record",)
_BATCH = 1_024
_QUARTER = 15
_LARGEST = 2**63 - 1

TABLE = Table(
    name="fact_queue_activity",
    layer="facts",
    description=__doc__,
    key=("interval_start_utc", "queue_id", "agent_id", "media_type", "metric"),
    columns=(
        Column(
            "interval_start_utc",
            "timestamp",
            "Start of the quarter hour the metric was emitted in, UTC.",
            required=True,
            comes_from=_RECORD,
        ),
        Column("queue_id", "varchar", "The session's first queue; null where it has none.", comes_from=_RECORD),
        Column("agent_id", "varchar", "The participant's user; null where it has none.", comes_from=_RECORD),
        Column("media_type", "varchar", "The session's medium.", comes_from=_RECORD),
        Column("metric", "varchar", "Genesys' metric name: `n…` is counted, `t…` is measured.", required=True, comes_from=_RECORD),
        Column("count", "bigint", "`n…`: the sum of values; `t…`: the number of entries.", required=True, comes_from=_RECORD),
        Column("sum", "bigint", "`t…`: the sum of values in milliseconds; null for `n…`.", comes_from=_RECORD),
    ),
)


class Group(NamedTuple):
    """What the entries of one row share."""

    interval_start_utc: datetime
    queue_id: str | None
    agent_id: str | None
    media_type: str | None
    metric: str


class Entry(NamedTuple):
    """One metric entry of one session, with the row it belongs to; a value that was not told adds nothing."""

    group: Group
    value: int


def count(session: duckdb.DuckDBPyConnection, day: Day) -> pa.Table:
    """The day's metric entries, counted and summed by group as Genesys' aggregates query does (§6.1)."""
    winners: pa.RecordBatchReader = session.sql(sql_beside(__file__, "winners")).to_arrow_reader(_BATCH)
    return tally((record for batch in winners for record in batch.column("record").to_pylist()), day)


def tally(records: Iterable[bytes], day: Day) -> pa.Table:
    """The entries of some conversations, one record each, that were emitted on the day: the rows of the table."""
    counts: dict[Group, int] = {}
    sums: dict[Group, int] = {}
    for record in records:
        for group, value in entries(decode(record), day):
            measured = group.metric.startswith("t")
            counts[group] = counts.get(group, 0) + (1 if measured else value)
            if measured:
                sums[group] = sums.get(group, 0) + value
    rows = [{**group._asdict(), "count": _bounded(number), "sum": _bounded(sums.get(group))} for group, number in counts.items()]
    return pa.Table.from_pylist(rows, schema=body_schema(TABLE))


def entries(conversation: Conversation, day: Day) -> Iterator[Entry]:
    """The entries of a conversation that were emitted on the day and are counted or measured."""
    for participant in conversation.participants or ():
        for session in participant.sessions or ():
            yield from _of_session(session, participant.user_id, day)


def _of_session(session: Session, agent: str | None, day: Day) -> Iterator[Entry]:
    queue = session_queue(session)
    start, end = day.start.replace(tzinfo=UTC), day.end.replace(tzinfo=UTC)
    for metric in session.metrics or ():
        if metric.name is None or metric.emit_date is None or not metric.name.startswith(("n", "t")):
            continue
        if start <= metric.emit_date < end:
            group = Group(_quarter(metric.emit_date), queue, agent, session.media_type, metric.name)
            yield Entry(group, metric.value or 0)


def _quarter(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc - timedelta(minutes=utc.minute % _QUARTER, seconds=utc.second, microseconds=utc.microsecond)


def _bounded(total: int | None) -> int | None:
    return None if total is None else max(-_LARGEST, min(total, _LARGEST))


BODY = Body(
    reads=(Read(genesys_tellings.TABLE),),
    python=count,
    follows=(genesys_tellings.TABLE,),
)


@graph.asset(TABLE, BODY)
def fact_queue_activity(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
