"""One row per record told on a raw day: which conversation, which UTC day it began, where it stood, and its bytes as Genesys sent them.

Built daily from `raw_genesys_interactions` of the same day, by splitting each page without decoding it; sorted by the day of beginning, so
that a staged day reads few bytes of later raw days. Records that cannot be staged stand in `quarantine_records`, the other output, with
the reason; both together are the records told. Conversations that began before `START_DATE` are kept here and staged nowhere.
Do not count conversations here: one told on three days has three rows, and `staging_genesys_metrics` says which of them counts.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

import dagster as dg
import duckdb
import pyarrow as pa

from genesys_crm_assets import graph, partitions, resources, walk
from genesys_crm_assets.lake.body import Body, Day, Proof, Read, sql_beside
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import genesys_interactions
from genesys_crm_assets.sources.genesys.feeds import records_of
from genesys_crm_assets.staging import conversation_schema
from genesys_crm_assets.staging.conversation import Rejection, examine

_PAGE = Column("page", "bigint", "The response page of that raw day; numbers run over its feeds.", required=True)
_POSITION = Column("position", "bigint", "Where on the page the record stood, from 1.", required=True)
_SHA256 = Column("record_sha256", "varchar", "SHA-256 of the record's bytes as told.", required=True)
_RECORD = Column(
    "record", "blob", "The record's bytes as told, JSON.", required=True, personal=True, comes_from=("raw_genesys_interactions.body",)
)

TABLE = Table(
    name="staging_genesys_tellings",
    layer="staging",
    description=__doc__,
    key=("page", "position"),
    columns=(
        Column("conversation_id", "varchar", "The conversation told of.", required=True),
        Column("start_day", "date", "UTC day of conversationStart.", required=True),
        _PAGE,
        _POSITION,
        Column("feed", "varchar", "The interaction feed that told it.", required=True),
        Column("received_at", "timestamp", "When its page was received, UTC.", required=True, provenance=True),
        Column(
            "data_available_until", "timestamp", "Up to when Genesys said its jobs were complete, UTC; null where the feed does not say."
        ),
        _SHA256,
        _RECORD,
    ),
)
QUARANTINE = Table(
    name="quarantine_records",
    layer="staging",
    description="""One row per record told on a raw day that could not be staged: verbatim, with the first reason that applies.

