"""A lake in a temporary folder, without Dagster and without a vendor: land rows, build tables with their real bodies, read them back.

Belongs here: what any test of bodies, lag or storage needs of a lake, and rows in the shapes of the raw tables. Not here: whose rows they are.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.facts import (
    anonymous_interactions,
    customer_interactions,
    interaction_links,
    quarantine_interactions,
    queue_activity,
    sessions,
)
from genesys_crm_assets.lake import lag, parquet
from genesys_crm_assets.lake.body import Body, Day, Read
from genesys_crm_assets.lake.build import Aside, Builder
from genesys_crm_assets.lake.durable import Failpoints
from genesys_crm_assets.lake.engines import Engines
from genesys_crm_assets.lake.session import Sight, ensure_contract
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table, body_schema
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.staging import genesys_metrics, genesys_sessions, genesys_tellings

Row = dict[str, Any]

BUILT_AT = datetime(2026, 12, 1)  # noqa: DTZ001 - DuckDB's timestamps are UTC without saying so

FOLLOWERS: tuple[tuple[Table, Body], ...] = (
    (genesys_metrics.TABLE, genesys_metrics.BODY),
    (genesys_sessions.TABLE, genesys_sessions.BODY),
    (sessions.TABLE, sessions.BODY),
    (queue_activity.TABLE, queue_activity.BODY),
    (interaction_links.TABLE, interaction_links.BODY),
    (customer_interactions.TABLE, customer_interactions.BODY),
    (anonymous_interactions.TABLE, anonymous_interactions.BODY),
    (quarantine_interactions.TABLE, quarantine_interactions.BODY),
)
"""What a run builds after tellings, in the order it does."""


def rewritten(path: Path, changed: pa.Table, papers: Mapping[str, str | None] | None = None) -> None:
    """Put other rows into an object behind the lake's back; its papers stay but for those told, of which a None is taken out."""
    said = {**parquet.papers(path).values, **(papers or {})}
    kept = {name: text for name, text in said.items() if text is not None}
    plain = changed.replace_schema_metadata()
    parquet.write(path, plain.schema, pa.RecordBatchReader.from_batches(plain.schema, plain.to_batches()), kept)


@dataclass
class SmallLake:
    """A lake of its own.

    Attributes:
        root: an empty folder.
        first_day: the first day of the calendar, whose partition of a CRM table is its baseline.
        told: variables that go before the defaults.
        words: the org's mapping.
    """

    root: Path
    first_day: date = date(2026, 1, 1)
    told: Mapping[str, str] = field(default_factory=dict)
    words: mapping.Mapping = field(default_factory=mapping.read)

    @cached_property
    def storage(self) -> Folder:
        return Folder(self.root / "lake", self.root / "locks", Failpoints())

    @cached_property
    def settings(self) -> pa.Table:
        told = {**settings.DEFAULTS, "START_DATE": self.first_day.isoformat(), **self.told}
        return settings.row(lambda name: told.get(name) or "", self.words)

    @cached_property
    def sight(self) -> Sight:
        return Sight(self.storage, Engines(lambda: duckdb.connect(":memory:")).empty, self.settings, self.first_day)

    @cached_property
    def builder(self) -> Builder:
        return Builder(self.sight, "a run", BUILT_AT)

    def land(self, table: Table, day: date | None, rows: Iterable[Row], papers: Mapping[str, str] | None = None) -> Aside:
        """Publish rows as they are; columns that are not told are null."""
        found = pa.Table.from_pylist(list(rows), schema=body_schema(table))
        return self._published(self.builder.aside(table, Body(reads=(), python=lambda _session, _day: found), day, papers))

    def build(self, table: Table, body: Body, day: date | None = None) -> Aside:
        """Build one object, prove it and let it stand."""
        return self._published(self.builder.aside(table, body, day))

    def split(self, day: date) -> list[Aside]:
        """Build `quarantine_records` and `staging_genesys_tellings` of a raw day, as their asset does."""
        return [self._published(made.aside) for made in genesys_tellings.written(cast("Lake", self), self.builder, day)]

    def settle(self, arrange: Callable[[list[date]], Sequence[date]] = list) -> None:
        """Build what lags, table by table, the days of each in the order `arrange` gives them; afterwards nothing does."""
        for day in arrange(lag.lagging(self.storage, genesys_tellings.TABLE, genesys_tellings.BODY)):
            self.split(day)
        for table, body in FOLLOWERS:
            for day in arrange(lag.lagging(self.storage, table, body)):
                self.build(table, body, day)

    def rows(self, table: Table) -> list[Row]:
        """Everything that stands of a table, with `day_utc` where it has days."""
        ensure_contract(self.storage, table)
        with self.sight.session((Read(table, "all"),), Day(self.first_day)) as engine:
            return list(engine.sql(f"select * from {table.qualified}").to_arrow_table().to_pylist())

    def _published(self, aside: Aside) -> Aside:
        broken = [verdict for verdict in aside.verdicts if not verdict.holds]
        assert not broken, f"{aside.table.name} {aside.day}: {broken}"
        self.builder.publish(aside)
        return aside


def page(
    number: int, feed: str, records: Sequence[bytes], received_at: datetime, *, until: datetime | None = None, last: bool = True
) -> Row:
    """A row of `raw_genesys_interactions`: a response page with these records; times naive UTC."""
    body = b'{"conversations": [' + b", ".join(records) + b"]}"
    told = {"page": number, "feed": feed, "request": "{}", "record_count": len(records), "is_last": last, "body": body}
    when = {"received_at": received_at, "data_available_until": until}
    return {**told, **when, "body_sha256": hashlib.sha256(body).hexdigest(), "attempts": 1, "waited_ms": 0, "run_id": "a run"}


def record(sobject: str, fields: Row, received_at: datetime, moment: str = "SystemModstamp") -> Row:
    """A row of a raw Salesforce table: a record as the REST API tells it; times naive UTC."""
    text = json.dumps({"attributes": {"type": sobject}, **fields}, ensure_ascii=False)
    changed_at = datetime.fromisoformat(fields[moment]).replace(tzinfo=None)
    about = {"object": sobject, "id": fields["Id"], "changed_at": changed_at, "received_at": received_at, "run_id": "a run"}
    return {**about, "record": text, "record_sha256": hashlib.sha256(text.encode()).hexdigest()}


def readings(*told: tuple[bool, datetime, datetime]) -> dict[str, str]:
    """The paper `reads` of a raw Salesforce object: of each reading whether it was the baseline's, when it was, and up to when it read."""
    rest = {
        "page": 1,
        "request": "",
        "cursor": None,
        "record_count": 0,
        "body_sha256": "",
        "attempts": 1,
        "waited_ms": 0,
        "run_id": "a run",
    }
    entries = [
        {**rest, "is_baseline": baseline, "received_at": at.isoformat(), "read_until": until.isoformat()} for baseline, at, until in told
    ]
    return {"reads": json.dumps(entries)}
