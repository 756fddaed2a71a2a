"""One row per response of the conversation aggregates query: what Genesys' own screens show for a UTC day, by queue and media.

Read daily, by the time metrics were emitted, from the same source the vendor's reports use; the totals our facts are reconciled with.
Conversations are absent: these are sums. Groups and metrics without data are absent and mean nought.
Do not add the days of one conversation: a metric counts on the day it was emitted.
"""

import json
from datetime import date

import dagster as dg

from genesys_crm_assets import partitions, resources, walk
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import pages, windows
from genesys_crm_assets.resources import GenesysCloud, Lake

TABLE = Table(name="raw_genesys_queue_totals", layer="raw", description=__doc__, key=("page",), columns=pages.COLUMNS)
BODY = Body(reads=(), proofs=(pages.LEDGER_IS_CLOSED,))

METRICS = ("nOffered", "tAnswered", "tAbandon", "tHandle", "tTalkComplete", "tHeldComplete", "tAcw")
"""What reconciliation compares (§6.6 a)."""


@resources.asset(TABLE, BODY, kinds={"genesys", "parquet"})
def raw_genesys_queue_totals(context: dg.AssetExecutionContext, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""

    def step(builder: Builder, day: date) -> list[walk.Made]:
        return [land(lake, genesys, builder, day)]

    (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(lake: Lake, genesys: GenesysCloud, builder: Builder, day: date) -> walk.Made:
    """Ask for the totals of one UTC day and write the answer aside."""
    window = windows.of_day(day, lake.environment.now())
    with genesys.client() as client:
        chapter = pages.Chapter(
            "aggregates_query", lambda _resume: iter([client.queue_totals(start=window.start, end=window.end, metrics=METRICS)])
        )
        about = json.dumps({"day": day.isoformat(), "end": window.end.isoformat()})
        return pages.land(lake, builder, TABLE, day, about=about, chapters=[] if window.is_empty else [chapter])
