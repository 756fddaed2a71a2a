"""Contracts: what a table is called, what one row of it is, and which columns it has.

Everything else derives from a contract: the Arrow schema, the casts of a body's result, Dagster's column schema, the check on the file
written aside, the warehouse's view and its comments. Not here: how a table is built (`body`) or where it lies (`layout`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import duckdb
import pyarrow as pa

from genesys_crm_assets.lake.errors import ContractBroken

LAYERS = ("raw", "staging", "dimensions", "facts", "marts", "audit")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a contract.

    Attributes:
        name: snake_case, with the unit as a suffix where there is one (`_ms`, `_usd`); times are UTC.
        type: the DuckDB type, lower case; `timestamp` holds UTC in milliseconds.
        description: one sentence for the analyst.
        required: a null breaks the contract.
        provenance: says when or by which run, not what; left out of canonical dumps and of content digests (P3).
        personal: may hold personal data; masked in previews (P8).
        comes_from: `table.column` sources for column lineage; where empty, upstream columns of the same name.
    """

    name: str
    type: str
    description: str
    required: bool = False
    provenance: bool = False
    personal: bool = False
    comes_from: tuple[str, ...] = ()


PROVENANCE = (
    Column("loaded_at", "timestamp", "When this row's object was built, UTC.", required=True, provenance=True),
    Column("run_id", "varchar", "The Dagster run that built this row's object.", required=True, provenance=True),
)


@dataclass(frozen=True, slots=True)
class Table:
    """The contract of one table.

    Attributes:
        name: unique in the house; asset key, lake folder and view name are this word.
        layer: one of `LAYERS`; folder, Dagster group and DuckDB schema are this word.
        description: the module docstring of the table.
        key: the columns that tell rows apart; together never null and never twice within one object.
        columns: all stored columns except the provenance pair, which every stored table outside raw is given.
        daily: one object per UTC day, or one object in all.
        stored: false for views, which the warehouse computes.
        version: raised when the contract changes; `CHANGELOG.md` names the tables.
    """

    name: str
    layer: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    daily: bool = True
    stored: bool = True
    version: int = 1

    def __hash__(self) -> int:
        # Contracts are looked up thousands of times in a run; hashing every column each time took longer than the look.
        return hash((self.name, self.layer, self.version))

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        absent = [name for name in self.key if name not in (*names, "day_utc")]
        if self.layer not in LAYERS or len(set(names)) != len(names) or absent:
            raise ContractBroken(f"the contract of {self.name} contradicts itself; mend its layer, doubled columns or key")

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns as stored: the contract's, then the provenance pair where the table has it."""
        return (*self.columns, *PROVENANCE) if self.stored and self.layer != "raw" else self.columns

    @property
    def content_columns(self) -> tuple[Column, ...]:
        """The columns that say what, not when or by whom: those of the canonical dump (P3)."""
        return tuple(column for column in self.all_columns if not column.provenance)

    @property
    def qualified(self) -> str:
        """The name in the warehouse and in every session: `layer.name`."""
        return f"{self.layer}.{self.name}"

    def column(self, name: str) -> Column:
        """The column of that name; `ContractBroken` where there is none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise ContractBroken(f"{self.name} has no column {name}; name one of its contract")

    def casts(self, columns: Sequence[Column] | None = None) -> str:
        """The select list that gives a body's result the contract's types and order."""
        return ", ".join(f'cast("{column.name}" as {column.type}) as "{column.name}"' for column in columns or self.columns)


@lru_cache(maxsize=256)
def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of the stored columns, as DuckDB itself derives it from the contract's types."""
    return pa.schema([(column.name, _arrow_type(column.type)) for column in table.all_columns])


@lru_cache(maxsize=64)
def _arrow_type(told: str) -> pa.DataType:
    # Opening an engine costs fifteen milliseconds, and fifty stored tables know thirteen types.
    with duckdb.connect(":memory:") as engine:
        return engine.sql(f"select cast(null as {told}) as value limit 0").to_arrow_table().schema.field("value").type


@lru_cache(maxsize=256)
def stated(table: Table) -> str:
    """The contract as its zero-row file states it: the stored columns and their types."""
    return str(arrow_schema(table))


@lru_cache(maxsize=256)
def body_schema(table: Table) -> pa.Schema:
    """The Arrow schema of what a Python body returns: the contract's columns without the provenance pair."""
    names = [column.name for column in table.columns]
    whole = arrow_schema(table)
    return pa.schema([whole.field(name) for name in names])
