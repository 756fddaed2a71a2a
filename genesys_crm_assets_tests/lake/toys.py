"""A lake of two toy tables in a folder: orders as told, and what is made of them. Small enough to be computed by hand."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.lake import layout
from genesys_crm_assets.lake.body import Body, Proof, Read
from genesys_crm_assets.lake.build import Aside, Builder
from genesys_crm_assets.lake.durable import Failpoints
from genesys_crm_assets.lake.session import Sight
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Column, Table, body_schema
from genesys_crm_assets.lake.warehouse import Catalogue, Warehouse

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)
NOW = datetime(2026, 1, 3, 12)  # noqa: DTZ001 - as DuckDB's timestamps are

ORDERS = Table(
    name="staging_orders",
    layer="staging",
    description="One row per order of a day.\n\nFor tests only.",
    key=("order_id",),
    columns=(
        Column("order_id", "varchar", "The order.", required=True),
        Column("cents", "bigint", "What was paid, in cents."),
        Column("buyer", "varchar", "Who's paying.", personal=True),
        Column("seen_at", "timestamp", "When it was seen, UTC.", provenance=True),
    ),
)
TAKINGS = Table(
    name="fact_takings",
    layer="facts",
    description="One row per day: what was taken.",
    key=("currency",),
    columns=(Column("currency", "varchar", "The currency.", required=True), Column("cents", "bigint", "The sum.", required=True)),
)
BUYERS = Table(
    name="dim_buyer",
    layer="dimensions",
    description="One row per buyer of all days.",
    key=("buyer",),
    columns=(Column("buyer", "varchar", "The buyer.", required=True, personal=True), Column("orders", "bigint", "How many.")),
    daily=False,
)
BEST_DAY = Table(
    name="best_day",
    layer="marts",
    description="One row: the day with the greatest takings.",
    key=("day_utc",),
    columns=(Column("day_utc", "date", "The day."), Column("cents", "bigint", "Its takings.")),
    daily=False,
    stored=False,
)
NO_NEGATIVE = Proof("takings_are_not_negative", "select min(cents) >= 0 is not false as holds, min(cents) as least from aside", "Look.")
ADD_UP = Body(
    reads=(Read(ORDERS),),
    sql="select 'EUR' as currency, coalesce(sum(cents), 0) as cents from staging.staging_orders",
    proofs=(NO_NEGATIVE,),
    follows=(ORDERS,),
)
WHO_BOUGHT = Body(reads=(Read(ORDERS, "all"),), sql="select buyer, count(*) as orders from staging.staging_orders group by buyer")
BEST = Body(
    reads=(Read(TAKINGS, "all"),),
    steps=(("takings", "select day_utc, cents from facts.fact_takings"),),
    sql="select * from takings order by cents desc limit 1",
)
CATALOGUE = Catalogue(((ORDERS, Body(reads=())), (TAKINGS, ADD_UP), (BUYERS, WHO_BOUGHT), (BEST_DAY, BEST)))


def settings_row(**told: str) -> pa.Table:
    """The row of `audit.settings` by default, with some variables told."""
    return settings.row(lambda name: told.get(name) or settings.DEFAULTS.get(name) or "", mapping.read())


@contextmanager
def engine() -> Any:
    """An empty DuckDB."""
    with duckdb.connect(":memory:") as connection:
        yield connection


@dataclass
class ToyLake:
    """A lake, and what is done with it in a line."""

    root: Path
    die: Callable[[], None] | None = None
    failpoint: str = ""
    patience: float = 5.0
    told: dict[str, str] = field(default_factory=dict)

    @cached_property
    def storage(self) -> Folder:
        armed = Failpoints(self.failpoint, self.die) if self.die else Failpoints(self.failpoint)
        return Folder(self.root / "lake", self.root / "state" / "locks", armed, self.patience)

    @property
    def sight(self) -> Sight:
        return Sight(self.storage, engine, settings_row(**self.told), FIRST)

    def builder(self, run_id: str = "a run", now: datetime = NOW) -> Builder:
        return Builder(self.sight, run_id, now)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.root / "warehouse.duckdb", self.storage, CATALOGUE, settings_row(**self.told))

    def orders(self, day: date, *rows: tuple[str, int | None], papers: dict[str, str] | None = None, run_id: str = "a run") -> Aside:
        """Publish a day of orders: pairs of order and cents."""
        made = self.orders_aside(day, *rows, papers=papers, run_id=run_id)
        self.builder().publish(made)
        return made

    def orders_aside(
        self, day: date, *rows: tuple[str, int | None], papers: dict[str, str] | None = None, run_id: str = "a run", now: datetime = NOW
    ) -> Aside:
        told = [{"order_id": order, "cents": cents, "buyer": f"buyer of {order}", "seen_at": now} for order, cents in rows]
        body = Body(reads=(), python=lambda _session, _day: pa.Table.from_pylist(told, schema=body_schema(ORDERS)))
        return self.builder(run_id, now).aside(ORDERS, body, day, papers)

    def build(self, table: Table, body: Body, day: date | None) -> Aside:
        """Build and publish one object."""
        made = self.builder().aside(table, body, day)
        self.builder().publish(made)
        return made

    def path(self, table: Table, day: date | None) -> Path:
        return Path(self.storage.url(layout.object_key(table, day)))

    def read(self, table: Table, day: date | None) -> list[dict[str, Any]]:
        """The rows of one object as they are stored."""
        with duckdb.connect(":memory:") as reader:
            query = "select * from read_parquet($path, hive_partitioning = false)"
            return list(reader.sql(query, params={"path": str(self.path(table, day))}).to_arrow_table().to_pylist())
