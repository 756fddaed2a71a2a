"""One row per response of the conversation aggregates query: what Genesys' own screens show for a UTC day, by queue and media.

Read daily, by the time metrics were emitted, from the same source the vendor's reports use; the totals our facts are reconciled with.
Conversations are absent: these are sums. Groups and metrics without data are absent and mean nought.
Do not add the days of one conversation: a metric counts on the day it was emitted.
"""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import msgspec
import pyarrow.parquet as pq

from genesys_crm_assets import graph, partitions, walk
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import pages, windows
from genesys_crm_assets.resources import GenesysCloud, Lake
from genesys_crm_assets.sources.errors import UnexpectedShape
from genesys_crm_assets.sources.genesys.client import Genesys

TABLE = Table(name="raw_genesys_queue_totals", layer="raw", description=__doc__, key=("page",), columns=pages.COLUMNS)
BODY = Body(reads=(), proofs=(pages.LEDGER_IS_CLOSED,))

METRICS = ("nOffered", "tAnswered", "tAbandon", "tHandle", "tTalkComplete", "tHeldComplete", "tAcw")
"""What reconciliation compares (§6.6 a)."""


@graph.asset(TABLE, BODY, kinds={"genesys", "parquet"})
def raw_genesys_queue_totals(context: dg.AssetExecutionContext, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""
    with genesys.client() as client:

        def step(builder: Builder, day: date) -> list[walk.Made]:
            return [land(lake, client, builder, day)]

        (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(lake: Lake, client: Genesys, builder: Builder, day: date) -> walk.Made:
    """Ask for the totals of one UTC day and write the answer aside."""
    window = windows.of_day(day, lake.environment.now())
    chapter = pages.Chapter(
        "aggregates_query", lambda _resume: iter([client.queue_totals(start=window.start, end=window.end, metrics=METRICS)])
    )
    about = json.dumps({"day": day.isoformat(), "end": window.end.isoformat()})
    made = pages.land(lake, builder, TABLE, day, about=about, chapters=[] if window.is_empty else [chapter])
    return replace(made, figures={**made.figures, "offered_told": _offered(made.aside.path)})


class _Stats(msgspec.Struct):
    count: int = 0


class _Metric(msgspec.Struct):
    metric: str
    stats: _Stats


class _Bucket(msgspec.Struct):
    metrics: list[_Metric] = []


class _Group(msgspec.Struct):
    data: list[_Bucket] = []


class _Answer(msgspec.Struct):
    results: list[_Group] = []


def _offered(path: Path) -> int:
    bodies = pq.ParquetFile(path).read(columns=["body"]).column("body").to_pylist()
    try:
        groups = [group for body in bodies for group in msgspec.json.decode(body, type=_Answer).results]
    except msgspec.MsgspecError as odd:
        raise UnexpectedShape("the aggregates query answered in a shape that is not documented") from odd
    metrics = [metric for group in groups for bucket in group.data for metric in bucket.metrics]
    return sum(metric.stats.count for metric in metrics if metric.metric == "nOffered")
