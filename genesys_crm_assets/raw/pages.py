"""Landing response pages as rows: journalled as they arrive, resumed where the vendor allows it, closed by the object that holds them.

Not here: which pages are asked for.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Proof, sql_beside
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.journal import Journal
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import CursorRejected, TotalNotReached
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.walk import Made

_RESTARTS = 3
_RESUME_WITHIN = timedelta(hours=6)
"""An older journal is not worth resuming: the day may have gone on since."""

COLUMNS = (
    Column("page", "bigint", "1, 2, … over all feeds of this object.", required=True),
    Column("feed", "varchar", "The feed that was asked.", required=True),
    Column("request", "varchar", "The request as JSON: method, path, query, body; no host and no secret.", required=True),
    Column("cursor", "varchar", "The cursor or page number that asked for this page; null for a first page that needs none."),
    Column("record_count", "bigint", "Records in the body.", required=True),
    Column("is_last", "boolean", "The vendor said that nothing follows.", required=True),
    Column("body", "blob", "The response body, verbatim.", required=True, personal=True),
    Column("body_sha256", "varchar", "SHA-256 of the body.", required=True),
    Column("data_available_until", "timestamp", "Genesys' dataAvailabilityDate as told with this page, UTC."),
    Column("received_at", "timestamp", "When the page arrived, UTC.", required=True, provenance=True),
    Column("attempts", "bigint", "Requests sent for this page.", required=True, provenance=True),
    Column("waited_ms", "bigint", "Milliseconds waited for limits and between attempts.", required=True, provenance=True),
    Column("run_id", "varchar", "The Dagster run that landed it.", required=True, provenance=True),
)
"""The columns of every raw table whose rows are response pages."""

LEDGER_IS_CLOSED = Proof(
    "the_ledger_is_closed",
    sql_beside(__file__, "proof"),
    "Every page from the first to the vendor's last is here, in sequence, and its bytes are those that were hashed (P2).",
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One feed's share of an object: how its pages are asked for, from the beginning or from a checkpoint.

    An `optional` one may find, once the pages before it are there, that nothing is to be asked.
    """

    feed: str
    pages: Callable[[str | None], Iterator[Page]]
    optional: bool = False


def land(  # noqa: PLR0913 - what is landed, where, and from whom
    lake: Lake,
    builder: Builder,
    table: Table,
    day: date,
    *,
    about: str,
    chapters: list[Chapter],
    papers: Mapping[str, str] | None = None,
    marks: tuple[tuple[str, str], ...] = (),
) -> Made:
    """Ask for every chapter's pages, journal them, and write them aside as one object.

    A journal about the same thing is gone on with. Raises what the vendor's library raises; `CursorRejected` only after the window was
    restarted a bounded number of times (F-14). `papers` are the object's besides its own, `marks` those computed from its rows.
    """
    published = _landing_of(lake, table, day)
    journal = _fresh(under_way(lake, table, day, about), published, builder.now)
    for _ in range(_RESTARTS):
        try:
            for chapter in chapters:
                _read(journal, chapter, builder.run_id)
            break
        except CursorRejected:
            journal.discard()
    else:
        for chapter in chapters:
            _read(journal, chapter, builder.run_id)
    entries = journal.entries()
    body = Body(reads=(), python=lambda _session, _day: _rows(table, entries), proofs=(LEDGER_IS_CLOSED,), marks=marks)
    said = {**(papers or {}), **({"landing": _landing(entries)} if entries else {})}
    figures = {
        "requests": sum(entry["attempts"] for entry in entries),
        "waited_ms": sum(entry["waited_ms"] for entry in entries),
        "records_told": sum(entry["record_count"] for entry in entries),
    }
    aside = builder.aside(table, body, day, said)
    if not aside.holds:
        # A ledger that does not close never will: the next run asks for every page again.
        journal.discard()
    return Made(aside, figures, journal.discard)


def under_way(lake: Lake, table: Table, day: date, about: str) -> Journal:
    """The pages of an object that have arrived so far: what a chapter asks for may depend on what earlier pages told."""
    return Journal(lake.journals / table.name / f"{day}.pages", about, lake.storage.failpoints)


def _read(journal: Journal, chapter: Chapter, run_id: str) -> None:
    entries = journal.entries()
    arrived = [entry for entry in entries if entry["feed"] == chapter.feed]
    if arrived and arrived[-1]["is_last"]:
        return
    number = len(entries)
    is_ended = chapter.optional and not arrived
    for page in chapter.pages(arrived[-1]["checkpoint"] if arrived else None):
        number += 1
        is_ended = page.is_last
        journal.append(entry(page, number, run_id))
    if not is_ended:
        raise TotalNotReached(f"{chapter.feed} answered without a last page")


def entry(page: Page, number: int, run_id: str) -> dict[str, Any]:
    """A page as a row, times as text; `number` counts over all pages of the object."""
    return {
        "page": number,
        "feed": page.feed,
        "request": page.request,
        "cursor": page.cursor,
        "record_count": page.record_count,
        "is_last": page.is_last,
        "body": page.body,
        "body_sha256": hashlib.sha256(page.body).hexdigest(),
        "data_available_until": _text(page.data_available_until),
        "received_at": _text(page.received_at),
        "attempts": page.attempts,
        "waited_ms": page.waited_ms,
        "run_id": run_id,
        "checkpoint": page.checkpoint,
    }


def _rows(table: Table, entries: list[dict[str, Any]]) -> pa.Table:
    times = ("data_available_until", "received_at")
    rows = [{**entry, **{name: naive(entry[name]) for name in times}} for entry in entries]
    schema = body_schema(table)
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)


def _fresh(journal: Journal, published: str, now: datetime) -> Journal:
    entries = journal.entries()
    if not entries:
        return journal
    last = naive(entries[-1]["received_at"])
    damaged = any(hashlib.sha256(entry["body"]).hexdigest() != entry["body_sha256"] for entry in entries)
    if damaged or _landing(entries) == published or last is None or now - last > _RESUME_WITHIN:
        journal.discard()
    return journal


def _landing(entries: list[dict[str, Any]]) -> str:
    first = entries[0]
    return hashlib.sha256(json.dumps([first["run_id"], first["received_at"], first["body_sha256"], len(entries)]).encode()).hexdigest()


def _landing_of(lake: Lake, table: Table, day: date) -> str:
    key = layout.object_key(table, day)
    return parquet.papers(lake.storage.url(key)).get("landing") if lake.storage.exists(key) else ""


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() if moment is not None else None


def naive(text: str | None) -> datetime | None:
    """A stored moment as DuckDB's `timestamp` is: UTC without saying so."""
    return datetime.fromisoformat(text) if text else None
