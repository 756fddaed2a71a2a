"""One row per response page of the interaction feed: everything Genesys says was active on a UTC day, verbatim.

Read daily by the feed that `GENESYS_FEED` names (conversation detail jobs by default, the only feed with participant attributes). While
Genesys' data lake has not passed the end of the day, `conversation_query` is read besides, without attributes, and marked by its feed.
Conversations that began earlier and were active this day are here too; a day says what was active, not what began.
Do not count conversations here: one may stand in several days and twice in one. `staging_genesys_metrics` has each once.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime

import dagster as dg
import msgspec
import pyarrow.parquet as pq

from genesys_crm_assets import partitions, resources, walk
from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import ShrinkRefused
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import pages, windows
from genesys_crm_assets.resources import GenesysCloud, Lake
from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.paging import Page

TABLE = Table(name="raw_genesys_interactions", layer="raw", description=__doc__, key=("page",), columns=pages.COLUMNS)
BODY = Body(reads=(), proofs=(pages.LEDGER_IS_CLOSED,))

_SHRINK_SHARE = 0.01
_SHRINK_RECORDS = 10
_LIVE_FEED = "conversation_query"
_JOB_FEED = "conversation_jobs"


class Landing(dg.Config):
    """How a day is landed again."""

    allow_shrink: bool = False
    """Accept a re-read that takes away more than 1 % and more than 10 of a day's records."""


@resources.asset(TABLE, BODY, kinds={"genesys", "parquet"})
def raw_genesys_interactions(context: dg.AssetExecutionContext, config: Landing, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""

    def step(builder: Builder, day: date) -> list[walk.Made]:
        return [land(lake, genesys, builder, day, allow_shrink=config.allow_shrink)]

    (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(lake: Lake, genesys: GenesysCloud, builder: Builder, day: date, *, allow_shrink: bool) -> walk.Made:
    """Read one UTC day and write its pages aside; `ShrinkRefused` where a re-read lost records without leave."""
    now = lake.environment.now()
    window = windows.of_day(day, now)
    with genesys.client() as client:
        feeds = [genesys.feed]
        horizon: datetime | None = None
        if genesys.feed == _JOB_FEED and not window.is_empty:
            horizon = client.availability()
            feeds += [_LIVE_FEED] if horizon < windows.whole(day).end else []
        chapters = [_chapter(client, feed, window) for feed in (feeds if not window.is_empty else [])]
        about = json.dumps({"day": day.isoformat(), "end": window.end.isoformat(), "feeds": feeds})
        made = pages.land(lake, builder, TABLE, day, about=about, chapters=chapters)
    if not allow_shrink:
        _guard(lake, made, day)
    provisional = {"provisional": horizon is not None and len(feeds) > 1, "available_until": horizon.isoformat() if horizon else "not told"}
    return walk.Made(made.aside, {**made.figures, **provisional, "read_until": window.end.isoformat()}, made.settle)


def _chapter(client: Genesys, feed: str, window: windows.Window) -> pages.Chapter:
    def asked(resume: str | None) -> Iterator[Page]:
        return client.interactions(feed, start=window.start, end=window.end, resume=resume)

    return pages.Chapter(feed, asked)


class _Identified(msgspec.Struct):
    conversationId: str | None = None  # noqa: N815 - the vendor's name


class _Told(msgspec.Struct):
    conversations: list[msgspec.Raw] = []


def _guard(lake: Lake, made: walk.Made, day: date) -> None:
    key = layout.object_key(TABLE, day)
    if not lake.storage.exists(key):
        return
    before, after = _conversations(lake.storage.url(key)), _conversations(str(made.aside.path))
    lost = len(before - after)
    if lost > _SHRINK_RECORDS and lost > _SHRINK_SHARE * len(before):
        raise ShrinkRefused(
            f"reading {day} again would take away {lost} of {len(before)} conversations; look for lost divisions or retention passed, "
            "or run with allow_shrink if it is meant"
        )


def _conversations(url: str) -> set[str]:
    found: set[str] = set()
    for batch in pq.ParquetFile(url).iter_batches(batch_size=16, columns=["body"]):
        for body in batch.column("body").to_pylist():
            for record in msgspec.json.decode(body, type=_Told).conversations:
                try:
                    told = msgspec.json.decode(record, type=_Identified).conversationId
                except msgspec.MsgspecError:
                    continue
                if told is not None:
                    found.add(told)
    return found
