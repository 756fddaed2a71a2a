"""Landing listings as they were observed: an observation is a whole listing, kept when it differs from the last one kept of it (§4).

An observation of now cannot be made about the past, so what was observed stays. The last reading of each listing, kept or not, leaves an
entry per page in the object's papers; older readings that brought nothing new leave none, so the papers do not grow. That is why the object
is written again even when nothing differs: when it was last read is news. Nothing is journalled: pages of two moments are no listing, so a
killed run asks for all of them again. Not here: what is listed, or what a listing means.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.raw import pages
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import CursorRejected, TotalNotReached
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.walk import Made

_TRIES = 3
_PAGES_TOGETHER = 64
"""Pages that are copied at once: all that was ever observed passes from the object that stands to the next, as many at a time (P9)."""

COLUMNS = (
    Column("observation", "bigint", "1, 2, … over everything observed in this table.", required=True),
    Column("page", "bigint", "1, 2, … within the observation.", required=True),
    *(column for column in pages.COLUMNS if column.name != "page"),
)
"""The columns of every raw table whose rows are pages of observations; together `observation` and `page` are the key."""

LISTING = Column("listing", "varchar", "What was listed; observations of one listing are compared with each other only.", required=True)
"""Besides, of a table that holds several listings of one feed."""

OBSERVATIONS_ARE_CLOSED = Proof(
    "observations_are_closed",
    sql_beside(__file__, "proof"),
    "Every observation is of one listing and whole: its pages from the first to the vendor's last, in sequence, with the bytes that were hashed "
    "(P2); and every page held before is held still. Where it fails, look for a run that replaced the object meanwhile and run again.",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing.

    Attributes:
        feed: of its pages; in a table with the column `listing`, the listing's name.
        pages: asks for all of them.
        instead_of: other feeds that told the same list; the last observation of any of them is what this one is compared with.
    """

    feed: str
    pages: Callable[[], Iterable[Page]]
    instead_of: tuple[str, ...] = ()


def gain(lake: Lake, builder: Builder, table: Table, listings: Sequence[Listing], papers: Mapping[str, str] | None = None) -> Made:
    """Observe the listings and write the table aside: what it held, and every listing that is not as it was last seen.

    Raises what the vendor's library raises; `CursorRejected` only after a listing was asked for again a bounded number of times (F-14).
    """
    told_by = LISTING.name if LISTING in table.columns else "feed"
    held = _held(lake, table)
    number = max((row["observation"] for row in held), default=0)
    arrived: list[dict[str, Any]] = []
    readings: list[dict[str, Any]] = []
    for listing in listings:
        seen = [{**pages.entry(page, place, builder.run_id), LISTING.name: listing.feed} for place, page in enumerate(whole(listing), 1)]
        is_new = [entry["body_sha256"] for entry in seen] != _last(held, listing, told_by)
        number += is_new
        arrived += _rows(seen, number) if is_new else []
        readings += [_reading(entry, len(readings) + place, is_kept=is_new) for place, entry in enumerate(seen, 1)]
    figures = {
        "requests": sum(reading["attempts"] for reading in readings),
        "waited_ms": sum(reading["waited_ms"] for reading in readings),
        "records_told": sum(reading["record_count"] for reading in readings),
        "observations_new": len({row["observation"] for row in arrived}),
    }
    said = {"reads": json.dumps(_latest(lake, table, readings)), **(papers or {})}
    return Made(builder.aside(table, _body(table, arrived), None, said), figures)


def newest(lake: Lake, table: Table, listing: str) -> list[bytes]:
    """The bodies of the pages of a listing as it was last kept, in sequence; none where it never was, or there is no object."""
    last = max((row["observation"] for row in _held(lake, table) if row[LISTING.name] == listing), default=None)
    if last is None:
        return []
    # Few rows lie together, so no more than that observation is read.
    url, of = lake.storage.url(layout.object_key(table, None)), [("observation", "=", last)]
    found = pq.read_table(url, columns=["page", "body"], filters=of, partitioning=None).to_pylist()
    return [row["body"] for row in sorted(found, key=lambda row: int(row["page"]))]


def _body(table: Table, arrived: list[dict[str, Any]]) -> Body:
    schema = body_schema(table)
    new = pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in arrived], schema=schema)
    return Body(
        reads=(Read(table),),
        steps=(("kept_before", f"select observation, page, body_sha256 from {table.qualified}"),),
        python=lambda _session, _day: new,
        proofs=(OBSERVATIONS_ARE_CLOSED,),
        keeps=f"select * from {table.qualified}",
        together=_PAGES_TOGETHER,
    )


def _held(lake: Lake, table: Table) -> list[dict[str, Any]]:
    """The rows that stand, as far as they are compared: not their bodies."""
    key = layout.object_key(table, None)
    if not lake.storage.exists(key):
        return []
    names = [name for name in (LISTING.name, "feed", "observation", "page", "body_sha256") if name in body_schema(table).names]
    return list(pq.read_table(lake.storage.url(key), columns=names, partitioning=None).to_pylist())


def _latest(lake: Lake, table: Table, readings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    key = layout.object_key(table, None)
    before = json.loads(parquet.papers(lake.storage.url(key)).get("reads", "[]")) if lake.storage.exists(key) else []
    read = {reading[LISTING.name] for reading in readings}
    return [reading for reading in before if reading[LISTING.name] not in read] + readings


def _reading(entry: Mapping[str, Any], number: int, *, is_kept: bool) -> dict[str, Any]:
    told = ("request", "cursor", "record_count", "body_sha256", "received_at", "attempts", "waited_ms", "run_id", LISTING.name)
    return {"page": number, "is_kept": is_kept, **{name: entry[name] for name in told}}


def whole(listing: Listing) -> list[Page]:
    """Every page of a listing; one that changed or ended early on the way is asked for again, a bounded number of times (F-14)."""
    for left in reversed(range(_TRIES)):
        try:
            found = list(listing.pages())
        except CursorRejected:
            if not left:
                raise
        else:
            if found and found[-1].is_last:
                return found
            break
    raise TotalNotReached(f"{listing.feed} answered without a last page")


def _last(held: Sequence[Mapping[str, Any]], listing: Listing, told_by: str) -> list[str]:
    names = (listing.feed, *listing.instead_of)
    number = max((row["observation"] for row in held if row[told_by] in names), default=0)
    return [row["body_sha256"] for row in sorted(held, key=lambda row: int(row["page"])) if row["observation"] == number]


def _rows(seen: Iterable[Mapping[str, Any]], observation: int) -> Iterator[dict[str, Any]]:
    for entry in seen:
        times = {name: pages.naive(entry[name]) for name in ("data_available_until", "received_at")}
        yield {**entry, **times, "observation": observation}
