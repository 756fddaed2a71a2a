"""A table as a node of Dagster's graph: what its contract and its body say of an asset, its edges, columns, lineage and blocking checks.

Not here: what an asset does when it is materialised, which `walk` does, and what of the configuration it needs, which `resources` gives.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import dagster as dg

from genesys_crm_assets import partitions
from genesys_crm_assets.lake.body import Body, Read
from genesys_crm_assets.lake.build import standing_proofs
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.resources import explained

OWNERS = ["team:data-engineering"]


def asset(
    table: Table, body: Body, *, kinds: set[str] | None = None, deps: list[Any] | None = None
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """The decorator of every asset: contract and body say everything but its name and its few lines."""

    def decorated(run: Callable[..., Any]) -> dg.AssetsDefinition:
        with _beta():
            return cast("dg.AssetsDefinition", dg.asset(**described(table, body, kinds=kinds, deps=deps))(explained(run)))

    return decorated


def assets(*outputs: tuple[Table, Body]) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """The decorator of an asset with several daily outputs, in the order its body returns them."""

    def decorated(run: Callable[..., Any]) -> dg.AssetsDefinition:
        with _beta():
            specs = [specified(table, body) for table, body in outputs]
            checks = [spec for table, body in outputs for spec in check_specs(table, body)]
            made = dg.multi_asset(
                specs=specs, check_specs=checks, partitions_def=partitions.DAILY, backfill_policy=dg.BackfillPolicy.single_run()
            )
            return made(explained(run))

    return decorated


@contextmanager
def _beta() -> Iterator[None]:
    """Dagster says of every range policy and partition mapping that it is a beta; the locked version has what we use of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield


def described(table: Table, body: Body, *, kinds: set[str] | None = None, deps: list[Any] | None = None) -> dict[str, Any]:
    """What a contract and a body say of an asset, as arguments of `dg.asset`: everything but its name and its few lines."""
    return {
        "group_name": table.layer,
        "description": prose(table.description),
        "owners": OWNERS,
        "kinds": kinds or ({"duckdb", "parquet"} if table.stored else {"duckdb", "view"}),
        "code_version": str(table.version),
        "metadata": metadata(table, body),
        "partitions_def": partitions.DAILY if table.daily else None,
        "backfill_policy": dg.BackfillPolicy.single_run(),
        "check_specs": check_specs(table, body),
        "deps": [*(dependency(read) for read in body.reads if read.table is not table), *(deps or [])],
    }


def prose(description: str) -> str:
    """A docstring as Markdown: a line that ends a sentence ends a paragraph, which Dagster would run together with the next."""
    return re.sub(r"(?<=[.:])\n(?=\S)", "\n\n", description.strip())


def specified(table: Table, body: Body, *, kinds: set[str] | None = None) -> dg.AssetSpec:
    """The same as a spec, for one of several outputs of one body."""
    said = described(table, body, kinds=kinds)
    for name in ("backfill_policy", "check_specs", "partitions_def"):
        said.pop(name)
    return dg.AssetSpec(table.name, partitions_def=partitions.DAILY if table.daily else None, **said)


def check_specs(table: Table, body: Body) -> list[dg.AssetCheckSpec]:
    """A blocking check for each proof: evaluated on the file written aside, before it replaces the old one."""
    proofs = (*standing_proofs(table), *body.proofs) if table.stored else ()
    return [dg.AssetCheckSpec(proof.name, asset=table.name, description=proof.description, blocking=True) for proof in proofs]


def metadata(table: Table, body: Body) -> dict[str, Any]:
    """The column schema, the table's name in the warehouse, its grain and its column lineage, at definition time."""
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            column.description,
            constraints=dg.TableColumnConstraints(nullable=not column.required, unique=table.key == (column.name,)),
            tags={"personal": ""} if column.personal else {},
        )
        for column in (*table.all_columns, *_path_columns(table))
    ]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/table_name": table.qualified,
        "dagster/column_lineage": lineage(table, body),
        "one row per": ", ".join(table.key),
    }


def lineage(table: Table, body: Body) -> dg.TableColumnLineage:
    """Where each column comes from: as the contract says, else the upstream columns of the same name."""
    found: dict[str, list[dg.TableColumnDep]] = {}
    for column in table.columns:
        named = [source.split(".") for source in column.comes_from]
        others = [read.table for read in body.reads if read.table is not table]
        alike = [(other.name, column.name) for other in others if any(one.name == column.name for one in other.columns)]
        found[column.name] = [dg.TableColumnDep(dg.AssetKey(source), name) for source, name in (named or alike)]
    return dg.TableColumnLineage(found)


def dependency(read: Read) -> dg.AssetDep:
    """The edge of the graph that a read is, with the days it touches."""
    key = dg.AssetKey(read.table.name)
    if not read.table.daily or read.days == "same":
        return dg.AssetDep(key)
    if read.days == "around":
        window = dg.TimeWindowPartitionMapping(start_offset=-read.before, end_offset=read.after, allow_nonexistent_upstream_partitions=True)
        return dg.AssetDep(key, partition_mapping=window)
    return dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())


def _path_columns(table: Table) -> tuple[Column, ...]:
    day = Column("day_utc", "date", "The UTC day of the partition, derived from the path.", required=True)
    return (day,) if table.daily and table.stored else ()
