"""Stand-ins with memory for the two clients, and a real lake for them to land in.

They hand out pages as `sources` does and can be told to break off; what they were asked is remembered. The clients themselves are tested
in `sources/`, both against the sandbox in `whole/`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from dagster_duckdb import DuckDBResource

from genesys_crm_assets import resources
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.lake.warehouse import Catalogue
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.sources.errors import CursorRejected, Exchange, RequestRejected
from genesys_crm_assets.sources.genesys.feeds import records_of
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.walk import Made

DAY = date(2026, 11, 3)
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


TABLES = tuple((table, salesforce.BODY) for table in (salesforce.CASES, salesforce.ACCOUNTS, salesforce.CONTACTS))


class Interrupted(BaseException):
    """Stands for SIGKILL in the middle of an answer."""


def lake(root: Path, now: datetime = NOON, **told: str) -> resources.Lake:
    """A real lake in a folder, at a moment."""
    places = {"LAKE_URL": str(root / "lake"), "STATE_DIR": str(root / "state"), "WAREHOUSE_PATH": str(root / "warehouse.duckdb")}
    environment = resources.Environment(told={**places, "CLOCK": now.isoformat(), **told})
    return resources.Lake(environment=environment, engine=DuckDBResource(database=":memory:"), catalogue=Catalogue(TABLES))


def published(landed: Made, builder: Builder) -> Made:
    """Let what was landed stand, as a walk does."""
    assert landed.aside.holds, landed.aside.verdicts
    builder.publish(landed.aside)
    if landed.settle is not None:
        landed.settle()
    return landed


def rows(lake: resources.Lake, table: Table, day: date) -> list[dict[str, Any]]:
    """The rows of a day as they are stored."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow, and needed here only

    from genesys_crm_assets.lake import layout  # noqa: PLC0415 - likewise

    return list(pq.read_table(lake.storage.url(layout.object_key(table, day)), partitioning=None).to_pylist())


def conversations(*names: str) -> bytes:
    """A page of conversations, as short as they can be."""
    return json.dumps({"conversations": [{"conversationId": name} for name in names]}).encode()


@dataclass
class Genesys:
    """A centre that hands out given bodies as pages.

    Attributes:
        bodies: of each feed, one per page.
        until: `dataAvailabilityDate`.
        dies_after: pages of one walk after which the process is killed; None for never.
        forgets: how many times a walk's cursor dies after its first page (F-14).
        feed: as `resources.GenesysCloud` tells it.
        asked: feed, start, end and checkpoint of every walk.
    """

    bodies: dict[str, list[bytes]]
    until: datetime = NOON
    dies_after: int | None = None
    forgets: int = 0
    now: datetime = NOON
    feed: str = "conversation_jobs"
    asked: list[tuple[str, datetime, datetime, str | None]] = field(default_factory=list)
    totals: bytes = b'{"results": []}'

    @contextmanager
    def client(self) -> Iterator["Genesys"]:
        yield self

    def availability(self) -> datetime:
        return self.until

    def interactions(self, feed: str, *, start: datetime, end: datetime, resume: str | None = None) -> Iterator[Page]:
        self.asked.append((feed, start, end, resume))
        bodies = self.bodies[feed]
        first = int(resume) if resume else 0
        forgets, self.forgets = self.forgets > 0, max(self.forgets - 1, 0)
        for place in range(first, len(bodies)):
            if forgets and place == first + 1:
                raise CursorRejected("The cursor is not known any more")
            if self.dies_after is not None and place - first == self.dies_after:
                raise Interrupted
            yield self._page(feed, bodies, place)

    def queue_totals(self, *, start: datetime, end: datetime, metrics: Any) -> Page:
        self.asked.append(("aggregates_query", start, end, ",".join(metrics)))
        return self._page("aggregates_query", [self.totals], 0)

    def _page(self, feed: str, bodies: list[bytes], place: int) -> Page:
        is_last = place == len(bodies) - 1
        return Page(
            number=place + 1,
            feed=feed,
            request=json.dumps({"method": "GET", "path": f"/{feed}", "query": {}, "body": None}),
            cursor=str(place) if place else None,
            body=bodies[place],
            record_count=len(records_of(bodies[place])),
            received_at=self.now + timedelta(seconds=place),
            attempts=2,
            waited_ms=30,
            data_available_until=self.until if feed == "conversation_jobs" else None,
            checkpoint=None if is_last else str(place + 1),
            is_last=is_last,
        )


