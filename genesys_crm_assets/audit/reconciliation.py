"""One row per comparison of a final UTC day: what the source says, what we say, and how much of the difference is explained.

Built daily: `fact_queue_activity` against Genesys' own aggregates by queue and media, and the Cases created and closed against Salesforce's
counts (§6.6 a, c). Days that are not final yet have no rows. `explained_late` vanishes when the tellings of all raw days are counted,
`explained_quarantined` when readable quarantined records are counted too.
Do not add `source_value` over metrics: counts and milliseconds stand in one column, told apart by `metric` and `statistic`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import msgspec
import pyarrow as pa

from genesys_crm_assets import resources, walk
from genesys_crm_assets.audit import finality
from genesys_crm_assets.facts import queue_activity
from genesys_crm_assets.lake.body import Body, Day, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import genesys_interactions, genesys_queue_totals, salesforce_totals
from genesys_crm_assets.staging import genesys_tellings, salesforce_cases

TABLE = Table(
    name="reconciliation",
    layer="audit",
    description=__doc__,
    key=("comparison", "object", "queue_id", "media_type", "metric", "statistic"),
    columns=(
        Column("comparison", "varchar", "`queue_activity` (a) or `cases` (c).", required=True),
        Column("object", "varchar", "What is compared: `conversation` or `Case`.", required=True),
        Column("queue_id", "varchar", "The queue; null for none, and for Cases."),
        Column("media_type", "varchar", "The medium; null for Cases."),
        Column("metric", "varchar", "Genesys' metric; `created`, `closed` or `resolution_rate` of Cases.", required=True),
        Column("statistic", "varchar", "`count`, `sum` (milliseconds) or `ratio`.", required=True),
        Column("source_value", "double", "What the vendor says.", required=True),
        Column("our_value", "double", "What our tables say.", required=True),
        Column("explained_late", "double", "Part of the difference that tellings of other raw days explain.", required=True),
        Column("explained_quarantined", "double", "Part that readable quarantined records explain.", required=True),
        Column("observed_at", "timestamp", "When the vendor said it, UTC.", required=True, provenance=True),
    ),
)
_COMPARED = sql_beside(__file__, "compared")
_EVERY_DAY = sql_beside(__file__, "every_day")


def compare(session: duckdb.DuckDBPyConnection, day: Day) -> pa.Table:
    """The comparisons of one day; what explains a difference is computed only where there is one."""
    session.execute(f"create temp table late as select * from ({_EMPTY}) union all by name select * from ({_EMPTY})")
    session.execute("create temp table with_quarantined as select * from late")
    if session.execute(
        f"select count(*) from ({_COMPARED}) where comparison = 'queue_activity' and source_value <> our_value", _of(day)
    ).fetchall()[0][0]:
        session.register("late_rows", queue_activity.tally(_records(session, day, quarantined=False), day))
        session.execute("insert into late select * from late_rows")
        session.register("quarantined_rows", queue_activity.tally(_records(session, day, quarantined=True), day))
        session.execute("insert into with_quarantined select * from quarantined_rows")
    return session.sql(_COMPARED, params=_of(day)).to_arrow_table()


def _records(session: duckdb.DuckDBPyConnection, day: Day, *, quarantined: bool) -> Iterator[bytes]:
    found = session.execute(_EVERY_DAY, {"day_end": day.end, "quarantined": quarantined})
    while row := found.fetchone():
        try:
            msgspec.json.decode(row[0])
        except (msgspec.MsgspecError, RecursionError):
            continue
        yield row[0]


def _of(day: Day) -> dict[str, Any]:
    return {"day": day.day, "day_start": day.start, "day_end": day.end}


_EMPTY = f"select * from {queue_activity.TABLE.qualified} where false"

BODY = Body(
    reads=(
        *finality.READS,
        Read(genesys_queue_totals.TABLE),
        Read(queue_activity.TABLE),
        Read(genesys_tellings.TABLE, "onward"),
        Read(genesys_tellings.QUARANTINE, "onward"),
        Read(salesforce_totals.TABLE),
        Read(salesforce_cases.TABLE, "all"),
    ),
    steps=(finality.STEP,),
    python=compare,
    follows=(genesys_interactions.TABLE, genesys_queue_totals.TABLE, queue_activity.TABLE, salesforce_totals.TABLE),
)


@resources.asset(TABLE, BODY)
def reconciliation(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
