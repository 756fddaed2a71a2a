"""The analyst's door: one DuckDB file of views over the lake's objects, a pure function of contracts and settings (§4).

Written aside and renamed when its fingerprint differs; readers keep what they opened and never block a writer. Not here: any row but
those of `audit.settings`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from filelock import FileLock

from genesys_crm_assets.lake import layout, session
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.errors import ContractBroken, LocationRefused
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import LAYERS, Table

STORAGE_VERSION = "v1.2.0"
"""Read by every DuckDB driver of the past year."""

_EDITION = 1
"""Raised when this module writes the same contracts differently."""


@dataclass(frozen=True)
class Catalogue:
    """Every table and view of the house with its body, in no particular order."""

    entries: tuple[tuple[Table, Body], ...]

    def stored(self) -> list[Table]:
        """The tables that have objects, by name."""
        return sorted((table for table, _ in self.entries if table.stored), key=lambda table: table.name)

    def views(self) -> list[tuple[Table, Body]]:
        """The views, each after those it reads; `ContractBroken` where they read each other in a circle."""
        waiting = {table.name: (table, body) for table, body in self.entries if not table.stored and body.sql}
        ordered: list[tuple[Table, Body]] = []
        while waiting:
            free = sorted(name for name, (_, body) in waiting.items() if not any(read.table.name in waiting for read in body.reads))
            if not free:
                raise ContractBroken(f"the views {', '.join(sorted(waiting))} read each other in a circle; break it")
            ordered += [waiting.pop(name) for name in free]
        return ordered

    def read_by_reading(self) -> list[Table]:
        """The tables of which somebody wants to know when the vendor was read."""
        found = {read.table.name: read.table for _, body in self.entries for read in body.reads if read.readings}
        return [found[name] for name in sorted(found)]

    @cached_property
    def digest(self) -> str:
        """Of every contract and every view's text; asked for after every table of a run."""
        tables = [repr(table) for table in self.stored()]
        views = [(repr(table), session.with_steps(body)) for table, body in self.views()]
        return hashlib.sha256(json.dumps([tables, views]).encode()).hexdigest()

    def named(self, name: str) -> tuple[Table, Body]:
        """The entry of that name; `ContractBroken` where there is none."""
        for table, body in self.entries:
            if table.name == name:
                return table, body
        raise ContractBroken(f"there is no table {name}; `dagster asset list` names them")


@dataclass(frozen=True)
class Warehouse:
    """The file, and what it is made of.

    Attributes:
        path: absolute path of the DuckDB file.
        storage: the lake its views read.
        catalogue: what it shows.
        settings: the row of `audit.settings`.
    """

    path: Path
    storage: Folder
    catalogue: Catalogue
    settings: pa.Table

    def refresh(self) -> bool:
        """Write the file where it is absent or made of other contracts or settings; returns whether it was written."""
        for table in self.catalogue.stored():
            session.ensure_contract(self.storage, table)
        wanted = self._fingerprint()
        if self._stated() == wanted:
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(self.storage.locks / "warehouse.lock")):
            self._write(wanted)
        return True

    def open(self) -> duckdb.DuckDBPyConnection:
        """A reader of the file."""
        return duckdb.connect(str(self.path), read_only=True)

    def _write(self, fingerprint: str) -> None:
        aside = self.path.with_name(f".{self.path.name}.aside")
        aside.unlink(missing_ok=True)
        with self.storage.failpoints.step("warehouse.write_aside"), duckdb.connect(":memory:") as engine:
            engine.execute(f"attach '{_quoted(str(aside))}' as warehouse (storage_version '{STORAGE_VERSION}')")
            engine.execute("use warehouse")
            # Several hundred comments, each synced by itself, took longer than everything else together.
            engine.execute("begin")
            for statement in self._statements(fingerprint):
                engine.execute(statement)
            engine.register("settings_row", self.settings)
            engine.execute("insert into audit.settings select * from settings_row")
            engine.execute("commit")
            engine.execute("use memory")
            engine.execute("detach warehouse")
        with self.storage.failpoints.step("warehouse.rename"):
            aside.replace(self.path)

    def _statements(self, fingerprint: str) -> Iterator[str]:
        yield from (f"create schema {layer}" for layer in LAYERS)
        yield self._shape()
        yield f"comment on table audit.settings is 'fingerprint {fingerprint}'"
        stored = self.catalogue.stored()
        for table in stored:
            select = session.select_over([self.storage.url(layout.pattern(table))], table)
            yield f"create view {table.qualified} as {select}"
            yield from _comments(table)
        yield f"create view audit.papers as {session.papers_over(self.storage, stored)}"
        for table in self.catalogue.read_by_reading():
            yield f"create view {table.qualified}_reads as {_READINGS.replace('$table', table.name)}"
        for table, body in self.catalogue.views():
            yield f"create view {table.qualified} as {session.with_steps(body)}"
            yield from _comments(table)

    def _shape(self) -> str:
        empty = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in _types(self.settings))
        return f"create table audit.settings as select {empty} limit 0"

    def _fingerprint(self) -> str:
        made_of: dict[str, Any] = {
            "edition": _EDITION,
            "duckdb": STORAGE_VERSION,
            "lake": self.storage.url(""),
            "settings": self.settings.to_pylist(),
            "catalogue": self.catalogue.digest,
        }
        return hashlib.sha256(json.dumps(made_of, sort_keys=True, default=str).encode()).hexdigest()

    def _stated(self) -> str:
        if not self.path.is_file():
            return ""
        status = self.path.stat()
        return _fingerprint_of(self.path, status.st_mtime_ns, status.st_size, status.st_ino)


_STATED = "select comment from duckdb_tables() where schema_name = 'audit' and table_name = 'settings'"
_FOREIGN = "select count(*) from duckdb_tables() where not internal"
_READINGS = Path(__file__).with_name("warehouse.readings.sql").read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def _fingerprint_of(path: Path, _changed: int, _size: int, _inode: int) -> str:
    """What a file says it is made of; asked after every table of a run, and opened again only when it has changed."""
    try:
        with duckdb.connect(str(path), read_only=True) as reader:
            found = reader.execute(_STATED).fetchall()
            foreign = reader.execute(_FOREIGN).fetchall()[0][0] if not found else 0
    except duckdb.Error:
        # Damaged, or held open for writing by somebody's shell: it is made of contracts and settings only, so another takes its place.
        return ""
    if foreign:
        raise LocationRefused("WAREHOUSE_PATH names a DuckDB file with tables that are not this platform's; name another file")
    return str(found[0][0]).removeprefix("fingerprint ") if found else ""


def _comments(table: Table) -> Iterator[str]:
    first = table.description.strip().splitlines()[0] if table.description.strip() else table.name
    yield f"comment on view {table.qualified} is '{_quoted(first)}'"
    for column in table.all_columns:
        yield f"comment on column {table.qualified}.\"{column.name}\" is '{_quoted(column.description)}'"


def _types(settings: pa.Table) -> list[tuple[str, str]]:
    with duckdb.connect(":memory:") as engine:
        engine.register("settings_row", settings)
        return [(row[0], row[1]) for row in engine.execute("describe settings_row").fetchall()]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
