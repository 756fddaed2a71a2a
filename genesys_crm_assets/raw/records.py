"""Landing CRM records as rows: a day is the set of (record, moment) tellings ever seen for it, and only gains (§4).

Each reading leaves an entry per page in the object's papers, empty pages too, with when and up to when it was read. Not here: which
records are asked for.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Proof, sql_beside
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.lake.session import ensure_contract, select_over
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import CursorRejected
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.walk import Made

_RESTARTS = 3

COLUMNS = (
    Column("object", "varchar", "The sObject that was asked for.", required=True),
    Column("id", "varchar", "The record's id as told.", required=True),
    Column("changed_at", "timestamp", "SystemModstamp of this telling; of a history row its CreatedDate. UTC.", required=True),
    Column("record", "varchar", "The record, verbatim.", required=True, personal=True),
    Column("record_sha256", "varchar", "SHA-256 of the record's bytes.", required=True),
    Column("received_at", "timestamp", "When this telling was first read, UTC.", required=True, provenance=True),
    Column("run_id", "varchar", "The Dagster run that first read it.", required=True, provenance=True),
)
"""The columns of every raw table whose rows are CRM records."""

EVERY_RECORD_TOLD_IS_KEPT = Proof(
    "no_telling_is_lost",
    sql_beside(__file__, "proof"),
    "What was kept before is kept still, and every record's bytes are those that were hashed.",
)


@dataclass(frozen=True, slots=True)
class Question:
    """One object asked for: its name, which field says when a record changed, and the pages of the answer."""

    sobject: str
    moment: str
    pages: Callable[[], Iterator[Page]]


class _Answer(msgspec.Struct):
    records: list[msgspec.Raw]


def gain(  # noqa: PLR0913 - one call from one place, all by name
    lake: Lake,
    builder: Builder,
    table: Table,
    day: date,
    questions: Sequence[Question],
    *,
    read_until: datetime,
    is_baseline: bool,
    papers: Mapping[str, str] | None = None,
) -> Made:
    """Read the questions' pages and write the day aside: what it held, and every telling it did not."""
    held, readings = _held(lake, table, day)
    seen = set(zip(held["object"].to_pylist(), held["id"].to_pylist(), held["changed_at"].to_pylist(), strict=True))
    together = [held]
    said: list[dict[str, Any]] = []
    about = {"run_id": builder.run_id, "is_baseline": is_baseline, "read_until": _naive(read_until).isoformat()}
    for question in questions:
        for reading, told in _whole(question, table, builder.run_id):
            said.append({**about, "page": len(said) + 1, **reading})
            together.append(_new(told, seen))
    if not said:
        said.append({**about, **_nothing_asked(lake)})
    steps = (("kept_before", _kept_before(lake, table, day)),)
    body = Body(reads=(), steps=steps, python=lambda _session, _day: pa.concat_tables(together), proofs=(EVERY_RECORD_TOLD_IS_KEPT,))
    figures = {
        "requests": sum(one["attempts"] for one in said),
        "waited_ms": sum(one["waited_ms"] for one in said),
        "records_told": sum(one["record_count"] for one in said),
        "records_new": sum(map(len, together)) - len(held),
        "read_until": about["read_until"],
    }
    return Made(builder.aside(table, body, day, {"reads": json.dumps([*readings, *said]), **(papers or {})}), figures)


def _whole(question: Question, table: Table, run_id: str) -> list[tuple[dict[str, Any], pa.Table]]:
    """What is said of every page of an answer, and its rows.

    A walk whose cursor dies begins again, a bounded number of times, and splices nothing (F-14). Rows wait as Arrow: as dicts a
    baseline of 150,000 took 700 MiB to land, so it takes 430.
    """

    def walked() -> list[tuple[dict[str, Any], pa.Table]]:
        schema = body_schema(table)
        return [(_reading(page), pa.Table.from_pylist(list(_rows(page, question, run_id)), schema=schema)) for page in question.pages()]

    for _ in range(_RESTARTS):
        try:
            return walked()
        except CursorRejected:
            continue
    return walked()


def _new(told: pa.Table, seen: set[tuple[str, str, datetime]]) -> pa.Table:
    """The rows of tellings not seen before; they are seen now."""
    keys = zip(*(told[name].to_pylist() for name in ("object", "id", "changed_at")), strict=True)
    places = []
    for place, key in enumerate(keys):
        if key not in seen:
            seen.add(key)
            places.append(place)
    return told if len(places) == len(told) else told.take(pa.array(places, pa.int64()))


def _held(lake: Lake, table: Table, day: date) -> tuple[pa.Table, list[dict[str, Any]]]:
    key = layout.object_key(table, day)
    schema = body_schema(table)
    if not lake.storage.exists(key):
        return schema.empty_table(), []
    url = lake.storage.url(key)
    stored = pq.ParquetFile(url).read(columns=schema.names)
    readings: list[dict[str, Any]] = json.loads(parquet.papers(url).get("reads", "[]"))
    return stored.select(schema.names).cast(schema), readings


def _kept_before(lake: Lake, table: Table, day: date) -> str:
    ensure_contract(lake.storage, table)
    found = [key for key in (layout.object_key(table, layout.CONTRACT_DAY), layout.object_key(table, day)) if lake.storage.exists(key)]
    return f"select object, id, changed_at from ({select_over([lake.storage.url(key) for key in found], table)})"


def _rows(page: Page, question: Question, run_id: str) -> Iterator[dict[str, Any]]:
    for record in msgspec.json.decode(page.body, type=_Answer).records:
        bytes_told = bytes(record)
        told = msgspec.json.decode(record)
        identity, moment = told.get("Id"), told.get(question.moment)
        if not isinstance(identity, str) or not isinstance(moment, str):
            raise ContractBroken(
                f"a {question.sobject} was told without Id or {question.moment}; check the fields asked for and the permissions"
            )
        yield {
            "object": question.sobject,
            "id": identity,
            "changed_at": _naive(datetime.fromisoformat(moment)),
            "record": bytes_told.decode(),
            "record_sha256": hashlib.sha256(bytes_told).hexdigest(),
            "received_at": _naive(page.received_at),
            "run_id": run_id,
        }


def _reading(page: Page) -> dict[str, Any]:
    return {
        "request": page.request,
        "cursor": page.cursor,
        "record_count": page.record_count,
        "body_sha256": hashlib.sha256(page.body).hexdigest(),
        "received_at": _naive(page.received_at).isoformat(),
        "attempts": page.attempts,
        "waited_ms": page.waited_ms,
    }


def _nothing_asked(lake: Lake) -> dict[str, Any]:
    moment = _naive(lake.environment.now()).isoformat()
    empty = {"page": 0, "request": "", "cursor": None, "record_count": 0, "body_sha256": hashlib.sha256(b"").hexdigest()}
    return {**empty, "received_at": moment, "attempts": 0, "waited_ms": 0}


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
