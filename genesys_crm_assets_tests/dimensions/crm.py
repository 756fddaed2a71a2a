"""A CRM told by hand: tellings, field history and readings of it, and the dimension they give."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from random import Random
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact, salesforce_opportunity, salesforce_user
from genesys_crm_assets.lake.table import LAYERS, Table, arrow_schema
from genesys_crm_assets.staging import (
    salesforce_accounts,
    salesforce_cases,
    salesforce_contacts,
    salesforce_field_history,
    salesforce_opportunities,
    salesforce_users,
)
from genesys_crm_assets_tests import running

Row = dict[str, Any]

STAGED: Mapping[ModuleType, ModuleType] = {
    salesforce_case: salesforce_cases,
    salesforce_account: salesforce_accounts,
    salesforce_contact: salesforce_contacts,
    salesforce_opportunity: salesforce_opportunities,
    salesforce_user: salesforce_users,
}
WORDS = {
    salesforce_case: "Case",
    salesforce_account: "Account",
    salesforce_contact: "Contact",
    salesforce_opportunity: "Opportunity",
    salesforce_user: "User",
}

CREATED = datetime(2026, 1, 5, 10)  # noqa: DTZ001 - the lake's timestamps are UTC without saying so
READ = datetime(2026, 2, 1)  # noqa: DTZ001 - likewise
CASE = "500000000000001AAA"


def at(seconds: float) -> datetime:
    """That many seconds after the record's creation."""
    return CREATED + timedelta(seconds=seconds)


class Crm:
    """What one object's records were told as, and what follows from it."""

    def __init__(
        self, dimension: ModuleType = salesforce_case, *, covered: bool = True, words: mapping.Mapping | None = None, **variables: str
    ) -> None:
        self.dimension = dimension
        self.id_column = dimension.TABLE.columns[1].name
        self.tellings: list[Row] = []
        self.history: list[Row] = []
        self.readings: list[Row] = [_reading(READ + timedelta(hours=1), baseline=True)] if covered else []
        self._engine = _session(tuple(sorted(variables.items())), words or mapping.read())

    def tell(self, seconds: float, record: str = CASE, **values: Any) -> None:
        """The record as it stood at its SystemModstamp, that many seconds after creation."""
        told = {self.id_column: record, "created_at": CREATED, "system_modstamp": at(seconds), "received_at": READ, **values}
        if self.dimension is not salesforce_user:
            told.setdefault("is_deleted", False)
        self.tellings.append({**told, "record_sha256": str(sorted((k, str(v)) for k, v in told.items() if k != "received_at"))})

    def change(self, seconds: float, field: str, old: str | None, new: str | None, record: str = CASE, **values: Any) -> None:
        """A row of field history."""
        row = {
            "history_id": f"017{len(self.history):012}AAA",
            "object": WORDS[self.dimension],
            "record_id": record,
            "field": field,
            "old_value": old,
            "new_value": new,
            "created_at": at(seconds),
            "is_deleted": False,
            "received_at": READ,
        }
        self.history.append({**row, **values})

    def read(self, read_at: datetime, *, day: datetime = CREATED, until: datetime | None = None, baseline: bool = False) -> None:
        """A reading of the partition of field history of that day."""
        self.readings.append(_reading(read_at, day=day, until=until, baseline=baseline))

    def versions(self, shuffle: Random | None = None) -> list[Row]:
        """The dimension's rows, by record and beginning."""
        tellings, history, readings = list(self.tellings), list(self.history), list(self.readings)
        for rows in (tellings, history, readings) if shuffle else ():
            shuffle.shuffle(rows)  # type: ignore[union-attr]  # only reached with one
        _upstream(self._engine, STAGED[self.dimension].TABLE, tellings)
        _upstream(self._engine, salesforce_field_history.TABLE, history)
        kinds = "day_utc date, is_baseline boolean, read_at timestamp, read_until timestamp"
        self._engine.execute(f"create or replace table staging.staging_salesforce_field_history_reads ({kinds})")
        for row in readings:
            self._engine.execute("insert into staging.staging_salesforce_field_history_reads values (?, ?, ?, ?)", list(row.values()))
        found = running.rows(self.dimension.BODY, self._engine)
        return sorted(found, key=lambda row: (row[self.id_column], row["valid_from"]))

    def story(self, column: str, record: str = CASE) -> list[tuple[Any, ...]]:
        """Of one record, version by version: seconds from creation, value, how its beginning is known."""
        rows = [row for row in self.versions() if row[self.id_column] == record]
        return [((row["valid_from"] - CREATED).total_seconds(), row[column], row["change_source"]) for row in rows]

    def proofs(self, spoil: str = "") -> dict[str, Row]:
        """What the table's own proofs say of its rows, or of rows spoilt by a statement over `aside`."""
        self.versions()
        body, table = self.dimension.BODY, self.dimension.TABLE
        self._engine.execute(f"create or replace temp table aside as select {table.casts()} from ({body.sql})")
        if spoil:
            self._engine.execute(spoil)
        return {proof.name: running.dicts(self._engine.execute(proof.sql))[0] for proof in body.proofs}


def _reading(read_at: datetime, *, day: datetime = CREATED, until: datetime | None = None, baseline: bool = False) -> Row:
    return {"day_utc": day.date(), "is_baseline": baseline, "read_at": read_at, "read_until": until or read_at}


@cache
def _session(variables: tuple[tuple[str, str], ...], words: mapping.Mapping) -> duckdb.DuckDBPyConnection:
    """One for all CRMs of the same settings: each lays its upstreams anew whenever it is asked, and another DuckDB would take the longest."""
    engine = duckdb.connect(":memory:")
    engine.execute("set timezone = 'UTC'")
    engine.execute("set threads = 1")
    for layer in LAYERS:
        engine.execute(f"create schema {layer}")
    told = {**settings.DEFAULTS, **dict(variables)}
    engine.register("settings_row", settings.row(lambda name: told.get(name) or "", words))
    engine.execute("create table audit.settings as select * from settings_row")
    return engine


def _upstream(engine: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Row]) -> None:
    engine.register("laid", pa.Table.from_pylist(list(rows), schema=arrow_schema(table)))
    engine.execute(f"create or replace table {table.qualified} as select * from laid")
    engine.unregister("laid")
