"""One row per comparison of a final UTC day: what the source says, what we say, and how much of the difference is explained.

Built daily: `fact_queue_activity` against Genesys' own aggregates by queue and media, and the Cases created and closed against Salesforce's
counts (§6.6 a, c). Like is compared with like: days that are not final yet have no rows, and totals told before the day's end and 15 minutes
have none either. `explained_late` vanishes when the tellings of all raw days are counted, `explained_quarantined` when the day's readable
quarantined records are counted too.
Other days decide two things: whether the day is final, by how far the CRM was read, and what explains a difference. So a day is settled,
and never built again for what lands later, once it is final and nothing differs: what agrees needs no explanation. Told to its end but
not final, it awaits the CRM of the days up to it; where conversations differ, what later raw days tell of conversations that had begun by
then; where Cases differ, Cases that changed before the totals were told.
Do not add `source_value` over metrics: counts and milliseconds stand in one column, told apart by `metric` and `statistic`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, resources, walk
from genesys_crm_assets.audit import finality
from genesys_crm_assets.facts import queue_activity
from genesys_crm_assets.lake.body import Body, Day, Read, sql_beside
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.raw import genesys_interactions, genesys_queue_totals, salesforce_totals
from genesys_crm_assets.staging import genesys_tellings, salesforce_cases
from genesys_crm_assets.staging.conversation import decode

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
_LATER = sql_beside(__file__, "later")
_QUARANTINED = sql_beside(__file__, "quarantined")


def compare(session: duckdb.DuckDBPyConnection, day: Day) -> pa.Table:
    """The comparisons of one day; what explains a difference is computed only where there is one."""
    session.execute(f"create temp table told_later as from {queue_activity.TABLE.qualified} limit 0")
    session.execute("create temp table set_aside as from told_later")
    if session.execute(
        f"select count(*) from ({_COMPARED}) where comparison = 'queue_activity' and source_value <> our_value", _of(day)
    ).fetchall()[0][0]:
        gained, lost = (queue_activity.tally(_records(session, _LATER, day=day.day, counts=counts), day) for counts in (True, False))
        readable = queue_activity.tally(_records(session, _QUARANTINED, day=day.day), day)
        for name, rows in (("gained", gained), ("lost", lost), ("readable", readable)):
            session.register(name, rows)
        session.execute("insert into told_later by name select * from gained")
        session.execute('insert into told_later by name select * replace (-"count" as "count", -"sum" as "sum") from lost')
        session.execute("insert into set_aside by name select * from readable")
    return session.sql(_COMPARED, params=_of(day)).to_arrow_table()


def _records(session: duckdb.DuckDBPyConnection, sql: str, **bound: Any) -> Iterator[bytes]:
    """The records of a select that can be read as conversations, whatever else is wrong with them."""
    found = session.execute(sql, bound)
    while row := found.fetchone():
        try:
            decode(row[0])
        except ObjectDamaged:
            continue
        yield row[0]


def _of(day: Day) -> dict[str, Any]:
    return {"day": day.day, "day_start": day.start, "day_end": day.end}


BODY = Body(
    reads=(
        *finality.READS_OF_ONE_DAY,
        Read(genesys_queue_totals.TABLE),
        Read(queue_activity.TABLE),
        Read(genesys_tellings.TABLE, "onward"),
        Read(genesys_tellings.QUARANTINE),
        Read(salesforce_totals.TABLE),
        # Whoever was created or closed on the day changed on it or later, and was told for that day of change, or by the baseline.
        Read(salesforce_cases.TABLE, "since", baseline=True),
    ),
    steps=(finality.STEP,),
    python=compare,
    follows=(
        genesys_interactions.TABLE,
        genesys_queue_totals.TABLE,
        queue_activity.TABLE,
        genesys_tellings.QUARANTINE,
        salesforce_totals.TABLE,
    ),
    awaits=(*finality.CRM, genesys_tellings.TABLE, salesforce_cases.TABLE),
    marks=(("settled", sql_beside(__file__, "settled")), ("awaits_until", sql_beside(__file__, "awaits_until"))),
)


@graph.asset(TABLE, BODY)
def reconciliation(context: dg.AssetExecutionContext, lake: resources.Lake) -> dg.MaterializeResult:
    """See the module."""
    return walk.build(context, lake, TABLE, BODY)
