"""One row per response page of the interaction feed: everything Genesys says was active on a UTC day, verbatim.

Read daily by the feed that `GENESYS_FEED` names (conversation detail jobs by default, the only feed with participant attributes). While
Genesys' data lake has not passed the end of the day, `conversation_query` is read besides, without attributes, and marked by its feed.
Conversations that began earlier and were active this day are here too; a day says what was active, not what began.
Do not count conversations here: one may stand in several days and twice in one. `staging_genesys_metrics` has each once.
"""

import json
from collections.abc import Iterator
from datetime import date

import dagster as dg
import msgspec
import pyarrow.parquet as pq

from genesys_crm_assets import graph, partitions, walk
from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import ShrinkRefused
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import pages, windows
from genesys_crm_assets.resources import GenesysCloud, Lake
from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.sources.genesys.client import Genesys
from genesys_crm_assets.sources.genesys.feeds import records_of
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


@graph.asset(TABLE, BODY, kinds={"genesys", "parquet"})
def raw_genesys_interactions(context: dg.AssetExecutionContext, config: Landing, lake: Lake, genesys: GenesysCloud) -> dg.MaterializeResult:
    """See the module."""
    with genesys.client() as client:

        def step(builder: Builder, day: date) -> list[walk.Made]:
            return [land(lake, client, genesys.feed, builder, day, allow_shrink=config.allow_shrink)]

        (result,) = walk.days(context, lake, [TABLE], partitions.days_of(context), step)
    return result


def land(  # noqa: PLR0913 - what is landed, where, and from whom
    lake: Lake, client: Genesys, feed: str, builder: Builder, day: date, *, allow_shrink: bool
) -> walk.Made:
    """Read one UTC day and write its pages aside; `ShrinkRefused` where a re-read lost records without leave."""
    window = windows.of_day(day, lake.environment.now())
    horizon = client.availability() if feed == _JOB_FEED and not window.is_empty else None
    chapters = [] if window.is_empty else [_chapter(client, feed, window)]
    is_provisional = horizon is not None and horizon < windows.whole(day).end
    if horizon is not None and is_provisional and horizon < window.end:
        # What the jobs do not hold yet (§7); the query tells every conversation of the day that was active since.
        chapters.append(_chapter(client, _LIVE_FEED, windows.Window(max(window.start, horizon), window.end)))
    about = json.dumps({"day": day.isoformat(), "end": window.end.isoformat(), "feeds": [chapter.feed for chapter in chapters]})
    made = pages.land(lake, builder, TABLE, day, about=about, chapters=chapters)
    if not allow_shrink:
        _guard(lake, made, day)
    until = horizon.isoformat() if horizon is not None else "not told"
    told = {"provisional": is_provisional, "available_until": until, "read_until": window.end.isoformat()}
    return walk.Made(made.aside, {**made.figures, **told}, made.settle)


def _chapter(client: Genesys, feed: str, window: windows.Window) -> pages.Chapter:
    def asked(resume: str | None) -> Iterator[Page]:
        return client.interactions(feed, start=window.start, end=window.end, resume=resume)

    return pages.Chapter(feed, asked)


class _Identified(msgspec.Struct):
    conversationId: str | None = None  # noqa: N815 - the vendor's name


def _guard(lake: Lake, made: walk.Made, day: date) -> None:
    key = layout.object_key(TABLE, day)
    if not lake.storage.exists(key):
        return
    before, after = _conversations(lake.storage.url(key)), _conversations(str(made.aside.path))
    lost = len(before - after)
    if lost > _SHRINK_RECORDS and lost > _SHRINK_SHARE * len(before):
        if made.settle is not None:
            # Refused pages are not gone on with: the next run asks an org that may have been put right.
            made.settle()
        raise ShrinkRefused(
            f"reading {day} again would take away {lost} of {len(before)} conversations; look for lost divisions or retention passed, "
            "or run with allow_shrink if it is meant"
        )


def _conversations(url: str) -> set[str]:
    found: set[str] = set()
    for batch in pq.ParquetFile(url).iter_batches(batch_size=16, columns=["body"]):
        for body in batch.column("body").to_pylist():
            try:
                found |= {told for record in records_of(body) if (told := _id_of(record)) is not None}
            except ValueError:
                # Bytes that are no JSON name nobody who could be lost.
                continue
    return found


def _id_of(record: bytes) -> str | None:
    try:
        return msgspec.json.decode(record, type=_Identified).conversationId
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        told = json_bytes.value(record)
    except ValueError:
        return None
    found = told.get("conversationId") if isinstance(told, dict) else None
    return found if isinstance(found, str) else None