@dataclass
class Org:
    """A Salesforce org that answers with the records it holds now; a record that changes leaves its old moment.

    Attributes:
        records: of each sObject, by id: the record as it is told.
        covered: `latestDateCovered` by sObject; those not named refuse to tell.
        now: when pages are received.
        queries: every SOQL text that was asked.
        per_page: records on a page.
        described: type by field of each sObject that can be described; a field outside it cannot be queried either, but those of `undescribed`.
        asked_to_describe: every sObject that was to be described.
    """

    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    covered: dict[str, datetime] = field(default_factory=dict)
    now: datetime = NOON
    queries: list[str] = field(default_factory=list)
    per_page: int = 2
    described: dict[str, dict[str, str]] = field(default_factory=dict)
    undescribed: set[str] = field(default_factory=set)
    asked_to_describe: list[str] = field(default_factory=list)

    def tell(self, sobject: str, identity: str, moment: str, **fields: Any) -> None:
        """Let a record be as told from now on."""
        told = {"attributes": {"type": sobject}, "Id": identity, "SystemModstamp": moment, "CreatedDate": moment, **fields}
        self.records.setdefault(sobject, {})[identity] = told

    @contextmanager
    def client(self) -> Iterator["Org"]:
        yield self

    def latest_date_covered(self, sobject: str, *, start: datetime, end: datetime) -> datetime:
        assert start < end
        if sobject not in self.covered:
            raise RequestRejected("not tracked")
        return self.covered[sobject]

    def describe(self, sobject: str) -> dict[str, Any]:
        self.asked_to_describe.append(sobject)
        if sobject not in self.described:
            raise RequestRejected("no such object to describe")
        return {"name": sobject, "fields": [{"name": name, "type": kind} for name, kind in self.described[sobject].items()]}

    def query(self, query: str, *, include_deleted: bool) -> Iterator[Page]:
        assert include_deleted
        sobject = query.split(" FROM ")[1].split(" ", maxsplit=1)[0]
        asked = query.removeprefix("SELECT ").split(" FROM ", maxsplit=1)[0].split(", ")
        if sobject in self.described and set(asked) - set(self.described[sobject]) - self.undescribed:
            raise RequestRejected("No such column", at=Exchange("GET", "/query", 400, "INVALID_FIELD"))
        self.queries.append(query)
        if query.endswith("Id = null"):
            yield from self._pages(query, [])
            return
        moment = query.rsplit("ORDER BY ", 1)[1].split(",", maxsplit=1)[0]
        bounds = [part.split(" ")[0] for part in query.replace(">= ", "< ").split("< ")[1:]]
        found = [
            record
            for record in self.records.get(sobject, {}).values()
            if not bounds or bounds[0] <= record[moment].replace(".000+0000", "Z") < bounds[1]
        ]
        yield from self._pages(query, found)

    def count(self, query: str) -> Page:
        self.queries.append(query)
        return next(self._pages(query, [], total=len(self.records.get("Case", {}))))

    def _pages(self, query: str, found: list[dict[str, Any]], total: int | None = None) -> Iterator[Page]:
        parts = [found[place : place + self.per_page] for place in range(0, len(found), self.per_page)] or [[]]
        for number, part in enumerate(parts, 1):
            yield Page(
                number=number,
                feed="salesforce_query",
                request=json.dumps({"method": "GET", "path": "/query", "query": {"q": query}, "body": None}),
                cursor=None if number == 1 else f"/query/{number}",
                body=json.dumps({"totalSize": len(found), "done": number == len(parts), "records": part}).encode(),
                record_count=len(part) if total is None else total,
                received_at=self.now,
                attempts=1,
                waited_ms=5,
                data_available_until=None,
                checkpoint=None,
                is_last=number == len(parts),
            )