Built daily with `staging_genesys_tellings` from `raw_genesys_interactions`; a row leaves when its day is rebuilt and the reason is gone.
Interactions that a person must look at are absent: those stand in `quarantine_interactions`.
Do not add its rows up over days: a broken conversation that was active on two days stands twice.
""",
    key=("page", "position"),
    columns=(
        _PAGE,
        _POSITION,
        Column("conversation_id", "varchar", "The conversation, as far as the record tells it."),
        Column("reason", "varchar", "Why it could not be staged.", required=True),
        Column("detail", "varchar", "Where in the record and what kind of fault; never a value.", required=True),
        _SHA256,
        _RECORD,
    ),
)
ORDER = ("start_day", "page", "position")
"""How tellings are stored."""

STARTS = sql_beside(__file__, "starts")
"""The paper `starts`: for each day of beginning a digest of what this object holds of it, and when that was received."""

EVERY_RECORD_TOLD_IS_KEPT = Proof(
    "every_record_told_is_kept",
    sql_beside(__file__, "proof"),
    "Records told by the pages of the day = tellings + quarantined (P1). Where it fails nothing was published; read the day again.",
)

_BATCH_BYTES = 64 * 2**20


class _Told(NamedTuple):
    """A record and what was said of its page."""

    page: int
    position: int
    feed: str
    received_at: datetime
    data_available_until: datetime | None
    sha256: str
    record: bytes


BODY = Body(
    reads=(Read(genesys_interactions.TABLE),),
    proofs=(EVERY_RECORD_TOLD_IS_KEPT,),
    follows=(genesys_interactions.TABLE,),
    marks=(("starts", STARTS),),
    order=ORDER,
)
QUARANTINE_BODY = Body(reads=BODY.reads, follows=BODY.follows)


@graph.assets((QUARANTINE, QUARANTINE_BODY), (TABLE, BODY))
def staging_genesys_tellings(context: dg.AssetExecutionContext, lake: resources.Lake) -> tuple[dg.MaterializeResult, dg.MaterializeResult]:
    """See the module; `quarantine_records` is published first, so that a killed run leaves no telling without its counterpart."""

    def step(builder: Builder, day: date) -> list[walk.Made]:
        return written(lake, builder, day)

    todo = {*partitions.days_of(context), *lake.lagging(TABLE, BODY), *lake.lagging(QUARANTINE, QUARANTINE_BODY)}
    quarantined, tellings = walk.days(context, lake, [QUARANTINE, TABLE], todo, step)
    return quarantined, tellings


def written(lake: resources.Lake, builder: Builder, day: date) -> list[walk.Made]:
    """Split one raw day and write both outputs aside, the tellings proved against what was quarantined."""
    with lake.sight.session(BODY.reads, Day(day)) as session:
        tellings, quarantined = split(session, Day(day))
    beside = builder.aside(QUARANTINE, replace(QUARANTINE_BODY, python=lambda _session, _day: quarantined), day)
    told = replace(
        BODY, python=lambda _session, _day: tellings, steps=(("quarantine_aside", f"select * from read_parquet('{beside.path}')"),)
    )
    papers = {conversation_schema.PAPER: conversation_schema.paper(tellings.column("record").to_pylist())}
    return [walk.Made(beside), walk.Made(builder.aside(TABLE, told, day, papers))]


def split(session: duckdb.DuckDBPyConnection, day: Day) -> tuple[pa.Table, pa.Table]:
    """The records of a raw day that can be staged, by day of beginning, and those that cannot, both as told (S0-33, S2-43, P1).

    Raises:
        ObjectDamaged: a page's bytes are not those that were received (S2-44), or are no JSON.
    """
    tellings: list[tuple[Any, ...]] = []
    quarantined: list[tuple[Any, ...]] = []
    for told in _records(session):
        found = examine(told.record, day.day)
        if isinstance(found, Rejection):
            reason = (found.conversation_id, found.reason, found.detail)
            quarantined.append((told.page, told.position, *reason, told.sha256, told.record))
        else:
            told_when = (told.feed, told.received_at, told.data_available_until)
            tellings.append((found.conversation_id, found.start_day, told.page, told.position, *told_when, told.sha256, told.record))
    tellings.sort(key=_stored_order)
    quarantined.sort(key=lambda row: (row[0], row[1]))
    return _table(TABLE, tellings), _table(QUARANTINE, quarantined)


def _records(session: duckdb.DuckDBPyConnection) -> Iterator[_Told]:
    columns = "page, feed, received_at, data_available_until, body_sha256, body"
    pages = session.execute(f"select {columns} from raw.raw_genesys_interactions")
    while page := pages.fetchone():
        number, feed, received_at, until, sha256, body = page
        if hashlib.sha256(body).hexdigest() != sha256:
            raise ObjectDamaged(f"page {number} of raw_genesys_interactions is not what was received; materialise that raw day again")
        try:
            records = records_of(body)
        except ValueError:
            raise ObjectDamaged(f"page {number} of raw_genesys_interactions is no JSON; materialise that raw day again") from None
        for position, record in enumerate(records, start=1):
            yield _Told(number, position, feed, received_at, until, hashlib.sha256(record).hexdigest(), record)


def _stored_order(row: tuple[Any, ...]) -> tuple[date, int, int]:
    return row[1], row[2], row[3]


def _table(contract: Table, rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = body_schema(contract)
    batches = [
        pa.RecordBatch.from_arrays(
            [pa.array(column, field.type) for column, field in zip(zip(*some, strict=True), schema, strict=True)], schema=schema
        )
        for some in _portions(rows)
    ]
    return pa.Table.from_batches(batches, schema=schema)


def _portions(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in portions whose records, the last column, stay far below what one Arrow array holds."""
    portion: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        portion.append(row)
        size += len(row[-1])
        if size >= _BATCH_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion
